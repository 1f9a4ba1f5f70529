"""A task as a problem of unified-planning, through its public interface."""

import re
from collections import OrderedDict
from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from typing import Any

from unified_planning.environment import get_environment
from unified_planning.model import (
    Fluent,
    InstantaneousAction,
    Object,
    Problem,
    ProblemKind,
    Variable,
)
from unified_planning.model.metrics import MinimizeActionCosts, MinimizeSequentialPlanLength
from unified_planning.plans import ActionInstance, SequentialPlan
from unified_planning.shortcuts import ObjectExp

from embodied.planners.task import ROOT, ActionSchema, Expression, Task

# What an action, an object and so on are called in unified-planning: PDDL may give one name to all.
PREFIXES = _ACTION, _OBJECT, _PREDICATE, _FUNCTION, _TYPE = "a-", "o-", "p-", "f-", "t-"

Term = Callable[[str], Any]  # a word's expression: of a constant, or of what it is bound to


def build(task: Task, optimal: bool) -> Problem:
    """The problem; `optimal` makes it minimise the number of actions if it has no costs."""
    return _Builder(task).problem(optimal)


def action_name(name: str) -> str:
    """The task's name of an action of unified-planning."""
    return name.removeprefix(_ACTION)


def object_name(name: str) -> str:
    """The task's name of an object of unified-planning."""
    return name.removeprefix(_OBJECT)


def as_plan(problem: Problem, actions: list[list[str]]) -> SequentialPlan:
    """Actions by the task's names, as a plan for `problem`."""
    steps = [
        ActionInstance(
            problem.action(_ACTION + name),
            tuple(ObjectExp(problem.object(_OBJECT + argument)) for argument in arguments),
        )
        for name, *arguments in actions
    ]
    return SequentialPlan(steps, problem.environment)


def plain(text: str) -> str:
    """A message of unified-planning with the task's names."""
    return re.sub(rf"\b[{''.join(p[0] for p in PREFIXES)}]-(?=\w)", "", text)


class _Finished(Problem):
    """A problem that changes no more once somebody has asked for its kind.

    Writer, engine and validator ask twelve times, and each time it is worked out anew: that was
    half of the time that all of them took.
    """

    @property
    def kind(self) -> ProblemKind:
        return self._known.clone()  # the validator changes what it gets

    @cached_property
    def _known(self) -> ProblemKind:
        return super().kind


