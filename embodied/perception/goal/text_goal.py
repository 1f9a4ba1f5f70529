"""Goals from words alone: a sentence encoder's upper layers, trained to name a goal's fields.

The lower layers of the MiniLM that ships with the project stay as they are; copies of the upper
ones, and a linear head, are trained. The head gives each value of each field a logit, and the logit
of a goal is the sum of its fields' and a bias of its own: softmax runs over the goals that training
has seen, so that no answer mixes the fields of two goals.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from embodied.errors import EmbodiedError, unknown
from embodied.perception.embedded import DEFAULT_FOLDER
from embodied.perception.goal.alfred import AlfredGoal, Instruction, fields
from embodied.perception.goal.homes import Homes, in_home, log_lift, read_homes
from embodied.perception.sentences import SentenceEncoder, dequantise, quantise
from embodied.signals import Goal

DEFAULT_GOALS = DEFAULT_FOLDER.with_name("alfred-goals")
FROZEN = 2
"""Layers that stay as they are."""
LONGEST = 300
"""Characters of an instruction that are read."""


class GoalNetwork(nn.Module):
    """States of the frozen layers [B, T, D] to logits of G goals [B, G]."""

    def __init__(self, upper: nn.ModuleList, width: int, goals: Sequence[AlfredGoal]) -> None:
        super().__init__()
        rows = [fields(goal) for goal in goals]
        values = [sorted({row[k] for row in rows}) for k in range(len(rows[0]))]
        first = [sum(map(len, values[:k])) for k in range(len(values))]
        place = [[first[k] + values[k].index(row[k]) for k in range(len(row))] for row in rows]
        self.register_buffer("place", torch.tensor(place), persistent=False)
        self.upper = upper
        self.drop = nn.Dropout(0.1)
        self.head = nn.Linear(2 * width, sum(map(len, values)))
        self.bias = nn.Parameter(torch.zeros(len(goals)))

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """mask: 1 for words, 0 for padding, [B, T]."""
        states = run_layers(self.upper, states, mask)
        words = mask[..., None]
        mean = (states * words).sum(1) / words.sum(1)
        most = states.masked_fill(words == 0, -1e4).amax(1)
        logits = self.head(self.drop(torch.cat([mean, most], 1)))
        place: Any = self.place
        return logits[:, place].sum(-1) + self.bias


def run_layers(layers: Any, states: Tensor, mask: Tensor) -> Tensor:
    """Layers of a BERT, one after the other."""
    hidden = (1 - mask[:, None, None, :]) * -1e4
    for layer in layers:
        states = layer(states, hidden)
        states = states[0] if isinstance(states, tuple) else states
    return states


class Reader:
    """Texts to the states that the frozen layers give, [T, D] each."""

    def __init__(self, sentences: SentenceEncoder, frozen: int = FROZEN) -> None:
        self.bert, self.tokenizer = sentences.model, sentences.tokenizer
        self.frozen = frozen

    @property
    def width(self) -> int:
        return self.bert.config.hidden_size

    def network(self, goals: Sequence[AlfredGoal]) -> GoalNetwork:
        """A network whose upper layers are copies of this encoder's."""
        layers: Any = self.bert.encoder.layer[self.frozen :]
        return GoalNetwork(copy.deepcopy(layers), self.width, goals)

    @torch.inference_mode()
    def __call__(self, texts: Sequence[str]) -> list[Tensor]:
        encoded = self.tokenizer.encode_batch([text[:LONGEST] for text in texts])
        ids = torch.tensor([one.ids for one in encoded])
        mask = torch.tensor([one.attention_mask for one in encoded]).float()
        layers: Any = self.bert.encoder.layer[: self.frozen]
        states = run_layers(layers, self.bert.embeddings(ids), mask)
        lengths = mask.sum(1).int().tolist()
        return [row[:length].clone() for row, length in zip(states, lengths, strict=True)]


