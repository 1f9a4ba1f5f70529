"""One set of statements over several simulators, for an encoder that serves them all.

A text is true of a picture to the degree that the picture's own simulator gives it, and false where
that simulator does not have it: "the pole is upright" is false of every picture of a car.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embodied.envs.simulator import Simulator
from embodied.envs.vocabulary import Vocabulary
from embodied.errors import EmbodiedError
from embodied.perception.align.data import Captions

Owners = tuple[str | None, ...]
"""Which statement of each simulator a text says; None where the simulator does not have it."""


@dataclass(frozen=True)
class Union:
    """The vocabularies of S simulators as one of K statements.

    rows: for each statement, the statement of each simulator that it stands for.
    statements: their names; of a single simulator, that simulator's own.
    splits: those that all simulators have.
    """

    simulators: tuple[Simulator, ...]
    vocabularies: tuple[Vocabulary, ...]
    rows: tuple[Owners, ...]
    statements: tuple[str, ...]
    splits: tuple[str, ...]

    @property
    def removable(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(n for v in self.vocabularies for n in v.removable))

    def truth(self, simulator: int, degrees: np.ndarray) -> np.ndarray:
        """Degrees of a simulator's own statements [n, k] as those of the union's, [n, K]."""
        column = {name: i for i, name in enumerate(self.vocabularies[simulator].statements)}
        full = np.zeros((len(degrees), len(self.rows)), np.float32)
        for k, row in enumerate(self.rows):
            if (name := row[simulator]) is not None:
                full[:, k] = degrees[:, column[name]]
        return full

    def captions(self, held_out: bool, without: tuple[str, ...]) -> Captions:
        """Every simulator's captions, each text once."""
        owners = _owners(self.vocabularies, held_out, ())
        texts = tuple(_owners(self.vocabularies, held_out, without))
        names = dict(zip(self.rows, self.statements, strict=True))
        return Captions(texts, tuple(names[owners[text]] for text in texts))

    def goals(self) -> tuple[str, ...]:
        """The statements that are the goals of the simulators' tasks."""
        found = {
            name: None
            for i, vocabulary in enumerate(self.vocabularies)
            for goal in vocabulary.tasks.values()
            for row, name in zip(self.rows, self.statements, strict=True)
            if row[i] == goal
        }
        return tuple(found)


def unite(simulators: Sequence[Simulator]) -> Union:
    """Put the vocabularies of simulators together; EmbodiedError if one is named twice."""
    simulators = tuple(simulators)
    names = [simulator.name for simulator in simulators]
    if len(set(names)) < len(names):
        raise EmbodiedError(f"--env names a simulator twice ({', '.join(names)}): name each once")
    vocabularies = tuple(simulator.vocabulary() for simulator in simulators)
    if len(simulators) == 1:
        rows = tuple((name,) for name in vocabularies[0].statements)
        titles = vocabularies[0].statements
    else:
        owners = [_owners(vocabularies, held_out, ()).values() for held_out in (False, True)]
        rows = tuple(dict.fromkeys(row for group in owners for row in group))
        titles = tuple(
            ", ".join(f"{s}: {name}" for s, name in zip(names, row, strict=True) if name)
            for row in rows
        )
    splits = tuple(
        split for split in vocabularies[0].splits if all(split in v.splits for v in vocabularies)
    )
    return Union(simulators, vocabularies, rows, titles, splits)


def _owners(
    vocabularies: Sequence[Vocabulary], held_out: bool, without: tuple[str, ...]
) -> dict[str, Owners]:
    """For each text, the statement of each simulator that it says."""
    found: dict[str, list[str | None]] = {}
    for i, vocabulary in enumerate(vocabularies):
        texts, statements = vocabulary.captions(held_out, without)
        for text, statement in zip(texts, statements, strict=True):
            found.setdefault(text, [None] * len(vocabularies))[i] = statement
    return {text: tuple(row) for text, row in found.items()}