class _Builder:
    def __init__(self, task: Task) -> None:
        self.task = task
        self.environment = get_environment()  # any other fails in 1.3.0's validator
        self.expressions = self.environment.expression_manager
        self.types: dict[str, Any] = {}
        self.objects = {
            name: Object(_OBJECT + name, self._type(kind), self.environment)
            for name, kind in task.objects.items()
        }
        types = self.environment.type_manager
        self.predicates = self._fluents(task.predicates, _PREDICATE, types.BoolType())
        whole = all(float(value).is_integer() for _, value in task.values)
        number = types.IntType() if whole else types.RealType()
        self.functions = self._fluents(task.functions, _FUNCTION, number)

    def problem(self, optimal: bool) -> Problem:
        task = self.task
        problem = _Finished(task.name or "task", self.environment)
        for fluent in self.predicates.values():
            problem.add_fluent(fluent, default_initial_value=False)
        for fluent in self.functions.values():
            problem.add_fluent(fluent, default_initial_value=0)
        problem.add_objects(self.objects.values())
        costs: dict[Any, Any] = {}
        for schema in task.actions:
            if not _changes(schema.effect):  # PDDLWriter writes it as no engine reads it
                continue
            action, scope = self._action(schema)
            problem.add_action(action)
            costs[action] = self._cost(schema.cost, scope)
        for name, *arguments in task.init:
            objects = (self.objects[word] for word in arguments)
            problem.set_initial_value(self.predicates[name](*objects), True)
        for (name, *arguments), value in task.values:
            objects = (self.objects[word] for word in arguments)
            problem.set_initial_value(self.functions[name](*objects), _number(value))
        problem.add_goal(self._condition(task.goal, self._constant))
        if task.minimise:
            problem.add_quality_metric(MinimizeActionCosts(costs, environment=self.environment))
        elif optimal:  # without a metric engines prove nothing of their plan
            problem.add_quality_metric(MinimizeSequentialPlanLength(environment=self.environment))
        return problem

    def _type(self, name: str) -> Any:
        if name not in self.types:
            father = None if name == ROOT else self._type(self.task.types.get(name, ROOT))
            self.types[name] = self.environment.type_manager.UserType(_TYPE + name, father)
        return self.types[name]

    def _fluents(
        self, table: dict[str, tuple[str, ...]], prefix: str, value: Any
    ) -> dict[str, Fluent]:
        return {
            name: Fluent(
                prefix + name,
                value,
                **{f"x{i}": self._type(kind) for i, kind in enumerate(kinds)},
                environment=self.environment,
            )
            for name, kinds in table.items()
        }

    def _action(self, schema: ActionSchema) -> tuple[InstantaneousAction, Term]:
        parameters = OrderedDict((name[1:], self._type(kind)) for name, kind in schema.parameters)
        action = InstantaneousAction(_ACTION + schema.name, parameters)
        bound = {f"?{p.name}": self.expressions.ParameterExp(p) for p in action.parameters}
        scope = self._within(self._constant, bound)
        action.add_precondition(self._condition(schema.precondition, scope))
        self._add_effect(action, schema.effect, scope, self.expressions.TRUE(), ())
        return action, scope

    def _add_effect(
        self,
        action: InstantaneousAction,
        effect: Expression,
        scope: Term,
        condition: Any,
        variables: tuple[Variable, ...],
    ) -> None:
        head, rest = effect[0], effect[1:]
        if head == "and":
            for part in rest:
                self._add_effect(action, part, scope, condition, variables)
        elif head == "when":
            both = self.expressions.And(condition, self._condition(rest[0], scope))
            self._add_effect(action, rest[1], scope, both, variables)
        elif head == "forall":
            new, inner = self._bind(rest[0], scope)
            self._add_effect(action, rest[1], inner, condition, (*variables, *new))
        else:
            name, *words = rest[0] if head == "not" else effect
            fluent = self.predicates[name](*map(scope, words))
            action.add_effect(fluent, head != "not", condition, variables)

    def _condition(self, formula: Expression, scope: Term) -> Any:
        make = self.expressions
        head, rest = formula[0], formula[1:]
        if head in ("forall", "exists"):
            variables, inner = self._bind(rest[0], scope)
            body = self._condition(rest[1], inner)
            return (make.Forall if head == "forall" else make.Exists)(body, *variables)
        if head == "=":
            return make.Equals(scope(rest[0]), scope(rest[1]))
        operators = {"and": make.And, "or": make.Or, "not": make.Not, "imply": make.Implies}
        if head in operators:
            return operators[head](*(self._condition(part, scope) for part in rest))
        return self.predicates[head](*map(scope, rest))

    def _bind(self, listed: Any, scope: Term) -> tuple[tuple[Variable, ...], Term]:
        variables = tuple(
            Variable(f"{name[1:]}-v", self._type(kind), self.environment) for name, kind in listed
        )
        bound = {
            name: self.expressions.VariableExp(variable)
            for (name, _), variable in zip(listed, variables, strict=True)
        }
        return variables, self._within(scope, bound)

    def _cost(self, cost: float | Expression, scope: Term) -> Any:
        if isinstance(cost, tuple):
            name, *words = cost
            return self.functions[name](*map(scope, words))
        number = _number(cost)
        make = self.expressions
        return make.Int(number) if isinstance(number, int) else make.Real(number)

    def _constant(self, word: str) -> Any:
        return self.expressions.ObjectExp(self.objects[word])

    @staticmethod
    def _within(outer: Term, bound: dict[str, Any]) -> Term:
        return lambda word: bound[word] if word in bound else outer(word)


def _changes(effect: Expression) -> bool:
    if effect[0] in ("when", "forall"):
        return _changes(effect[2])
    return effect[0] != "and" or any(map(_changes, effect[1:]))


def _number(value: float) -> int | Fraction:
    return int(value) if float(value).is_integer() else Fraction(value)
