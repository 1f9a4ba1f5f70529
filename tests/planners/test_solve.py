"""Solving with a real engine: answers told apart, time-outs that hold, plans that are checked."""

import json
import time
from dataclasses import replace

import psutil
import pytest

from embodied.errors import EmbodiedError, MissingDependency
from embodied.planners import engines, worker
from embodied.planners.household import load_domain
from embodied.planners.logic import reaches_goal
from embodied.planners.pddl import read
from embodied.planners.solve import Planner
from embodied.planners.task import Task
from tests.planners.conftest import PATIENCE

SGL = {
    "pick_and_place": (
        "(:objects mug box) (:init (graspable mug) (containable box) (free))",
        "(contain mug box)",
    ),
    "delivery": (
        "(:objects mug hand) (:init (graspable mug) (containable hand) (free))",
        "(contain mug hand)",
    ),
    "cut": (
        "(:objects apple knife) (:init (cuttable apple) (cuttool knife) (free))",
        "(cut apple knife)",
    ),
    "clean": (
        "(:objects pan sink) (:init (graspable pan) (containable sink) (toggleable sink) (free))",
        "(clean pan sink)",
    ),
    "cook": (
        "(:objects egg oven) (:init (graspable egg) (open_containable oven) (openable oven)"
        " (closeable oven) (closed oven) (toggleable oven) (free))",
        "(cook egg oven)",
    ),
}
STEPS = {"pick_and_place": 2, "delivery": 2, "cut": 2, "clean": 3, "cook": 5}

# Translating it takes hours: one action of nine arguments over forty objects.
HUGE = read(
    """(define (domain huge) (:requirements :adl) (:predicates (p ?a) (q ?a ?b))
    (:action a :parameters (?a ?b ?c ?d ?e ?f ?g ?h ?i)
      :precondition (and (q ?a ?b) (q ?c ?d) (q ?e ?f) (q ?g ?h) (q ?h ?i) (not (p ?a)))
      :effect (and (p ?i) (q ?i ?a) (when (p ?b) (not (q ?c ?e))))))""",
    f"(define (problem x) (:domain huge) (:objects {' '.join(f'o{i}' for i in range(40))} never)"
    f"(:init {' '.join(f'(q o{i} o{j})' for i in range(40) for j in range(40))})"
    "(:goal (p never)))",
)


def sgl(name: str) -> Task:
    given, goal = SGL[name]
    text = f"(define (problem p) (:domain {name}) {given} (:goal {goal}))"
    return read(load_domain(name), text)


@pytest.mark.parametrize("name", SGL)
def test_sgl_tasks(planner: Planner, name: str) -> None:
    task = sgl(name)
    plan = planner.solve(task, PATIENCE)
    assert (plan.status, plan.validated, plan.engine) == ("solved", True, "fast-downward")
    assert len(plan.actions) == plan.cost == STEPS[name]
    assert reaches_goal(task, task.init, plan.actions)


def test_a_goal_that_holds_needs_no_engine() -> None:
    task = replace(sgl("cut"), goal=("free",))
    idle = Planner("fast-downward")
    plan = idle.solve(task)
    assert (plan.status, plan.actions, plan.cost) == ("solved", (), 0)
    assert idle._process is None


def test_a_task_that_was_just_solved_is_not_solved_again(planner: Planner) -> None:
    task = replace(sgl("cut"), name="twice")
    first = planner.solve(task, PATIENCE)
    idle = Planner()
    idle._latest = planner._latest
    again = idle.solve(Task.from_json(json.loads(json.dumps(task.to_json()))))
    assert (again.actions, again.cost, again.validated) == (first.actions, first.cost, True)
    assert idle._process is None
    assert again.seconds < first.seconds
    other = planner.solve(replace(task, goal=("carry", "knife")), PATIENCE)
    assert other.actions != first.actions


def test_unsolvable_is_proven_and_the_planner_goes_on(planner: Planner) -> None:
    task = replace(sgl("cut"), init=frozenset({("cuttable", "apple"), ("free",)}))
    plan = planner.solve(task, PATIENCE)
    assert (plan.status, plan.actions, plan.cost) == ("unsolvable", (), None)
    assert "proven" in plan.reason


def test_a_time_out_holds_and_nothing_is_left_running(planner: Planner) -> None:
    planner.solve(sgl("cut"), PATIENCE)  # started, so that its family can be watched
    assert planner._process is not None
    process = psutil.Process(planner._process.pid)
    started = time.monotonic()
    plan = planner.solve(HUGE, timeout=3)
    assert plan.status == "timeout"
    assert plan.reason == "no answer in 3 s"
    assert time.monotonic() - started < 13  # a busy machine
    assert not process.is_running()
    named = [p.info["cmdline"] or [] for p in psutil.process_iter(["cmdline"])]
    assert not any("/huge" in " ".join(words) for words in named)
    assert planner._folder is None


def test_costs_and_the_optimal_planner() -> None:
    pytest.importorskip("up_symk", reason="needs the extra 'planning'")
    task = read(
        """(define (domain d) (:requirements :strips :action-costs)
        (:predicates (at ?x) (road ?x ?y)) (:functions (total-cost) (far ?x ?y))
        (:action go :parameters (?x ?y) :precondition (and (at ?x) (road ?x ?y))
          :effect (and (at ?y) (not (at ?x)) (increase (total-cost) (far ?x ?y)))))""",
        """(define (problem p) (:domain d) (:objects a b c) (:init (at a) (road a c) (= (far a c) 9)
        (road a b) (= (far a b) 2) (road b c) (= (far b c) 3)) (:goal (at c))
        (:metric minimize (total-cost)))""",
    )
    with Planner("optimal") as optimal:
        plan = optimal.solve(task, PATIENCE)
        assert (plan.actions, plan.cost) == ((("go", "a", "b"), ("go", "b", "c")), 5)
        assert plan.optimal
        assert plan.validated
        short = optimal.solve(replace(task, minimise=False), PATIENCE)
        assert (short.actions, short.cost, short.optimal) == ((("go", "a", "c"),), 1, True)


def test_a_wrong_plan_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine is given a task without the one condition that makes the task hard."""
    pytest.importorskip("up_fast_downward", reason="needs the extra 'planning'")
    task, restrict = sgl("cut"), worker.restrict
    calls: list[int] = []

    def careless(whole: Task, actions: set[str]) -> Task:
        calls.append(1)
        small = restrict(whole, actions)
        if len(calls) > 1:
            return small
        easy = tuple(replace(schema, precondition=("and",)) for schema in small.actions)
        return replace(small, actions=easy)

    monkeypatch.setattr(worker, "restrict", careless)
    answer = worker.answer(
        {"task": task.to_json(), "engine": "fast-downward", "optimal": False, "timeout": 60}
    )
    assert (answer["status"], answer["validated"]) == ("invalid", False)
    assert "action instance cut(apple, knife)" in answer["reason"]


def test_planners_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        EmbodiedError, match=r"unknown planner 'fast-downwrd'. Did you mean 'fast-d"
    ):
        Planner("fast-downwrd")
    monkeypatch.setattr(engines, "find_spec", lambda name: None if name == "up_aries" else True)
    with pytest.raises(MissingDependency, match="pip install up_aries"):
        Planner("aries")
    hidden = "fast_downward.translate"
    monkeypatch.setattr(engines, "find_spec", lambda name: None if name == hidden else True)
    with pytest.raises(EmbodiedError, match="uninstall fast-downward-textworld"):
        Planner("fast-downward")
    with pytest.raises(EmbodiedError, match="must be above 0"):
        Planner("symk").solve(sgl("cut"), timeout=0)
