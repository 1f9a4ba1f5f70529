"""A witness that writes down where everything was, for `embodied view --trace`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embodied.cli.witness import Words
from embodied.runs.plan_trace import PlanTrace, write_trace

if TYPE_CHECKING:
    from embodied.planners.executive import Trace, TraceStep
    from embodied.planners.plan import Action


class Diary:
    """Keeps the moments of an actor that has `moment()` and `beginning()`; of others the steps.

    task: what is to be done, in words.
    """

    def __init__(self, actor: Any, env: str, task: str) -> None:
        self.actor, self.env, self.task = actor, env, task
        self.words = Words([str(item["objectType"]) for item in actor.observe()])
        self.keeps = hasattr(actor, "moment")
        self.start: dict[str, Any] = actor.beginning() if self.keeps else {}
        self.moments: list[dict[str, Any]] = []
        self.ends: list[int] = []  # of each step, the last moment
        self.moved()

    def begins(self, action: Action) -> None:
        """Nothing is new yet."""

    def moved(self) -> None:
        if self.keeps:
            self.moments.append(self.actor.moment())

    def over(self, step: TraceStep) -> None:
        last = self.ends[-1] if self.ends else 0
        if step.kind == "act" and len(self.moments) - 1 == last:
            self.moved()  # an action that was over at once has a moment of its own
        self.ends.append(max(len(self.moments) - 1, 0))

    def write(self, path: Path, trace: Trace) -> Path:
        """Put it into a file."""
        plans = 0
        steps = []
        for step, moment in zip(trace.steps, self.ends, strict=True):
            plans += step.kind == "plan"
            words = _search(step, plans) if step.kind == "plan" else self.words(step.action)
            said = self.words.message(step.message)
            steps.append(asdict(step) | {"words": words, "message": said, "moment": moment})
        goal = [list(literal) for literal in trace.goal]
        ended = (trace.outcome, trace.reason)
        whole = PlanTrace(self.env, self.task, goal, *ended, steps, self.start, self.moments)
        return write_trace(path, whole)


def _search(step: TraceStep, number: int) -> str:
    if step.status != "solved":
        return f"No plan: {step.reason or step.status}"
    count = len(step.plan)
    return f"{'New plan' if number > 1 else 'Plan'}: {count} action{'s' * (count != 1)}"
