"""What of a task can matter to its goal: foreign domains bring much that cannot.

unified-planning writes down every fact that could be, true or not, so the time it takes grows with
each predicate. Leaving out what cannot matter does not change whether there is a plan, and a plan
without it is one with it.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

from embodied.planners.task import TRUE, ActionSchema, Expression, Task

Literal = tuple[str, bool]  # a predicate, and whether it is wanted true or false


def relevant_actions(task: Task) -> set[str]:
    """Names of the actions that can help to reach the goal, seen from predicates alone.

    Backwards: what the goal reads is wanted; an action that makes it so is relevant, and then what
    that action reads is wanted too.
    """
    wanted = set(_reads(task.goal, True))
    chosen: set[str] = set()
    before = -1
    while before != len(wanted) + len(chosen):
        before = len(wanted) + len(chosen)
        for schema in task.actions:
            effects = list(_effects(schema.effect))
            if not any(literal in wanted for literal, _ in effects):
                continue
            chosen.add(schema.name)
            wanted |= set(_reads(schema.precondition, True))
            for (name, value), conditions in effects:
                for condition in conditions:
                    if (name, value) in wanted:
                        wanted |= set(_reads(condition, True))
                    if (name, not value) in wanted:  # an effect to avoid: its condition false
                        wanted |= set(_reads(condition, False))
    return chosen


def changes(task: Task) -> set[Literal]:
    """What the task's actions make true or false."""
    return {literal for schema in task.actions for literal, _ in _effects(schema.effect)}


def restrict(task: Task, actions: Collection[str]) -> Task:
    """The task with these actions alone, without the predicates that nothing in it reads."""
    schemas = [schema for schema in task.actions if schema.name in actions]
    read = {name for name, _ in _reads(task.goal, True)}
    for schema in schemas:
        read |= {name for name, _ in _reads(schema.precondition, True)}
    before = -1
    while before != len(read):
        before = len(read)
        for schema in schemas:
            for (name, _), conditions in _effects(schema.effect):
                if name in read:
                    read |= {n for part in conditions for n, _ in _reads(part, True)}
    return replace(
        task,
        predicates={name: kinds for name, kinds in task.predicates.items() if name in read},
        init=frozenset(fact for fact in task.init if fact[0] in read),
        actions=tuple(_keep(schema, read) for schema in schemas),
    )


def _keep(schema: ActionSchema, read: set[str]) -> ActionSchema:
    return replace(schema, effect=_kept(schema.effect, read))


def _kept(effect: Expression, read: set[str]) -> Expression:
    if effect[0] == "and":
        parts = (_kept(part, read) for part in effect[1:])
        return ("and", *(part for part in parts if part != TRUE))
    if effect[0] in ("when", "forall"):
        inner = _kept(effect[2], read)
        return TRUE if inner == TRUE else (effect[0], effect[1], inner)
    name = effect[1][0] if effect[0] == "not" else effect[0]
    return effect if name in read else TRUE


def _reads(formula: Expression, value: bool) -> Iterator[Literal]:
    """The predicates in a condition, and which value of each makes the condition `value`."""
    match formula[0]:
        case "and" | "or":
            for part in formula[1:]:
                yield from _reads(part, value)
        case "not":
            yield from _reads(formula[1], not value)
        case "imply":
            yield from _reads(formula[1], not value)
            yield from _reads(formula[2], value)
        case "forall" | "exists":
            yield from _reads(formula[2], value)
        case "=":
            return
        case name:
            yield name, value


def _effects(
    effect: Expression, conditions: tuple[Expression, ...] = ()
) -> Iterator[tuple[Literal, tuple[Expression, ...]]]:
    """Each literal that an action makes true, with the conditions it stands under."""
    match effect[0]:
        case "and":
            for part in effect[1:]:
                yield from _effects(part, conditions)
        case "when":
            yield from _effects(effect[2], (*conditions, effect[1]))
        case "forall":
            yield from _effects(effect[2], conditions)
        case "not":
            yield (effect[1][0], False), conditions
        case name:
            yield (name, True), conditions
