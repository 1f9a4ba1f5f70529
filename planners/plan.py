"""What planning gives: a plan, or why there is none."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Action = tuple[str, ...]  # (name, *objects)

Status = Literal["solved", "unsolvable", "timeout", "invalid", "failed"]


@dataclass(frozen=True)
class Plan:
    """The answer of one engine to one task.

    status: `solved`; `unsolvable`, which is proven; `timeout`; `invalid`, the engine gave a plan
        that does not reach the goal; `failed`, the engine gave up without an answer.
    actions: in order; empty unless solved or invalid.
    cost: the sum of the actions' costs if the task minimises it, else their number; None if there
        is no plan.
    validated: the plan passed unified-planning's `sequential_plan_validator`.
    optimal: the engine guarantees that no plan is cheaper.
    seconds: wall time from request to answer. cpu_seconds: CPU time of that, the
        planner process and the engine together.
    repairs: what was mended in the PDDL, a line each.
    reason: why there is no valid plan.
    """

    status: Status
    actions: tuple[Action, ...] = ()
    cost: float | None = None
    validated: bool = False
    optimal: bool = False
    engine: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    repairs: tuple[str, ...] = ()
    reason: str = ""

    @property
    def solved(self) -> bool:
        """Whether `actions` reach the goal."""
        return self.status == "solved"

    def to_json(self) -> dict[str, Any]:
        """The fields as JSON data, the actions under `plan`."""
        data = asdict(self)
        return {"plan": [list(action) for action in data.pop("actions")], **data}
