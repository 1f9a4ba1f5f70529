"""`embodied plan`: from a PDDL domain and problem, or an environment and a goal, to a plan."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embodied.errors import EmbodiedError

if TYPE_CHECKING:
    from embodied.planners.executive import TraceStep


@dataclass(frozen=True)
class PlanCommand:
    """Plan: a domain and problem in PDDL to a validated plan, or `--env` and `--goal` to acts."""

    domain: str | None = None
    """PDDL file of the domain, or the name of one that ships: `household`, `cook`, `cut`, `clean`,
    `delivery`, `pick_and_place`."""

    problem: str | None = None
    """PDDL file of the problem."""

    env: str | None = None
    """Plan for this environment's state and carry the plan out there: `thor`, ..."""

    goal: str | None = None
    """With --env, what shall hold: `(and (cooked potato) (in potato plate))`. An argument is a type
    (any one object of it), `all:TYPE`, or an objectId."""

    seed: int = 0
    """With --env, decides how the episode starts."""

    scene: str | None = None
    """With --env, the scene, where there are several."""

    executable: str | None = None
    """With --env thor, AI2-THOR's Unity build."""

    steps: int = 60
    """With --env, give up after so many actions."""

    planner: str = "fast-downward"
    """Engine: `fast-downward`, `optimal` (SymK), `fast-downward-opt`, `pyperplan`, ..."""

    timeout: float = 60.0
    """Seconds for reading, search and validation; then the engine is killed."""

    json: bool = False
    """Print the results as one JSON object on the last line."""


def run(config: PlanCommand) -> dict[str, Any]:
    """Plan, or act; returns what `--json` prints. No plan is an answer too, not an error."""
    from embodied.planners.engines import find_engine

    find_engine(config.planner)  # a wrong name is refused before anything is read
    if config.env:
        return _act(config)
    return _plan(config)


def _plan(config: PlanCommand) -> dict[str, Any]:
    from embodied.planners.household import DOMAINS, load_domain
    from embodied.planners.pddl import read
    from embodied.planners.solve import solve

    if not config.domain or not config.problem:
        raise EmbodiedError("give --domain and --problem to plan, or --env and --goal to act")
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


def _act(config: PlanCommand) -> dict[str, Any]:
    from contextlib import closing

    from embodied.planners.executive import Limits
    from embodied.planners.executive import run as carry_out
    from embodied.planners.goals import read_goal
    from embodied.planners.solve import Planner

    if not config.goal or config.domain or config.problem:
        raise EmbodiedError(f"--env {config.env} takes its state from there: give --goal alone")
    goal = read_goal(config.goal)
    limits = Limits(steps=config.steps, timeout=config.timeout)
    with closing(_make_actor(config)) as actor, Planner(config.planner) as planner:
        actor.reset(config.seed)
        trace = carry_out(actor, goal, planner, limits)
    if not config.json:
        for step in trace.steps:
            print(_line(step))
        acts = sum(step.kind == "act" for step in trace.steps)
        print(f"{trace.outcome}: {trace.reason} ({acts} actions, {trace.replans} replans)")
    return {"env": config.env, "seed": config.seed} | trace.to_json()


def _make_actor(config: PlanCommand) -> Any:
    """The environment, given those options that it takes; others are refused."""
    import inspect

    from embodied.registry import ACTORS

    make = ACTORS.load(config.env or "")
    options = {"executable": config.executable, "scene": config.scene}
    given = {name: value for name, value in options.items() if value is not None}
    for name in given.keys() - inspect.signature(make).parameters.keys():
        raise EmbodiedError(f"--env {config.env} has no --{name}: leave it out")
    return make(**given)


def _line(step: "TraceStep") -> str:
    if step.kind == "plan":
        steps = ", ".join(" ".join(action) for action in step.plan)
        return f"plan    {step.status}: {steps or step.reason or 'nothing to do'}"
    result = "done" if step.ok else f"failed: {step.message}"
    return f"act     ({' '.join(step.action)}) {result}"


def _text(name: str) -> str:
    path = Path(name)
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise EmbodiedError(f"cannot read {name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise EmbodiedError(f"{name} is not a text file in UTF-8") from error
