"""SGL's goals, `action subject object` (arXiv:2202.09912), as literals and words."""

from __future__ import annotations

from embodied.signals import UNKNOWN, Goal

Triple = tuple[str, str, str]
"""Action (`contain`, `cut`, `clean`, `cook`), subject and object: types in small letters, or
`hand`, `knife`, or `unknown` for what is needed and not in view."""

DRINKS = ("mug", "cup")
"""What is heated with what is in it, and is not food that cooks."""

_DONE = {"contain": "moved", "cut": "cut", "clean": "cleaned", "cook": "heated"}
_TOOL = {
    "contain": "there is nothing in view where the {s} is to go",
    "cut": "there is no knife in view to cut the {s} with",
    "clean": "there is no sink in view to clean the {s} in",
    "cook": "there is nothing in view to heat the {s} in",
}


def goal_of(triple: Triple, confidence: float) -> Goal:
    """The triple as a goal of the household domain; `unknown` stays in its literals."""
    action, subject, other = triple
    if action == "contain" and other == "hand":
        literals: tuple[tuple[str, ...], ...] = (("holding", subject),)
    elif action == "contain":
        literals = (("in", subject, other),)
    elif action == "cook" and subject in DRINKS:
        literals = (("in", subject, other), ("toggled", other))
    elif action == "cook":
        literals = (("cooked", subject), ("in", subject, other))
    else:
        word = {"cut": ("sliced", subject), "clean": ("not", "dirty", f"all:{subject}")}[action]
        literals = ((*word, *((UNKNOWN,) if other == UNKNOWN else ())),)
    return Goal(literals, confidence)


def missing(goal: Goal) -> str:
    """What a goal of `goal_of` needs and the view lacks, in one line; "" if nothing."""
    words = [word.removeprefix("all:") for literal in goal.literals for word in literal]
    if UNKNOWN not in words:
        return ""
    first = goal.literals[0]
    start = 2 if first[0] == "not" else 1
    predicate, subject = first[start - 1], first[start].removeprefix("all:")
    action = {"sliced": "cut", "dirty": "clean", "cooked": "cook"}.get(predicate, "contain")
    if any(literal[0] == "toggled" for literal in goal.literals):  # a drink that is heated
        action = "cook"
    if subject == UNKNOWN:
        return f"what is to be {_DONE[action]} is not in view"
    return _TOOL[action].format(s=subject)
