"""A tolerant reader of PDDL: domain and problem to one task, each repair on record.

Read: STRIPS and ADL with types, `either`, constants, and action costs (`total-cost`). Mended and
noted: what other tools' files get wrong and planners mostly overlook, such as undeclared types and
objects, arguments of another type than declared, missing sections and parentheses. Refused with the
line: what is unknown or ambiguous (predicates, arities, variables), numeric and temporal planning.
"""

from collections.abc import Iterable, Sequence

from embodied.errors import EmbodiedError, unknown
from embodied.planners.sexpr import Form, parse
from embodied.planners.task import ROOT, TRUE, ActionSchema, Expression, Fact, Parameter, Task, is_a

COST = "total-cost"
_NUMERIC = {"increase", "decrease", "assign", "scale-up", "scale-down", "<", ">", "<=", ">="}
_SECTIONS = {":requirements", ":types", ":constants", ":predicates", ":functions", ":action"}
_SECTIONS |= {":domain", ":objects", ":init", ":goal", ":metric"}

Kinds = tuple[str, ...]  # one type, or the several of an `either`


def read(domain: str, problem: str, names: tuple[str, str] = ("domain", "problem")) -> Task:
    """The task that two PDDL texts describe; `names` are what messages call them.

    Raises EmbodiedError with the line for what cannot be mended.
    """
    return _Reader(domain, problem, names).task()


