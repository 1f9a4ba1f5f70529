"""Which formulas hold in a state: PDDL's conditions, evaluated on plain data."""

from collections.abc import Collection, Iterable

from embodied.planners.task import Expression, Fact, Task


def holds(task: Task, formula: Expression, facts: Collection[Fact]) -> bool:
    """Whether the closed `formula` is true where exactly `facts` are (a set, for speed)."""
    return _holds(task, formula, facts, {})


def conjuncts(formula: Expression) -> list[Expression]:
    """The parts that must all hold; nested conjunctions are flattened."""
    if not formula or formula[0] != "and":
        return [formula] if formula else []
    return [part for item in formula[1:] for part in conjuncts(item)]


def progress(task: Task, facts: frozenset[Fact], action: Fact) -> frozenset[Fact] | None:
    """The facts after a ground action; None if its precondition does not hold.

    As in PDDL, what one effect adds stays even if another one deletes it.
    """
    schema = next(schema for schema in task.actions if schema.name == action[0])
    names = (name for name, _ in schema.parameters)
    bound = dict(zip(names, action[1:], strict=True))
    if not _holds(task, schema.precondition, facts, bound):
        return None
    added: set[Fact] = set()
    deleted: set[Fact] = set()
    _collect(task, schema.effect, facts, bound, added, deleted)
    return (facts - deleted) | added


def reaches_goal(task: Task, facts: frozenset[Fact], actions: Iterable[Fact]) -> bool:
    """Whether the actions can be done one after the other from `facts`, and then the goal holds."""
    state: frozenset[Fact] | None = facts
    for action in actions:
        state = progress(task, state, action)
        if state is None:
            return False
    return holds(task, task.goal, state)


def show(formula: Expression | str) -> str:
    """The formula as PDDL."""
    return formula if isinstance(formula, str) else f"({' '.join(map(show, formula))})"


def _holds(task: Task, formula: Expression, facts: Collection[Fact], bound: dict[str, str]) -> bool:
    head, rest = formula[0], formula[1:]
    match head:
        case "and":
            return all(_holds(task, part, facts, bound) for part in rest)
        case "or":
            return any(_holds(task, part, facts, bound) for part in rest)
        case "not":
            return not _holds(task, rest[0], facts, bound)
        case "imply":
            return not _holds(task, rest[0], facts, bound) or _holds(task, rest[1], facts, bound)
        case "forall" | "exists":
            variables, body = rest
            decide = all if head == "forall" else any
            return decide(_holds(task, body, facts, bound | b) for b in _bindings(task, variables))
        case "=":
            return bound.get(rest[0], rest[0]) == bound.get(rest[1], rest[1])
    return (head, *(bound.get(word, word) for word in rest)) in facts


def _collect(
    task: Task,
    effect: Expression,
    facts: Collection[Fact],
    bound: dict[str, str],
    added: set[Fact],
    deleted: set[Fact],
) -> None:
    head, rest = effect[0], effect[1:]
    match head:
        case "and":
            for part in rest:
                _collect(task, part, facts, bound, added, deleted)
        case "when":
            if _holds(task, rest[0], facts, bound):
                _collect(task, rest[1], facts, bound, added, deleted)
        case "forall":
            for binding in _bindings(task, rest[0]):
                _collect(task, rest[1], facts, bound | binding, added, deleted)
        case _:
            literal: Fact = rest[0] if head == "not" else effect
            fact = (literal[0], *(bound.get(word, word) for word in literal[1:]))
            (deleted if head == "not" else added).add(fact)


def _bindings(task: Task, variables: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = [{}]
    for name, kind in variables:
        found = [binding | {name: obj} for binding in found for obj in task.of_type(kind)]
    return found
