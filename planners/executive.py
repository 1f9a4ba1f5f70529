"""Carry a plan out in a world that does not obey: read each outcome, replan, know when to stop."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, Protocol

from embodied.planners.household import Household, Metadata, from_metadata
from embodied.planners.logic import conjuncts, holds, progress, reaches_goal, show
from embodied.planners.plan import Action, Plan
from embodied.planners.relevance import changes
from embodied.planners.solve import Planner
from embodied.planners.task import Expression, Fact, Task
from embodied.signals import Goal

Outcome = Literal["reached", "dead-end", "blocked", "no-plan", "out-of-steps"]
_SAYS = "says it worked and "


class Actor(Protocol):
    """Who acts and looks; an environment is one behind a few lines."""

    def execute(self, action: dict[str, str]) -> tuple[bool, str]:
        """Do `{action, objectId}` (iTHOR's names); whether it worked, and what the world said."""
        ...

    def observe(self) -> Metadata:
        """The objects as they are now, in AI2-THOR's form."""
        ...


@dataclass(frozen=True)
class Limits:
    """When to give up.

    steps: actions in all. retries: failures of one action in a row before another way is looked
    for; twice as many end the run if there is no other way. timeout: seconds for each search.
    """

    steps: int = 60
    retries: int = 3
    timeout: float = 60.0


@dataclass(frozen=True)
class TraceStep:
    """One thing that happened.

    kind: `plan` (a search, with `plan`, `status` and `reason`) or `act` (with `action`, `sent`,
        `ok` and `message`).
    seconds: since the run began.
    ok: whether the world said that it worked, and what it should change is seen, or what is seen
        leads on to the goal all the same.
    message: what the world said, or what did not come of an action that it said worked.
    appeared, vanished: facts that an `act` changed, or somebody else did meanwhile.
    """

    kind: Literal["plan", "act"]
    seconds: float
    plan: tuple[Action, ...] = ()
    status: str = ""
    reason: str = ""
    action: Action = ()
    sent: dict[str, str] = field(default_factory=dict)
    ok: bool | None = None
    message: str = ""
    appeared: tuple[Fact, ...] = ()
    vanished: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Trace:
    """A run from its first look to its end.

    outcome: `reached`; `dead-end`, the goal cannot be reached from here; `blocked`, it could be if
        an action worked that keeps failing; `no-plan`, the search gave no answer; `out-of-steps`.
    reason: why it ended, in words.
    objects: name -> objectId at the end.
    """

    goal: tuple[tuple[str, ...], ...]
    outcome: Outcome
    reason: str
    steps: tuple[TraceStep, ...]
    objects: dict[str, str]

    @property
    def replans(self) -> int:
        """Searches after the first one."""
        return max(0, sum(step.kind == "plan" for step in self.steps) - 1)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        return asdict(self) | {"replans": self.replans}


def run(
    actor: Actor,
    goal: Goal,
    planner: Planner,
    limits: Limits | None = None,
    watch: Callable[[TraceStep], None] | None = None,
) -> Trace:
    """Act until the goal holds or cannot be reached.

    watch: is told of every search and every action once it is over.

    After every action the world is looked at. The rest of the plan is kept while it still leads
    from what is seen to the goal; otherwise a new one is made.
    """
    return _Run(actor, goal, planner, limits or Limits(), watch).run()


class _Run:
    def __init__(
        self,
        actor: Actor,
        goal: Goal,
        planner: Planner,
        limits: Limits,
        watch: Callable[[TraceStep], None] | None,
    ) -> None:
        self.actor, self.goal, self.planner, self.limits = actor, goal, planner, limits
        self.watch = watch
        self.started = time.monotonic()
        self.steps: list[TraceStep] = []
        self.failures: Counter[tuple[str, ...]] = Counter()  # (action, *objectIds), in a row
        self.said: dict[tuple[str, ...], str] = {}  # what came of each the last time
        self.world = self._look()
        self.planned_ids = self.world.ids

    def run(self) -> Trace:
        rest = tuple[Action, ...]()
        done = 0
        while not holds(self.world.task, self.world.task.goal, self.world.task.init):
            if done == self.limits.steps:
                return self._end("out-of-steps", f"the goal does not hold after {done} actions")
            if not self._still_good(rest):
                plan, why = self._plan()
                if not plan.solved:
                    return self._end(why, plan.reason)
                rest, self.planned_ids = plan.actions, self.world.ids
            rest = self._act(rest)
            done += 1
        return self._end("reached", "the goal holds")

    def _look(self) -> Household:
        return from_metadata(self.actor.observe()).with_goal(self.goal)

    def _still_good(self, rest: tuple[Action, ...]) -> bool:
        if not rest or self.failures[self._key(rest[0])] >= self.limits.retries:
            return False
        return self._leads_on(rest)

    def _act(self, rest: tuple[Action, ...]) -> tuple[Action, ...]:
        """Do the first action of `rest`; returns what is still to be done."""
        action = rest[0]
        sent = self.world.thor_action(action)
        key = self._key(action)
        ok, message = self.actor.execute(sent)
        before, self.world = self.world, self._look()
        if ok and not self._leads_on(rest[1:]):
            # Nothing is made of an effect that is not seen as long as the plan does without it.
            # Otherwise the action failed: also if somebody undid it at once, as nobody can tell.
            message = _shortfall(before, action, self.world) or message
            ok = not message
        self.failures[key] = 0 if ok else self.failures[key] + 1
        self.said[key] = message
        self._log(
            "act",
            action=action,
            sent=sent,
            ok=ok,
            message=message,
            appeared=tuple(sorted(self.world.task.init - before.task.init)),
            vanished=tuple(sorted(before.task.init - self.world.task.init)),
        )
        return rest[1:] if ok else rest

    def _leads_on(self, rest: tuple[Action, ...]) -> bool:
        """Whether `rest` leads from what is seen to the goal, and its names mean the same."""
        if self.world.ids != self.planned_ids:
            return False
        return reaches_goal(self.world.task, self.world.task.init, rest)

    def _plan(self) -> tuple[Plan, Outcome]:
        """A plan that leaves out what keeps failing, or one with it if there is no other."""
        names = {identity: name for name, identity in self.world.ids.items()}
        failing = [key for key, count in self.failures.items() if count >= self.limits.retries]
        task = self.world.task
        for action, *ids in failing:
            if all(identity in names for identity in ids):
                task = task.forbid(action, tuple(names[identity] for identity in ids))
        plan = self._solve(task)
        if plan.status != "unsolvable":
            return plan, "no-plan"
        if failing:
            worst = max(self.failures.values())
            plan = self._solve(self.world.task)
            if plan.solved and worst >= 2 * self.limits.retries:
                what = next(key for key, count in self.failures.items() if count == worst)
                said = self.said[what]
                fault = said if said.startswith(_SAYS) else f"failed {worst} times"
                reason = f"there is no way without {' '.join(what)}, which {fault}"
                return replace(plan, status="failed", reason=reason), "blocked"
            if plan.status != "unsolvable":
                return plan, "no-plan"
        return replace(plan, reason=self._why_unsolvable()), "dead-end"

    def _solve(self, task: Task) -> Plan:
        plan = self.planner.solve(task, self.limits.timeout)
        self._log("plan", plan=plan.actions, status=plan.status, reason=plan.reason)
        return plan

    def _why_unsolvable(self) -> str:
        """Names the parts of the goal that cannot be reached even alone."""
        task = self.world.task
        lost = []
        for part in _parts(task.goal):
            alone = replace(task, goal=part)
            if holds(task, part, task.init):
                continue
            if self.planner.solve(alone, self.limits.timeout).status == "unsolvable":
                lost.append(f"{show(part)} cannot be reached{_irreversible(task, part)}")
        return "; ".join(lost) or "the parts of the goal exclude each other"

    def _key(self, action: Action) -> tuple[str, ...]:
        return (action[0], *(self.world.ids.get(name, name) for name in action[1:]))

    def _log(self, kind: Literal["plan", "act"], **content: Any) -> None:
        self.steps.append(TraceStep(kind, time.monotonic() - self.started, **content))
        if self.watch is not None:
            self.watch(self.steps[-1])

    def _end(self, outcome: Outcome, reason: str) -> Trace:
        return Trace(self.goal.literals, outcome, reason, tuple(self.steps), self.world.ids)


def _shortfall(before: Household, action: Action, after: Household) -> str:
    """What an action that is said to have worked did not do, "" if nothing is missing.

    What should change of objects that are gone has changed: a whole thing that was sliced.
    """
    expected = progress(before.task, before.task.init, action)
    if expected is None:
        return ""
    names = {identity: name for name, identity in after.ids.items()}
    names = {name: names.get(identity) for name, identity in before.ids.items()}
    missing: list[str] = []
    changed = 0
    for fact in sorted(expected ^ before.task.init):
        words = [names.get(name, name) for name in fact[1:]]
        wanted = fact in expected
        if None in words or ((fact[0], *words) in after.task.init) == wanted:
            changed += 1
        else:
            missing.append(show(fact if wanted else ("not", fact)))
    if not missing:
        return ""
    return f"{_SAYS}{'does not make ' + ' '.join(missing) if changed else 'changes nothing'}"


def _parts(goal: Expression) -> Iterator[Expression]:
    """The conjuncts of a goal, each under the goal's own `exists`."""
    for part in conjuncts(goal):
        if part[0] != "exists":
            yield part
            continue
        for inner in conjuncts(part[2]):
            used = tuple(variable for variable in part[1] if variable[0] in _words(inner))
            yield ("exists", used, inner) if used else inner


def _words(formula: Expression | str) -> set[str]:
    return {formula} if isinstance(formula, str) else set().union(*map(_words, formula))


def _irreversible(task: Task, part: Expression) -> str:
    """Says so if no action of the domain makes the literal in `part` true."""
    while part[0] in ("exists", "forall"):
        part = part[2]
    name, value = (part[1][0], False) if part[0] == "not" else (part[0], True)
    if name in task.predicates and (name, value) not in changes(task):
        return f": no action {'makes' if value else 'undoes'} {name!r}"
    return ""
