"""`embodied plan`: from a PDDL domain and problem to a validated plan."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embodied.errors import EmbodiedError


@dataclass(frozen=True)
class PlanCommand:
    """Plan: domain and problem in PDDL to a plan that is validated, or why there is none."""

    domain: str
    """PDDL file of the domain, or the name of one that ships: `household`, `cook`, `cut`, `clean`,
    `delivery`, `pick_and_place`."""

    problem: str
    """PDDL file of the problem."""

    planner: str = "fast-downward"
    """Engine: `fast-downward`, `optimal` (SymK), `fast-downward-opt`, `pyperplan`, ..."""

    timeout: float = 60.0
    """Seconds for reading, search and validation; then the engine is killed."""

    json: bool = False
    """Print the results as one JSON object on the last line."""


def run(config: PlanCommand) -> dict[str, Any]:
    """Plan; returns what `--json` prints. No plan is an answer too, not an error."""
    from embodied.planners.engines import find_engine
    from embodied.planners.household import DOMAINS, load_domain
    from embodied.planners.pddl import read
    from embodied.planners.solve import solve

    find_engine(config.planner)  # a wrong name is refused before anything is read
    domain = load_domain(config.domain) if config.domain in DOMAINS else _text(config.domain)
    task = read(domain, _text(config.problem), (config.domain, config.problem))
    plan = solve(task, config.planner, config.timeout)
    if not config.json:
        for repair in plan.repairs:
            print(f"mended  {repair}")
        for action in plan.actions:
            print(f"({' '.join(action)})")
        found = f", cost {plan.cost:g}" if plan.cost is not None else ""
        reason = f": {plan.reason}" if plan.reason else ""
        checked = ", validated" if plan.validated else ""
        best = ", no plan is cheaper" if plan.optimal else ""
        print(f"{plan.status}{reason}{found}{checked}{best} ({plan.engine}, {plan.seconds:.1f} s)")
    return plan.to_json()


def _text(name: str) -> str:
    path = Path(name)
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise EmbodiedError(f"cannot read {name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise EmbodiedError(f"{name} is not a text file in UTF-8") from error
