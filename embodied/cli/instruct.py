"""What an instruction means for `embodied plan`: a goal, a question, or nothing to be done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embodied.errors import EmbodiedError
from embodied.signals import Goal

if TYPE_CHECKING:
    from embodied.perception.goal.conformal import Decision
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
    goals: folder of `embodied learn-goals`, for words alone, if there is no `chat`.
    """
    if chat is None:
        decision = weigh(instruction, goals or "", coverage)
        weighed = {"candidates": plain(decision.candidates), "question": decision.question}
        if decision.verdict == "act":
            return decision.candidates[0], weighed
        return Goal((), 0.0, reason=decision.question or "no goal is probable enough"), weighed
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


def weigh(instruction: str, folder: str, coverage: float) -> Decision:
    """What the model of `embodied learn-goals` in `folder` makes of the words."""
    from embodied.perception.embedded import DEFAULT_FOLDER
    from embodied.perception.goal.conformal import calibrate, decide
    from embodied.perception.goal.text_goal import load
    from embodied.perception.sentences import SentenceEncoder

    model = load(Path(folder), SentenceEncoder(DEFAULT_FOLDER / "text"))
    goal = model(instruction)
    return decide(goal, calibrate(model.calibration, coverage))


def plain(goals: Sequence[Goal]) -> list[dict[str, Any]]:
    """Goals as JSON has them."""
    return [{"literals": goal.literals, "confidence": goal.confidence} for goal in goals]


def _reach(world: Household, goal: Goal, planner: Planner, timeout: float) -> None:
    """Raise EmbodiedError for a goal that no plan reaches."""
    plan = planner.solve(world.with_goal(goal).task, timeout)
    if not plan.solved:
        reason = f": {plan.reason}" if plan.reason else ""
        raise EmbodiedError(f"no plan reaches this goal ({plan.status}{reason})")
