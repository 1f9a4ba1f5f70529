"""`embodied goal`: what an instruction asks for, as a symbolic goal, a question or no answer."""

from dataclasses import dataclass
from pathlib import Path
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
    from embodied.perception.embedded import DEFAULT_FOLDER
    from embodied.perception.goal.conformal import calibrate, decide
    from embodied.perception.goal.text_goal import load
    from embodied.perception.sentences import SentenceEncoder
    from embodied.planners.goals import show_literal

    model = load(Path(config.goals), SentenceEncoder(DEFAULT_FOLDER / "text"))
    goal = model(config.instruction)
    decision = decide(goal, calibrate(model.calibration, config.coverage))
    candidates = [
        {"literals": goal.literals, "confidence": goal.confidence} for goal in decision.candidates
    ]
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
