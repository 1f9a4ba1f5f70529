"""What an instruction means for `embodied plan`: a goal, a question, or nothing to be done."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embodied.errors import EmbodiedError
from embodied.signals import Goal

LOOKS = 3
"""Places from which a kitchen is looked at before something counts as not in view."""

if TYPE_CHECKING:
    from embodied.perception.goal.conformal import Decision
    from embodied.perception.goal.text_goal import TextGoals
    from embodied.planners.household import Household
    from embodied.planners.solve import Planner


def understand(
    instruction: str,
    actor: Any,
    planner: Planner,
    chat: str | None = None,
    goals: str | None = None,
    coverage: float = 0.9,
    timeout: float = 60.0,
    ask: bool = False,
) -> tuple[Goal, dict[str, Any]]:
    """The goal, which abstains if there is a question to ask or no answer, and what was weighed.

    chat: model that is shown the actor's view and whose goals the planner checks.
    goals: folder of `embodied learn-goals`, if there is no `chat`; None for those that ship: one
        looks at the generated kitchen, one knows ALFRED's words and homes.
    ask: put the question on the terminal, if there is one, and take the answer.
    """
    if chat is None:
        if _sees(goals, actor):
            decision = look(instruction, actor, goals, coverage)
        else:
            model = load_text_goals(goals)
            home = getattr(actor, "scene", None)
            decision = weigh(model, instruction, coverage, home if home in model.homes else None)
        weighed = {"candidates": plain(decision.candidates), "question": decision.question}
        return settle(decision, ask), weighed
    from embodied.perception.chat import load_chat
    from embodied.perception.goal.chat_goal import GoalWords, ask_goal
    from embodied.planners.goals import goal_words
    from embodied.planners.household import from_metadata

    world = from_metadata(actor.observe())
    task = world.task
    objects = {name: kind for name, kind in task.objects.items() if name in world.ids}
    words = GoalWords(goal_words(task), tuple(task.types), objects)
    model = load_chat(chat)
    goal = ask_goal(
        model, instruction, words, lambda g: _reach(world, g, planner, timeout), actor.frame()
    )
    found = () if goal.abstained else (goal,)
    question = goal.reason if goal.abstained else ""
    return goal, {"candidates": plain(found), "question": question, "chat": model.ledger.to_json()}


def look(instruction: str, actor: Any, folder: str | None, coverage: float) -> Decision:
    """What a model that sees makes of the words, from up to three places of the actor's choice.

    It goes on to the next place while it cannot act, and remembers what it saw before. Goals that
    name what the kitchen does not have are left out.
    """
    import numpy as np

    from embodied.perception.goal.conformal import calibrate, decide
    from embodied.perception.goal.seen_goal import DEFAULT_GOALS, load
    from embodied.perception.goal.triple import missing
    from embodied.planners.goals import possible
    from embodied.planners.household import from_metadata

    if not hasattr(actor, "look"):
        raise EmbodiedError("goals from pictures know the generated kitchen alone: --env kitchen")
    model = load(Path(folder) if folder else DEFAULT_GOALS)
    calibration = calibrate(model.calibration, coverage)
    task = from_metadata(actor.observe()).task
    seen: list[np.ndarray] = []
    while True:
        seen.append(actor.look(len(seen)))
        goal = possible(task, model(np.stack(seen), instruction))
        decision = decide(goal, calibration)
        acts = decision.verdict == "act" and not missing(decision.candidates[0])
        if acts or len(seen) == LOOKS:
            return decision


def _sees(folder: str | None, actor: Any) -> bool:
    """Whether goals look at pictures; those that ship do where the actor can show some to them."""
    if folder is None:
        return hasattr(actor, "look")
    try:
        return "scene" in json.loads((Path(folder) / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False  # whoever reads it next says what is wrong


def settle(decision: Decision, ask: bool) -> Goal:
    """The goal to act on, or one that abstains and says why."""
    from embodied.perception.goal.triple import missing

    found = decision.candidates
    if decision.verdict == "ask" and ask and sys.stdin.isatty():
        found = (found[_answer(decision)],)
    elif decision.verdict == "ask":
        return Goal((), 0.0, reason=decision.question)
    elif decision.verdict == "abstain":
        return Goal((), 0.0, reason="no goal is probable enough")
    lacks = missing(found[0])
    return Goal((), 0.0, reason=lacks) if lacks else found[0]


def _answer(decision: Decision) -> int:
    """The number, from 0, of the candidate that the person at the terminal means."""
    from embodied.planners.goals import show_literal

    print(decision.question)
    for k, goal in enumerate(decision.candidates, 1):
        print(f"  {k}  {' '.join(map(show_literal, goal.literals))}")
    while True:
        said = input(f"1 to {len(decision.candidates)}: ").strip()
        if said.isdigit() and 1 <= int(said) <= len(decision.candidates):
            return int(said) - 1


def load_text_goals(folder: str | None) -> TextGoals:
    """The model of `embodied learn-goals` in `folder`, or the one that ships."""
    from embodied.perception.embedded import DEFAULT_FOLDER
    from embodied.perception.goal.text_goal import DEFAULT_GOALS, load
    from embodied.perception.sentences import SentenceEncoder

    return load(Path(folder or DEFAULT_GOALS), SentenceEncoder(DEFAULT_FOLDER / "text"))


def weigh(model: TextGoals, instruction: str, coverage: float, home: str | None = None) -> Decision:
    """What a model makes of words, said in a home if what was asked for there is to count."""
    from embodied.perception.goal.conformal import calibrate, decide

    given = model.calibration if home is None else model.home_calibration
    return decide(model(instruction, home), calibrate(given, coverage))


def plain(goals: Sequence[Goal]) -> list[dict[str, Any]]:
    """Goals as JSON has them."""
    return [{"literals": goal.literals, "confidence": goal.confidence} for goal in goals]


def _reach(world: Household, goal: Goal, planner: Planner, timeout: float) -> None:
    """Raise EmbodiedError for a goal that no plan reaches."""
    plan = planner.solve(world.with_goal(goal).task, timeout)
    if not plan.solved:
        reason = f": {plan.reason}" if plan.reason else ""
        raise EmbodiedError(f"no plan reaches this goal ({plan.status}{reason})")
