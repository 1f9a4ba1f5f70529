"""The planner's own process: one JSON request a line on stdin, one JSON answer a line on stdout.

It ends when stdin closes. Everything of unified-planning happens here, so that a search that runs
too long can be killed with all it started, and the caller never imports it.
"""

import json
import os
import sys
import warnings
from typing import Any, TextIO

from embodied.planners.relevance import relevant_actions, restrict
from embodied.planners.task import Task


def serve() -> None:
    """Answer requests until stdin closes; says `{}` first, when it is ready."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever an engine prints goes to stderr
    warnings.simplefilter("ignore")
    from embodied.planners import model  # noqa: F401  (slow, and no part of any time-out)

    _say(answers, {})
    for line in sys.stdin:
        before = sum(os.times()[:4])  # user and system time, of children too
        found = answer(json.loads(line))
        _say(answers, found | {"cpu_seconds": sum(os.times()[:4]) - before})


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Fields of a Plan for `{task, engine, optimal, timeout}`, the engine by its own name."""
    from unified_planning.engines import PlanGenerationResultStatus as Result
    from unified_planning.exceptions import UPException

    from embodied.planners.model import action_name, as_plan, build, object_name, plain

    task = Task.from_json(request["task"])
    problem = build(restrict(task, relevant_actions(task)), request["optimal"])
    factory = problem.environment.factory
    problem.environment.credits_stream = None
    try:
        with factory.OneshotPlanner(name=request["engine"]) as planner:
            if not planner.supports(problem.kind):
                missing = problem.kind.features - planner.supported_kind().features
                return {
                    "status": "failed",
                    "reason": f"cannot do {', '.join(sorted(missing)).lower()}",
                }
            # The caller kills us on time; the engine is told, so as not to outlive a killed caller.
            options = {"timeout": request["timeout"]}
            result = planner.solve(problem, **options)
    except UPException as error:
        return {"status": "failed", "reason": f"{type(error).__name__}: {error}"}
    if result.plan is None:
        return _no_plan(result)
    actions = [
        [action_name(step.action.name), *(object_name(str(p)) for p in step.actual_parameters)]
        for step in result.plan.actions
    ]
    # Not on the problem that the engine got: a mistake in leaving things out must show here.
    whole = build(restrict(task, {name for name, *_ in actions}), request["optimal"])
    with factory.PlanValidator(name="sequential_plan_validator") as validator:
        check = validator.validate(whole, as_plan(whole, actions))
    valid = bool(check)
    costs = list((check.metric_evaluations or {}).values())
    return {
        "status": "solved" if valid else "invalid",
        "actions": actions,
        "cost": float(costs[0]) if costs else float(len(actions)),
        "validated": valid,
        "optimal": valid and result.status == Result.SOLVED_OPTIMALLY,
        "reason": "" if valid else plain("; ".join(m.message for m in check.log_messages or ())),
    }


def _no_plan(result: Any) -> dict[str, Any]:
    from unified_planning.engines import PlanGenerationResultStatus as Result

    match result.status:
        case Result.UNSOLVABLE_PROVEN:
            return {"status": "unsolvable", "reason": "the engine has proven that there is no plan"}
        case Result.TIMEOUT:
            return {"status": "timeout"}
    said = " ".join(m.message for m in result.log_messages or ()).strip().splitlines()
    reason = f"{result.status.name.lower().replace('_', ' ')}: {said[-1] if said else ''}"
    return {"status": "failed", "reason": reason.strip(": ")}


def _say(answers: TextIO, data: dict[str, Any]) -> None:
    answers.write(json.dumps(data) + "\n")
    answers.flush()
