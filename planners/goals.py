"""Goals of perception as goals of PDDL."""

from dataclasses import replace

from embodied.errors import EmbodiedError, unknown
from embodied.planners.sexpr import Form, parse
from embodied.planners.task import ROOT, Expression, Task
from embodied.signals import UNKNOWN, Goal

ALL = "all:"
TWO = "two"


def read_goal(text: str) -> Goal:
    """The goal in `text`: one literal, or `(and ...)` of literals, in PDDL's parentheses.

    `(and (cooked egg) (in egg fridge) (not (opened fridge)))`; the arguments are those of
    `goal_expression`. Raises EmbodiedError for anything else.
    """
    form = parse(text, "the goal", [])
    parts = form.forms(1) if form.head == "and" else [form]
    if not parts:
        form.fail("(and) holds no literal")
    return Goal(tuple(_words(part) for part in parts))


def _words(literal: Form) -> tuple[str, ...]:
    if literal.head == "not":
        inner = literal.forms(1)
        if len(inner) != 1 or inner[0].head == "not":
            literal.fail("write (not (PREDICATE ARGUMENTS))")
        return ("not", *_words(inner[0]))
    words = tuple(word for word in literal if isinstance(word, str))
    if not words or len(words) < len(literal) or words[0] in ("and", "or", "forall", "exists"):
        literal.fail("a literal is (PREDICATE ARGUMENTS) or (not (PREDICATE ARGUMENTS))")
    return words


def show_literal(literal: tuple[str, ...]) -> str:
    """A goal's literal as PDDL: `(not (opened fridge))`."""
    if literal[0] == "not":
        return f"(not {show_literal(literal[1:])})"
    return f"({' '.join(literal)})"


def goal_expression(task: Task, goal: Goal) -> Expression:
    """The conjunction of the goal's literals, over the types, objects and predicates of `task`.

    A literal is `(predicate, *arguments)` or `("not", predicate, *arguments)`. An argument is an
    object; or a type, for any one object of it, the same one in all literals; or `all:TYPE`, for
    every object of it. `("two", TYPE, RECEPTACLE)` is two different objects of the type in one
    receptacle; what else is said of the type is said of one of them. A trailing "unknown" that the
    predicate has no place for is dropped.
    `("cooked", "egg"), ("in", "egg", "fridge")` is an egg that is cooked and in a fridge;
    `("not", "opened", "all:drawer")` is that no drawer is open.

    Raises EmbodiedError if the goal abstains, needs an object that is not there, or has words that
    the domain does not.
    """
    if goal.abstained:
        raise EmbodiedError(f"there is no goal to plan for: {goal.reason}")
    some: dict[str, str] = {}  # variable -> its type
    parts: list[Expression] = []
    for literal in goal.literals:
        read = _two if literal[0].lower() == TWO and TWO in goal_words(task) else _literal
        parts.append(read(task, literal, some))
    body: Expression = ("and", *parts)
    return ("exists", tuple(some.items()), body) if some else body


def possible(task: Task, goal: Goal) -> Goal:
    """The goal and its alternatives but for those that name what is not there; else the goal.

    `unknown` names nothing. Who saw a cup where there are only mugs did not mean the cup.
    """
    ranked = (replace(goal, alternatives=()), *goal.alternatives)
    found = [one for one in ranked if all(_there(task, word) for word in _named(one))]
    return replace(found[0], alternatives=tuple(found[1:])) if found else goal


def _named(goal: Goal) -> list[str]:
    literals = (literal[1:] if literal[0] == "not" else literal for literal in goal.literals)
    return [word.lower().removeprefix(ALL) for literal in literals for word in literal[1:]]


def _there(task: Task, word: str) -> bool:
    return word in (UNKNOWN, *task.objects) or bool(word in task.types and task.of_type(word))


def goal_words(task: Task) -> dict[str, tuple[str, ...]]:
    """What goals can say: the predicates with the types of their arguments, and `two`."""
    two = {TWO: ("type", "receptacle")} if len(task.predicates.get("in", ())) == 2 else {}
    return two | task.predicates


def _two(task: Task, literal: tuple[str, ...], some: dict[str, str]) -> Expression:
    words = tuple(word.lower() for word in literal[1:])
    if len(words) != 2 or words[0] in task.objects or any(w.startswith(ALL) for w in words):
        raise EmbodiedError(f"write (two TYPE RECEPTACLE), not ({' '.join(literal)})")
    kind, place = words
    one = _literal(task, ("in", kind, place), some)
    if len(task.of_type(kind)) < 2:
        raise EmbodiedError(f"the goal ({' '.join(literal)}) needs two of {kind!r}: one is in view")
    other = f"?other-{kind}"
    some[other] = kind
    return ("and", one, ("in", other, one[2]), ("not", ("=", one[1], other)))


def _literal(task: Task, literal: tuple[str, ...], some: dict[str, str]) -> Expression:
    words = tuple(word.lower() for word in literal)
    negative = words[0] == "not"
    name, *arguments = words[1:] if negative else words
    if name not in task.predicates:
        if negative and name == TWO:
            raise EmbodiedError("there is no (not (two ...)): say what shall hold of which object")
        raise unknown("predicate", name, goal_words(task))
    arity = len(task.predicates[name])
    while len(arguments) > arity and arguments[-1] == UNKNOWN:
        arguments.pop()
    if len(arguments) != arity:
        raise EmbodiedError(f"{name!r} has {arity} arguments, the goal gives it {len(arguments)}")
    for word, wanted in zip(arguments, task.predicates[name], strict=True):
        own = task.objects.get(word, word.removeprefix(ALL))
        if own in (*task.types, ROOT) and not task.is_a(own, wanted):
            raise EmbodiedError(f"{name!r} cannot be said of {word!r}: that is no {wanted}")
    every: dict[str, str] = {}
    terms = [_term(task, word, some, every, literal) for word in arguments]
    formula: Expression = (name, *terms)
    if negative:
        formula = ("not", formula)
    if every:
        formula = ("forall", tuple((variable, kind) for kind, variable in every.items()), formula)
    return formula


def _term(
    task: Task, word: str, some: dict[str, str], every: dict[str, str], literal: tuple[str, ...]
) -> str:
    if word in task.objects:
        return word
    if word == UNKNOWN:
        raise EmbodiedError(f"the goal ({' '.join(literal)}) needs an object that is not in view")
    kind = word.removeprefix(ALL)
    if kind not in task.types:
        raise unknown("object or type", kind, [*task.objects, *task.types])
    if word.startswith(ALL):
        return every.setdefault(kind, f"?all-{kind}")
    if not task.of_type(kind):
        raise EmbodiedError(f"the goal ({' '.join(literal)}) needs {kind!r}: there is none in view")
    variable = f"?some-{kind}"
    some[variable] = kind
    return variable
