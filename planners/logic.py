"""Which formulas hold in a state: PDDL's conditions, evaluated on plain data."""

from collections.abc import Collection

from embodied.planners.task import Expression, Fact, Task


def holds(task: Task, formula: Expression, facts: Collection[Fact]) -> bool:
    """Whether the closed `formula` is true where exactly `facts` are (a set, for speed)."""
    return _holds(task, formula, facts, {})


def conjuncts(formula: Expression) -> list[Expression]:
    """The parts that must all hold; nested conjunctions are flattened."""
    if not formula or formula[0] != "and":
        return [formula] if formula else []
    return [part for item in formula[1:] for part in conjuncts(item)]


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


def _bindings(task: Task, variables: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = [{}]
    for name, kind in variables:
        found = [binding | {name: obj} for binding in found for obj in task.of_type(kind)]
    return found
