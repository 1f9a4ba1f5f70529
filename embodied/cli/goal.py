"""`embodied goal`: what an instruction asks for, as a symbolic goal, a question or no answer."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class GoalCommand:
    """An instruction in words to a symbolic goal: act on it, ask one question, or abstain."""

    instruction: str
    """What is to be done, in words."""

    goals: str
    """Folder that `embodied learn-goals` made."""

    coverage: float = 0.9
    """How often the candidates must hold the right goal; a higher coverage asks more often."""

    json: bool = False
    """Print the results as one JSON object on the last line."""


def run(config: GoalCommand) -> dict[str, Any]:
    """Returns `goal` (null unless there is one to act on), `candidates`, `abstained`, ..."""
    from embodied.cli.instruct import plain, weigh
    from embodied.planners.goals import show_literal

    decision = weigh(config.instruction, config.goals, config.coverage)
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
