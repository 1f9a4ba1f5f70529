"""`embodied plan`: a PDDL problem to a plan, or a goal or an instruction to acts."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embodied.errors import EmbodiedError

if TYPE_CHECKING:
    from embodied.cli.plan_diary import Diary
    from embodied.cli.plan_film import Film
    from embodied.planners.executive import TraceStep
    from embodied.signals import Goal


@dataclass(frozen=True)
class PlanCommand:
    """Plan a problem in PDDL, or act on a goal or an instruction in an environment (`--env`)."""

    domain: str | None = None
    """PDDL file of the domain, or the name of one that ships: `household`, `cook`, `cut`, `clean`,
    `delivery`, `pick_and_place`."""

    problem: str | None = None
    """PDDL file of the problem."""

    env: str | None = None
    """Plan for this environment's state and carry the plan out there: `kitchen`, `thor`."""

    goal: str | None = None
    """With --env, what shall hold: `(and (cooked potato) (in potato plate))`. An argument is a type
    (any one object of it), `all:TYPE`, or an objectId."""

    instruction: str | None = None
    """With --env, what is to be done in words, instead of --goal. In `kitchen` a model that ships
    looks at the scene and understands."""

    chat: str | None = None
    """Who understands --instruction: `http://HOST/v1#MODEL`, `replay:FILE`; it sees the scene."""

    goals: str | None = None
    """Or a folder of `embodied learn-goals`: knows words alone, or with --kitchen sees too."""

    coverage: float = 0.9
    """Without --chat, how often the candidates must hold the right goal."""

    ask: bool = False
    """If a few goals may be meant, ask on the terminal which; else the question is only told."""

    seed: int = 0
    """With --env, decides how the episode starts."""

    scene: str | None = None
    """With --env, the scene, where there are several."""

    executable: str | None = None
    """With --env thor, AI2-THOR's Unity build."""

    steps: int = 60
    """With --env, give up after so many actions."""

    record: str | None = None
    """With --env, an mp4 of it through the agent's eyes, with each step in words."""

    trace: str | None = None
    """With --env, a file of what was planned, done and seen, for `embodied view --trace`."""

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
    if config.record or config.trace:
        raise EmbodiedError("--record and --trace are of what is done with --env: leave them out")
    return _plan(config)


def _plan(config: PlanCommand) -> dict[str, Any]:
    from embodied.planners.household import DOMAINS, load_domain
    from embodied.planners.pddl import read
    from embodied.planners.solve import solve

    if not config.domain or not config.problem:
        raise EmbodiedError(
            "give --domain and --problem to plan, or --env and --goal or --instruction to act"
        )
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

    from embodied.cli.headless import draw_without_display
    from embodied.cli.instruct import understand
    from embodied.cli.witness import Witnessed
    from embodied.planners.executive import Limits
    from embodied.planners.executive import run as carry_out
    from embodied.planners.goals import read_goal, show_literal
    from embodied.planners.solve import Planner

    if bool(config.goal) == bool(config.instruction) or config.domain or config.problem:
        raise EmbodiedError(
            f"--env {config.env} takes its state from there: give --goal or --instruction alone"
        )
    if config.chat is not None and config.goals is not None:
        raise EmbodiedError(
            "one of --chat and --goals understands --instruction: leave the other out"
        )
    if config.goal and (config.chat or config.goals):
        raise EmbodiedError("--chat and --goals are for --instruction: leave them out with --goal")
    goal = read_goal(config.goal) if config.goal else None
    limits = Limits(steps=config.steps, timeout=config.timeout)
    draw_without_display()
    result: dict[str, Any] = {"env": config.env, "seed": config.seed}
    with closing(_make_actor(config)) as actor, Planner(config.planner) as planner:
        actor.reset(config.seed)
        if goal is None:
            words, heard = config.instruction or "", (config.chat, config.goals, config.coverage)
            goal, weighed = understand(words, actor, planner, *heard, config.timeout, config.ask)
            result |= {"instruction": words, "abstained": goal.abstained} | weighed
            if goal.abstained:
                if not config.json:
                    print(goal.reason)
                return result | {"goal": None, "success": False}
            if not config.json:
                print(f"goal    {' '.join(map(show_literal, goal.literals))}")
        witnesses = _witnesses(config, actor, goal)
        witnessed = Witnessed(actor, list(witnesses.values()))
        trace = carry_out(witnessed, goal, planner, limits, witnessed.heard)
        written = {path: witness.write(Path(path), trace) for path, witness in witnesses.items()}
    acts = [step for step in trace.steps if step.kind == "act"]
    if not config.json:
        for step in trace.steps:
            print(_line(step))
        print(f"{trace.outcome}: {trace.reason} ({len(acts)} actions, {trace.replans} replans)")
        for path in written:
            print(f"written {path}")
    return (
        result
        | trace.to_json()
        | {
            "plan": next((step.plan for step in trace.steps if step.kind == "plan"), ()),
            "executed": [step.action for step in acts if step.ok],
            "success": trace.outcome == "reached",
            "seconds": trace.steps[-1].seconds if trace.steps else 0.0,
        }
    )


def _witnesses(config: PlanCommand, actor: Any, goal: "Goal") -> "dict[str, Film | Diary]":
    """Who looks on, by the file that it writes at the end."""
    env, title = config.env or "", _title(config, goal)
    from embodied.cli.plan_diary import Diary
    from embodied.cli.plan_film import Film

    found: dict[str, Film | Diary] = {}
    if config.record:
        found[config.record] = Film(actor, title, env)
    if config.trace:
        found[config.trace] = Diary(actor, env, title)
    return found


def _title(config: PlanCommand, goal: "Goal") -> str:
    """What is to be done: the instruction, or else the goal."""
    from embodied.planners.goals import show_literal

    return config.instruction or " ".join(map(show_literal, goal.literals))


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
