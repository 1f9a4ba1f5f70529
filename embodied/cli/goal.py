"""`embodied goal`: what an instruction asks for, as a symbolic goal, a question or no answer."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class GoalCommand:
    """An instruction in words to a symbolic goal: act on it, ask one question, or abstain."""

    instruction: str
    """What is to be done, in words."""

    goals: str | None = None
    """Folder that `embodied learn-goals` made; the one that ships, of ALFRED's words, if none."""

    home: str | None = None
    """Where it is said, e.g. FloorPlan301: what was asked for there before counts."""

    coverage: float = 0.9
    """How often the candidates must hold the right goal; a higher coverage asks more often."""

    json: bool = False
    """Print the results as one JSON object on the last line."""


def run(config: GoalCommand) -> dict[str, Any]:
    """Returns `goal` (null unless there is one to act on), `candidates`, `abstained`, ..."""
    from embodied.cli.instruct import load_text_goals, plain, weigh
    from embodied.planners.goals import show_literal

    model = load_text_goals(config.goals)
    decision = weigh(model, config.instruction, config.coverage, config.home)
    candidates = plain(decision.candidates)
    if not config.json:
        for goal in decision.candidates:
            print(f"{goal.confidence:5.0%}  {' '.join(map(show_literal, goal.literals))}")
        print(decision.question or decision.verdict)
    return {
        "goal": candidates[0] if decision.verdict == "act" else None,
        "candidates": candidates,
        "verdict": decision.verdict,
        "abstained": decision.verdict == "abstain",
        "question": decision.question,
        "coverage": config.coverage,
    }