def batch(rows: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """States of several texts, padded, and the mask."""
    mask = pad_sequence([torch.ones(len(row)) for row in rows], batch_first=True)
    return pad_sequence([row.float() for row in rows], batch_first=True), mask


class TextGoals:
    """Instructions to goals. `alternatives` are the next best ones, by their probability.

    calibration: the probabilities that it gave to the right goals of instructions that took no
        part in training. homes: what was asked for where. home_calibration: as `calibration`, with
        the home known.
    """

    def __init__(
        self,
        reader: Reader,
        network: GoalNetwork,
        goals: Sequence[AlfredGoal],
        calibration: Sequence[float] = (),
        homes: Homes | None = None,
        home_calibration: Sequence[float] = (),
    ) -> None:
        self.reader, self.network, self.goals = reader, network.eval(), goals
        self.calibration, self.home_calibration = calibration, home_calibration
        self.homes = homes or {}

    @torch.inference_mode()
    def probabilities(self, texts: Sequence[str], homes: Sequence[str] | None = None) -> Tensor:
        """Of every goal, [N, G]. homes: where each was said, if that is to count."""
        logits = [
            self.network(*batch(self.reader(texts[start : start + 64])))
            for start in range(0, len(texts), 64)
        ]
        if not logits:
            return torch.zeros(0, len(self.goals))
        found = torch.cat(logits).softmax(1)
        if homes is None:
            return found
        lift = {home: log_lift(self.homes, self.goals, home) for home in set(homes)}
        return in_home(found, torch.stack([lift[home] for home in homes]))

    def predict(self, texts: Sequence[str], homes: Sequence[str] | None = None) -> list[AlfredGoal]:
        """The most probable goal of each text."""
        return [self.goals[int(k)] for k in self.probabilities(texts, homes).argmax(1)]

    def probability_of(
        self, instructions: Sequence[Instruction], at_home: bool = False
    ) -> list[float]:
        """Of the goal that is right for each; 0 for a goal that training has not seen.

        at_home: let the instructions' homes count.
        """
        number = {goal: k for k, goal in enumerate(self.goals)}
        homes = [one.home for one in instructions] if at_home else None
        found = self.probabilities([one.text for one in instructions], homes)
        return [
            float(row[number[one.goal]]) if one.goal in number else 0.0
            for row, one in zip(found, instructions, strict=True)
        ]

    def __call__(self, instruction: str, home: str | None = None, most: int = 8) -> Goal:
        """The goal of one instruction and the next best, `most` in all.

        home: where it was said. Raises EmbodiedError if the instruction is empty, or if the home
        is not among those that instructions are known of.
        """
        if home is not None and home not in self.homes:
            raise unknown("home", home, self.homes)
        if not instruction.strip():
            raise EmbodiedError("say what is to be done: --instruction '...'")
        homes = None if home is None else [home]
        best = self.probabilities([instruction], homes)[0].topk(min(most, len(self.goals)))
        found = [
            Goal(self.goals[int(k)].literals(), float(p))
            for p, k in zip(best.values, best.indices, strict=True)
        ]
        return Goal(found[0].literals, found[0].confidence, tuple(found[1:]))


def save(folder: Path, network: GoalNetwork, goals: Sequence[AlfredGoal], record: Any) -> None:
    """Write the trained part, its matrices as int8 rows, and what it was trained on."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: value.contiguous() for name, value in network.state_dict().items()}
    save_file(quantise(weights), folder / "model.safetensors")
    config = {"goals": [fields(goal) for goal in goals], **record}
    (folder / "config.json").write_text(json.dumps(config) + "\n", encoding="utf-8")


def load(folder: Path, sentences: SentenceEncoder) -> TextGoals:
    """What `save` wrote; EmbodiedError if it is not there or damaged."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        goals = [AlfredGoal(*row[:5], sliced=row[5] == "True") for row in config["goals"]]
        reader = Reader(sentences, config["frozen"])
        network = reader.network(goals)
        network.load_state_dict(dequantise(load_file(folder / "model.safetensors")))
        homes = read_homes(config.get("homes", {}))
    except (
        *(OSError, LookupError, ValueError, TypeError, AttributeError, RuntimeError),
        SafetensorError,
    ) as error:
        raise EmbodiedError(
            f"{folder} holds no goals from text ({str(error).splitlines()[0]}): copy the folder "
            "again, or make it with `embodied learn-goals`"
        ) from error
    known = (config.get("calibration", ()), homes, config.get("home_calibration", ()))
    return TextGoals(reader, network, goals, *known)
