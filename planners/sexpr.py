"""Parenthesised text, as PDDL is written in, to nested lists that know their lines."""

import re
from typing import NoReturn

from embodied.errors import EmbodiedError

_TOKEN = re.compile(r"[()]|[^\s()]+")


class Form(list["Form | str"]):
    """A parenthesised list; its words are lower-case, since PDDL does not tell cases apart.

    source, line: where it begins; the line counts from 1.
    """

    def __init__(self, source: str, line: int) -> None:
        super().__init__()
        self.source = source
        self.line = line

    @property
    def head(self) -> str:
        """The first word, empty if the form is empty or begins with a form."""
        first = self[0] if self else ""
        return first if isinstance(first, str) else ""

    def at(self) -> str:
        """Where the form begins, for messages."""
        return f"{self.source} line {self.line}"

    def fail(self, problem: str) -> NoReturn:
        """Raise the EmbodiedError that names this place."""
        raise EmbodiedError(f"{self.at()}: {problem}")

    def word(self, index: int, what: str) -> str:
        """The word at `index`; EmbodiedError, which calls it `what`, if there is none."""
        if index < len(self) and isinstance(item := self[index], str):
            return item
        self.fail(f"{what} is missing after ({' '.join(x for x in self if isinstance(x, str))}")

    def forms(self, start: int = 0) -> list["Form"]:
        """The forms from `start` on; a bare word among them raises EmbodiedError."""
        found = [item for item in self[start:] if isinstance(item, Form)]
        if len(found) != len(self) - start:
            stray = next(item for item in self[start:] if isinstance(item, str))
            self.fail(f"{stray!r} is not in parentheses")
        return found


def parse(text: str, source: str, repairs: list[str]) -> Form:
    """The one form in `text`; comments begin with `;`.

    source: what the text is called in messages. repairs: gets a line for each parenthesis that is
    missing at the end, and for what follows the form. Raises EmbodiedError if there is no form.
    """
    stack: list[Form] = []
    whole: Form | None = None
    for number, line in enumerate(text.lower().splitlines(), 1):
        for token in _TOKEN.findall(line.partition(";")[0]):
            if whole is not None:
                repairs.append(f"{source} line {number}: dropped what follows the last parenthesis")
                return whole
            if token == "(":
                stack.append(Form(source, number))
            elif not stack:
                raise EmbodiedError(f"{source} line {number}: expected '(', found {token!r}")
            elif token != ")":
                stack[-1].append(token)
            elif len(stack) == 1:
                whole = stack.pop()
            else:
                inner = stack.pop()
                stack[-1].append(inner)
    if whole is not None:
        return whole
    if not stack:
        raise EmbodiedError(f"{source}: there is no PDDL in it")
    repairs.append(f"{source}: closed {len(stack)} parentheses at the end")
    while len(stack) > 1:
        inner = stack.pop()
        stack[-1].append(inner)
    return stack[0]