class _Reader:
    """Holds what is known so far; expressions are read last, when every name is declared."""

    def __init__(self, domain: str, problem: str, names: tuple[str, str]) -> None:
        self.repairs: list[str] = []
        self.types: dict[str, str] = {}
        self.objects: dict[str, str] = {}
        self.predicates: dict[str, list[str]] = {}
        self.functions: dict[str, list[str]] = {}
        self.unions: dict[str, Kinds] = {}  # predicate that stands for an `either` -> its types
        self.values: dict[Fact, float] = {}
        self.domain_name, self.domain = self._sections(parse(domain, names[0], self.repairs))
        self.name, self.problem = self._sections(parse(problem, names[1], self.repairs), "problem")

    def task(self) -> Task:
        self._declare()
        actions: dict[str, ActionSchema] = {}
        for form in self.domain.get(":action", []):
            schema = self._action(form)
            if schema.name in actions:
                form.fail(f"there is another action {schema.name!r}")
            actions[schema.name] = schema
        init = set(self._init())
        goal = TRUE
        for form in self.problem.get(":goal", []):
            goal = ("and", *(self._condition(part, {}) for part in form.forms(1)))
        if not self.problem.get(":goal"):
            self._note(None, "no :goal: every plan will do")
        for name, kinds in self.unions.items():
            members = (o for o, own in self.objects.items() if self._fits(own, kinds))
            init |= {(name, member) for member in members}
        return Task(
            name=self.name,
            types=self.types,
            objects=self.objects,
            predicates={name: tuple(kinds) for name, kinds in self.predicates.items()},
            actions=tuple(actions.values()),
            init=frozenset(init),
            goal=goal,
            functions={name: tuple(kinds) for name, kinds in self.functions.items()},
            values=tuple(self.values.items()),
            minimise=bool(self.problem.get(":metric")),
            repairs=tuple(dict.fromkeys(self.repairs)),
        )

    def _note(self, form: Form | None, repair: str) -> None:
        self.repairs.append(f"{form.at()}: {repair}" if form else repair)

    def _sections(self, whole: Form, kind: str = "domain") -> tuple[str, dict[str, list[Form]]]:
        """Name and sections of a file; a section may stand several times."""
        if whole.head != "define":
            whole.fail(f"expected (define ({kind} NAME) ...")
        forms = whole.forms(1)
        if not forms or forms[0].head != kind:
            whole.fail(f"expected (define ({kind} NAME) ...")
        name = forms[0][1] if len(forms[0]) > 1 else ""
        found: dict[str, list[Form]] = {}
        for form in forms[1:]:
            if form.head == ":durative-action":
                form.fail("durative actions are not supported: temporal planning is left out")
            if form.head not in _SECTIONS:
                raise EmbodiedError(f"{form.at()}: {unknown('section', form.head, _SECTIONS)}")
            found.setdefault(form.head, []).append(form)
        return str(name), found

    def _declare(self) -> None:
        """Types, objects, predicates and functions of both files."""
        if not any(len(form) > 1 for form in self.domain.get(":requirements", [])):
            self._note(None, "no :requirements: taken to be what the files use")
        named = next((str(f[1]) for f in self.problem.get(":domain", []) if len(f) > 1), None)
        if named != self.domain_name:
            self._note(None, f"the problem is for the domain {named!r}, not {self.domain_name!r}")
        for form in self.domain.get(":types", []) * 2:  # again, for parents that come after
            self._declare_types(form)
        for form in self.domain.get(":constants", []) + self.problem.get(":objects", []):
            for name, kinds in self._typed(form, form[1:]):
                self._declare_object(form, name, kinds)
        for form in self.domain.get(":predicates", []):
            for item in form.forms(1):
                self._declare_signature(item, self.predicates)
        for form in self.domain.get(":functions", []):
            items = [item for item in form[1:] if isinstance(item, Form)]  # without `- number`
            if not items:
                self._note(form, "(:functions) is empty")
            for item in items:
                self._declare_signature(item, self.functions)

    def _declare_types(self, form: Form) -> None:
        for name, kinds in self._pairs(form, form[1:]):
            parent = kinds[0] if len(kinds) == 1 else ROOT
            if len(kinds) > 1:
                self._note(form, f"type {name!r} has several parents: put below {ROOT!r}")
            if name in (ROOT, parent) or is_a(self.types, parent, name):
                if name != ROOT:
                    self._note(form, f"type {name!r} is its own ancestor: dropped")
                continue
            if self.types.setdefault(name, parent) != parent:
                # `a b - thing` may repeat what a later line refines; the more special one wins.
                self._note(form, f"type {name!r} is declared twice")
                if is_a(self.types, parent, self.types[name]):
                    self.types[name] = parent
        for parent in list(self.types.values()):  # a parent needs no declaration of its own
            if parent != ROOT:
                self.types.setdefault(parent, ROOT)

    def _declare_object(self, form: Form, name: str, kinds: Kinds) -> None:
        kind = kinds[0]
        if len(kinds) > 1:
            form.fail(f"object {name!r} has several types: give it one")
        if name not in self.objects:
            self.objects[name] = kind
            return
        before = self.objects[name]
        if not is_a(self.types, kind, before) and not is_a(self.types, before, kind):
            form.fail(f"object {name!r} is declared as {before!r} and as {kind!r}")
        self._note(form, f"object {name!r} is declared twice: the more special type holds")
        self.objects[name] = kind if is_a(self.types, kind, before) else before

    def _declare_signature(self, form: Form, table: dict[str, list[str]]) -> None:
        name = form.word(0, "the name")
        kinds = [self._common(kinds) for _, kinds in self._typed(form, form[1:])]
        if name in table and len(table[name]) != len(kinds):
            form.fail(f"{name!r} is declared twice, with different arguments")
        if name in table:
            self._note(form, f"{name!r} is declared twice")
            kinds = [self._common(pair) for pair in zip(kinds, table[name], strict=True)]
        table[name] = kinds

    def _pairs(self, form: Form, items: Sequence[Form | str]) -> list[tuple[str, Kinds]]:
        """`a b - t c` -> (a, t) (b, t) (c, object); the types are not looked up."""
        found: list[tuple[str, Kinds]] = []
        waiting: list[str] = []
        rest = iter(items)
        for item in rest:
            if isinstance(item, Form):
                form.fail("expected a name, found a parenthesis")
            if item != "-":
                waiting.append(item)
                continue
            kind = next(rest, None)
            if isinstance(kind, Form):
                if kind.head != "either" or len(kind) < 2:
                    kind.fail("expected a type or (either ...)")
                kinds = tuple(kind.word(i, "a type") for i in range(1, len(kind)))
            elif kind is None:
                form.fail("a type is missing after '-'")
            else:
                kinds = (kind,)
            found += [(name, kinds) for name in waiting]
            waiting = []
        return found + [(name, (ROOT,)) for name in waiting]

    def _typed(self, form: Form, items: Sequence[Form | str]) -> list[tuple[str, Kinds]]:
        """`_pairs`, with undeclared types declared."""
        found = self._pairs(form, items)
        for kind in {kind: None for _, kinds in found for kind in kinds}:
            if kind != ROOT and kind not in self.types:
                self._note(form, f"declared the type {kind!r}")
                self.types[kind] = ROOT
        return found

    def _variables(self, form: Form, items: Sequence[Form | str]) -> tuple[list[Parameter], list]:
        """Parameters, and the conditions that stand for their `either`."""
        parameters: list[Parameter] = []
        guards: list[Expression] = []
        for name, kinds in self._typed(form, items):
            if not name.startswith("?"):
                form.fail(f"a variable begins with '?', not {name!r}")
            if name in dict(parameters):
                form.fail(f"there are two variables {name!r}")
            parameters.append((name, self._common(kinds)))
            if len(kinds) > 1:
                union = f"either-{'-'.join(sorted(kinds))}"
                self.unions[union] = kinds
                self.predicates[union] = [ROOT]
                guards.append((union, name))
        return parameters, guards

    def _action(self, form: Form) -> ActionSchema:
        name = form.word(1, "the name of the action")
        if len(form) % 2:
            form.fail(f"action {name!r} has a keyword without content")
        parts = dict(zip(form[2::2], form[3::2], strict=True))
        if extra := parts.keys() - {":parameters", ":precondition", ":effect"}:
            form.fail(f"action {name!r} has {sorted(map(str, extra))[0]!r}, which is not supported")
        listed = parts.get(":parameters")
        if not isinstance(listed, Form):
            self._note(form, f"action {name!r} has no :parameters: taken to be none")
            listed = Form(form.source, form.line)
        parameters, guards = self._variables(listed, listed)
        scope = dict(parameters)
        conditions = [*guards]
        if (before := parts.get(":precondition")) is not None:
            conditions.append(self._condition(self._form(form, before), scope))
        costs: list[float | Expression] = []
        effect: Expression = TRUE
        if (after := parts.get(":effect")) is not None:
            effect = self._effect(self._form(form, after), scope, costs)
        if len(costs) > 1:
            form.fail(f"action {name!r} increases {COST} more than once")
        cost = costs[0] if costs else 0.0
        return ActionSchema(name, tuple(parameters), ("and", *conditions), effect, cost)

    def _form(self, around: Form, item: Form | str) -> Form:
        if isinstance(item, str):
            around.fail(f"{item!r} is not in parentheses")
        return item

    def _condition(self, form: Form, scope: dict[str, str]) -> Expression:
        """A condition, checked: every name in it is known, every variable bound."""
        head = form.head
        if not form:
            return TRUE
        if head in ("and", "or"):
            return (head, *(self._condition(part, scope) for part in form.forms(1)))
        if head in ("not", "imply"):
            parts = self._exactly(form, 1 if head == "not" else 2)
            return (head, *(self._condition(part, scope) for part in parts))
        if head in ("forall", "exists"):
            listed, body = self._exactly(form, 2)
            parameters, guards = self._variables(listed, listed)
            inner = self._condition(body, scope | dict(parameters))
            if guards:
                inner = ("imply" if head == "forall" else "and", ("and", *guards), inner)
            return (head, tuple(parameters), inner)
        if head == "=" and len(form) == 3 and all(isinstance(item, str) for item in form):
            return ("=", *(self._term(form, str(word), scope, ROOT)[0] for word in form[1:]))
        if head == "=" or head in _NUMERIC:
            form.fail("numeric conditions are not supported")
        return self._atom(form, scope, self.predicates, "predicate")

    def _effect(self, form: Form, scope: dict[str, str], costs: list) -> Expression:
        head = form.head
        if not form:
            return TRUE
        if head == "and":
            return ("and", *(self._effect(part, scope, costs) for part in form.forms(1)))
        if head == "not":
            (deleted,) = self._exactly(form, 1)
            return ("not", self._atom(deleted, scope, self.predicates, "predicate"))
        if head == "when":
            condition, result = self._exactly(form, 2)
            return ("when", self._condition(condition, scope), self._effect(result, scope, costs))
        if head == "forall":
            listed, body = self._exactly(form, 2)
            parameters, guards = self._variables(listed, listed)
            inner = self._effect(body, scope | dict(parameters), costs)
            if guards:
                inner = ("when", ("and", *guards), inner)
            return ("forall", tuple(parameters), inner)
        if head == "increase" and len(form) == 3 and form[1] == [COST]:
            amount = form[2]
            if isinstance(amount, Form):
                costs.append(self._atom(amount, scope, self.functions, "function"))
            else:
                costs.append(self._number(form, amount))
            return TRUE
        if head in _NUMERIC:
            form.fail(f"numeric effects are not supported, except (increase ({COST}) ...)")
        return self._atom(form, scope, self.predicates, "predicate")

    def _atom(
        self, form: Form, scope: dict[str, str], table: dict[str, list[str]], what: str
    ) -> Expression:
        name = form.word(0, f"the {what}")
        if name not in table:
            raise EmbodiedError(f"{form.at()}: {unknown(what, name, table)}")
        kinds = table[name]
        if len(form) - 1 != len(kinds):
            form.fail(f"{name!r} has {len(kinds)} arguments, not {len(form) - 1}")
        words = [form.word(i, "an argument") for i in range(1, len(form))]
        found = [name]
        for i, word in enumerate(words):
            term, kind = self._term(form, word, scope, kinds[i])
            found.append(term)
            if not is_a(self.types, kind, kinds[i]):
                wider = self._common((kind, kinds[i]))
                where = f"argument {i + 1} of {name!r}"
                self._note(form, f"{where} was declared {kinds[i]!r}, widened to {wider!r}")
                kinds[i] = wider
        return tuple(found)

    def _term(self, form: Form, word: str, scope: dict[str, str], expected: str) -> tuple[str, str]:
        """The word and its type; an undeclared object is declared as what is expected there."""
        if word.startswith("?"):
            if word not in scope:
                raise EmbodiedError(f"{form.at()}: {unknown('variable', word, scope)}")
            return word, scope[word]
        if word not in self.objects:
            self._note(form, f"declared the object {word!r} as {expected!r}")
            self.objects[word] = expected
        return word, self.objects[word]

    def _init(self) -> Iterable[Fact]:
        """The facts of :init; values of functions go to `self.values`."""
        if not self.problem.get(":init"):
            self._note(None, "no :init: nothing holds at first")
        waiting = [item for form in self.problem.get(":init", []) for item in form.forms(1)]
        for form in waiting:
            if form.head == "and":
                self._note(form, "took (and ...) apart in :init")
                waiting += form.forms(1)  # goes on with these at the end
            elif form.head == "not":
                self._note(form, "dropped (not ...) from :init: what is not there does not hold")
            elif form.head == "=" and len(form) == 3 and isinstance(term := form[1], Form):
                if term != [COST]:  # starts at 0 whatever is written
                    fact = self._atom(term, {}, self.functions, "function")
                    self.values[fact] = self._number(form, form[2])
            elif form:
                yield self._atom(form, {}, self.predicates, "predicate")

    def _exactly(self, form: Form, count: int) -> list[Form]:
        parts = form.forms(1)
        if len(parts) != count:
            form.fail(f"({form.head} ...) takes {count} forms, not {len(parts)}")
        return parts

    def _number(self, form: Form, item: Form | str) -> float:
        try:
            return float(item)  # pyright: ignore[reportArgumentType]
        except (TypeError, ValueError):
            form.fail(f"expected a number, found {item!r}")

    def _fits(self, kind: str, kinds: Kinds) -> bool:
        return any(is_a(self.types, kind, other) for other in kinds)

    def _common(self, kinds: Iterable[str]) -> str:
        """The most special type that covers all `kinds`."""
        first, *others = kinds
        while not all(is_a(self.types, kind, first) for kind in others):
            first = self.types.get(first, ROOT)
            if first == ROOT:
                break
        return first
