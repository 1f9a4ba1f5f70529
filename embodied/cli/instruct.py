"""What an instruction means for `embodied plan`: a goal, a question, or nothing to be done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from embodied.errors import EmbodiedError
from embodied.signals import Goal

if TYPE_CHECKING:
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
) -> tuple[Goal, dict[str, Any]]:
    """The goal, which abstains if there is a question to ask or no answer, and what was weighed.

    chat: model that is shown the actor's view and whose goals the planner checks.
    goals: folder of `embodied learn-goals`, for words alone.
    """
    if (chat is None) == (goals is None):
        raise EmbodiedError(
            "say who understands --instruction: --chat http://HOST/v1#MODEL, or --goals FOLDER "
            "that `embodied learn-goals` made"
        )
    if goals is not None:
        return _from_words(instruction, goals, coverage)
    from embodied.perception.chat import load_chat
    from embodied.perception.goal.chat_goal import GoalWords, ask_goal
    from embodied.planners.household import from_metadata

    world = from_metadata(actor.observe())
    task = world.task
    objects = {name: kind for name, kind in task.objects.items() if name in world.ids}
    words = GoalWords(task.predicates, tuple(task.types), objects)
    model = load_chat(chat or "")
    goal = ask_goal(
        model, instruction, words, lambda g: _reach(world, g, planner, timeout), actor.frame()
    )
    found = [] if goal.abstained else [_plain(goal)]
    question = goal.reason if goal.abstained else ""
    return goal, {"candidates": found, "question": question, "chat": model.ledger.to_json()}


def _reach(world: Household, goal: Goal, planner: Planner, timeout: float) -> None:
    """Raise EmbodiedError for a goal that no plan reaches."""
    plan = planner.solve(world.with_goal(goal).task, timeout)
    if not plan.solved:
        reason = f": {plan.reason}" if plan.reason else ""
        raise EmbodiedError(f"no plan reaches this goal ({plan.status}{reason})")


def _from_words(instruction: str, folder: str, coverage: float) -> tuple[Goal, dict[str, Any]]:
    from embodied.perception.embedded import DEFAULT_FOLDER
    from embodied.perception.goal.conformal import calibrate, decide
    from embodied.perception.goal.text_goal import load
    from embodied.perception.sentences import SentenceEncoder

    model = load(Path(folder), SentenceEncoder(DEFAULT_FOLDER / "text"))
    goal = model(instruction)
    decision = decide(goal, calibrate(model.calibration, coverage))
    weighed = {
        "candidates": [_plain(one) for one in decision.candidates],
        "question": decision.question,
    }
    if decision.verdict == "act":
        return decision.candidates[0], weighed
    return Goal((), 0.0, reason=decision.question or "no goal is probable enough"), weighed


def _plain(goal: Goal) -> dict[str, Any]:
    return {"literals": goal.literals, "confidence": goal.confidence}
