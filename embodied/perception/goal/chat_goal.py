"""A goal from a chat model, checked against the world and sent back until it can be reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from embodied.errors import EmbodiedError
from embodied.perception.chat import ChatModel, ChatRequest, InvalidAnswer, ask
from embodied.signals import Goal

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

REFINEMENTS = 3
"""How often a goal that is wrong is sent back with the reason (ViLaIn's corrective re-prompting,
Shirai et al. 2024, arXiv:2306.17107)."""

LONGEST = 2000
"""Characters of an instruction."""

Verify = Callable[[Goal], None]
"""Raises EmbodiedError, in one line, for a goal that cannot be planned for."""


@dataclass(frozen=True)
class GoalWords:
    """What a goal can be said in.

    predicates: name -> the types of its arguments.
    types: the kinds of objects there are.
    objects: name -> type of what is in the scene; a goal may name an object or any one of a type.
    """

    predicates: Mapping[str, Sequence[str]]
    types: Sequence[str]
    objects: Mapping[str, str]

    def schema(self) -> dict[str, Any]:
        """JSON schema of an answer: a conjunction of literals, or none and the reason."""
        literal = {
            "type": "object",
            "properties": {
                "negated": {"type": "boolean"},
                "predicate": {"enum": sorted(self.predicates)},
                "arguments": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["negated", "predicate", "arguments"],
            "additionalProperties": False,
        }
        return {
            "type": "object",
            "properties": {
                "thought": {"type": "string"},
                "literals": {"type": "array", "items": literal},
                "confidence": {"type": "number", "minimum": 0, "maximum": 1},
                "question": {"type": "string"},
            },
            "required": ["thought", "literals", "confidence", "question"],
            "additionalProperties": False,
        }

    def describe(self) -> str:
        """The predicates, types and objects, a line each."""
        predicates = sorted(self.predicates.items())
        signatures = [f"({' '.join([name, *kinds])})" for name, kinds in predicates]
        scene = [f"{name} ({kind})" for name, kind in sorted(self.objects.items())]
        return (
            f"Predicates: {', '.join(signatures)}\n"
            f"Types: {', '.join(sorted(self.types))}\n"
            f"Objects in the scene: {', '.join(scene) or 'none'}"
        )


def ask_goal(
    chat: ChatModel,
    instruction: str,
    words: GoalWords,
    verify: Verify,
    image: npt.NDArray[np.uint8] | None = None,
    refinements: int = REFINEMENTS,
) -> Goal:
    """What `instruction` asks for, as a goal that `verify` accepts.

    image: RGB uint8 [H, W, 3] of what the robot sees; None asks from words alone.

    Abstains, with the model's question or the last problem as the reason, if the model says that
    the instruction is not clear or no round gave a goal that can be reached. Raises EmbodiedError
    for an empty or endless instruction, or if the model cannot be asked.
    """
    instruction = " ".join(instruction.split())
    if not instruction:
        raise EmbodiedError("say what is to be done: --instruction '...'")
    if len(instruction) > LONGEST:
        raise EmbodiedError(f"the instruction has {len(instruction)} characters: use {LONGEST}")

    def check(answer: dict[str, Any]) -> None:
        goal = _goal(answer)
        if goal.abstained:
            return
        try:
            verify(goal)
        except InvalidAnswer:
            raise
        except EmbodiedError as error:
            raise InvalidAnswer(str(error)) from error

    prompt: list[str | np.ndarray] = [_PROMPT.format(instruction=instruction)]
    if image is not None:
        prompt += ["This is what the robot sees:", image]
    prompt.append(words.describe())
    try:
        request = ChatRequest(tuple(prompt), words.schema(), max_tokens=1024)
        return _goal(ask(chat, request, check, refinements))
    except InvalidAnswer as error:
        return Goal((), 0.0, reason=str(error))


_PROMPT = """A household robot is told: "{instruction}"
Say what must be true of the world when it is done, as a conjunction of literals. An argument is an
object of the scene by its name; or a type, for any one object of it (the same one in all literals);
or all:TYPE, for every object of it. Ask for the end state only, not for the steps. If it is not
clear what is meant, leave the literals empty and ask one short question; else leave the question
empty. `thought` is one sentence, `confidence` how sure you are, in [0, 1]."""


def _goal(answer: dict[str, Any]) -> Goal:
    literals = tuple(
        (*(("not",) if row["negated"] else ()), row["predicate"], *row["arguments"])
        for row in answer["literals"]
    )
    if not literals:
        question = answer["question"].strip()
        return Goal((), 0.0, reason=question or "the model gave no goal and no question")
    try:
        return Goal(literals, answer["confidence"], reason=answer["thought"])
    except (EmbodiedError, ValueError, TypeError) as error:
        raise InvalidAnswer(str(error)) from error
