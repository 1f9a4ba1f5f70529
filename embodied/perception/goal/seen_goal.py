"""Goals from a picture and words: SGL's triple `action subject object`, for generated kitchens.

A frozen MiniLM reads the words, a network trained on the kitchens' truth reads the picture
(`scene_graph`), and a small transformer over the words and the types in view points at the subject
and the object. Softmax runs over the triples that make sense, so that no answer mixes two.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from embodied.errors import EmbodiedError
from embodied.perception.embedded import DEFAULT_FOLDER
from embodied.perception.goal.scene_graph import SceneConfig, SceneNetwork
from embodied.perception.goal.text_goal import Reader, batch
from embodied.perception.goal.triple import Triple, goal_of
from embodied.perception.sentences import SentenceEncoder, dequantise, quantise
from embodied.signals import Goal

DEFAULT_GOALS = DEFAULT_FOLDER.with_name("kitchen-goals")


@dataclass(frozen=True)
class JointConfig:
    """Sizes of what joins words and picture. words: numbers of a word's state, 0 for an embedding
    of its own that has read nothing before."""

    width: int = 64
    layers: int = 2
    heads: int = 4
    words: int = 384
    vocabulary: int = 30522


class JointNetwork(nn.Module):
    """Words and a scene graph to logits of T triples.

    Of the words' states [B, W, D] (or their numbers [B, W]) and the slots of the scene graph
    [B, S, F] a transformer makes a sequence. A slot's logits say whether its type is the subject or
    the object; a token of its own answers for what is no type: the action, `hand`, `unknown`.
    """

    def __init__(
        self, config: JointConfig, scene: SceneConfig, triples: Sequence[Triple], dropout: float
    ) -> None:
        super().__init__()
        self.config, width = config, config.width
        words = nn.Linear(config.words, width) if config.words else None
        self.words = words or nn.Embedding(config.vocabulary, width)
        self.place = nn.Parameter(torch.randn(64, width) * 0.02)
        self.kinds = nn.Parameter(torch.randn(len(scene.slots), width) * 0.5)
        self.slot = nn.Sequential(
            nn.Linear(scene.features, width), nn.ReLU(), nn.Linear(width, width)
        )
        self.answer = nn.Parameter(torch.randn(width) * 0.5)
        layer = nn.TransformerEncoderLayer(
            width, config.heads, 2 * width, dropout, batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, config.layers, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(width)
        values = [sorted({triple[k] for triple in triples}) for k in range(3)]
        names = [kind.lower() for kind in scene.slots]
        others = [
            [v for v in column if k == 0 or v not in names] for k, column in enumerate(values)
        ]
        self.other = nn.Linear(width, sum(map(len, others)))
        self.role = nn.Linear(width, 2)
        # Where a triple's three logits stand: the answer's own, then slots as subjects, as objects.
        first = [0, len(others[0]), len(others[0]) + len(others[1])]
        own = sum(map(len, others))

        def where(k: int, value: str) -> int:
            if value in others[k]:
                return first[k] + others[k].index(value)
            return own + (k - 1) * len(names) + names.index(value)

        place = [[where(k, triple[k]) for k in range(3)] for triple in triples]
        self.register_buffer("index", torch.tensor(place), persistent=False)

    def forward(self, words: Tensor, mask: Tensor, graph: Tensor) -> Tensor:
        """mask: 1 for words, 0 for padding, [B, W]."""
        read = self.words(words)
        read = read + self.place[: read.shape[1]]
        slots = self.kinds + self.slot(graph)
        answer = self.answer.expand(len(read), 1, -1)
        padding = torch.cat([mask == 0, mask.new_zeros(len(mask), 1 + slots.shape[1]).bool()], 1)
        states = self.layers(torch.cat([read, answer, slots], 1), src_key_padding_mask=padding)
        states = self.norm(states[:, read.shape[1] :])
        role = self.role(states[:, 1:])
        logits = torch.cat([self.other(states[:, 0]), role[..., 0], role[..., 1]], 1)
        index: Any = self.index
        return logits[:, index].sum(-1)


class SeenGoals:
    """A picture and an instruction to a goal.

    triples: the goals that it knows. calibration: the probabilities that it gave to the right goals
    of pictures and sentences that took no part in training.
    """

    def __init__(
        self,
        reader: Reader,
        scene: SceneNetwork,
        joint: JointNetwork,
        triples: Sequence[Triple],
        calibration: Sequence[float] = (),
    ) -> None:
        self.reader, self.scene, self.joint = reader, scene.eval(), joint.eval()
        self.triples, self.calibration = list(triples), list(calibration)

    @torch.inference_mode()
    def graphs(self, pictures: npt.NDArray[np.uint8], mirrored: bool = True) -> Tensor:
        """Scene graphs [N, slots, features] of pictures [N, S, S, 3] of the network's own side.

        mirrored: also look at the mirror image; what is seen in either is in view. To overlook is
            the commoner mistake, and two looks overlook less than one.
        """
        parts = []
        for part in np.array_split(pictures, max(1, len(pictures) // 64)):
            looks = [part, part[:, :, ::-1]] if mirrored else [part]
            pixels = torch.from_numpy(np.concatenate(looks))
            graphs = self.scene.graph(self.scene(pixels))
            parts.append(graphs.unflatten(0, (len(looks), -1)).amax(0))
        return torch.cat(parts)

    @torch.inference_mode()
    def probabilities(self, graphs: Tensor, texts: Sequence[str]) -> Tensor:
        """Of every triple, [N, T], for N graphs and their N texts."""
        found = []
        for start in range(0, len(texts), 64):
            words, mask = self.read(texts[start : start + 64])
            found.append(self.joint(words, mask, graphs[start : start + 64]).softmax(1))
        return torch.cat(found) if found else torch.zeros(0, len(self.triples))

    def read(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """What the network is given of texts: states or numbers of their words, and the mask."""
        if self.joint.config.words:
            return batch(self.reader(texts))
        encoded = self.reader.tokenizer.encode_batch(list(texts))
        mask = torch.tensor([one.attention_mask for one in encoded]).float()
        return torch.tensor([one.ids for one in encoded]), mask

    def see(self, image: npt.NDArray[np.uint8]) -> dict[str, list[str]]:
        """The types that are probably in a picture, and what is probably true of one of them."""
        graph = self.graphs(self._fit(image)[None])[0]
        config = self.scene.config
        names = ("", *config.properties)
        return {
            kind: [names[k] for k in range(1, len(names)) if row[k] > 0]
            for kind, row in zip(config.slots, graph, strict=True)
            if row[0] > 0
        }

    def __call__(self, image: npt.NDArray[np.uint8], instruction: str, most: int = 8) -> Goal:
        """The goal of an instruction about a picture, RGB uint8 [H, W, 3], and the next best.

        Of several pictures of one kitchen, [N, H, W, 3], what is in any of them is in view. What is
        needed and not in view is `unknown`. Raises EmbodiedError if the instruction is
        empty or the picture is none.
        """
        if not instruction.strip():
            raise EmbodiedError("say what is to be done: --instruction '...'")
        images = image if image.ndim == 4 else image[None]
        graph = self.graphs(np.stack([self._fit(one) for one in images])).amax(0, keepdim=True)
        best = self.probabilities(graph, [instruction])[0].topk(min(most, len(self.triples)))
        found = [
            goal_of(self.triples[int(k)], float(p))
            for p, k in zip(best.values, best.indices, strict=True)
        ]
        return Goal(found[0].literals, found[0].confidence, tuple(found[1:]))

    def _fit(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        from PIL import Image

        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
            raise EmbodiedError(
                f"a picture is RGB uint8 [H, W, 3], not {image.dtype} {image.shape}"
            )
        height, width, _ = image.shape
        side, own = min(height, width), self.scene.config.side
        top, left = (height - side) // 2, (width - side) // 2
        image = image[top : top + side, left : left + side]
        if side == own:
            return image
        return np.asarray(Image.fromarray(image).resize((own, own), Image.Resampling.BOX))


def save(
    folder: Path,
    scene: SceneNetwork,
    joint: JointNetwork,
    triples: Sequence[Triple],
    record: dict[str, Any],
) -> None:
    """Write both networks, matrices as int8 rows, and what they were trained on."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = {"scene": scene, "joint": joint}
    weights = {
        f"{part}.{name}": value.contiguous()
        for part, network in parts.items()
        for name, value in network.state_dict().items()
    }
    save_file(quantise(weights), folder / "model.safetensors")
    config = {
        "scene": scene.config.to_json(),
        "joint": asdict(joint.config),
        "triples": [" ".join(triple) for triple in triples],
        **record,
    }
    (folder / "config.json").write_text(json.dumps(config) + "\n", encoding="utf-8")


def load(folder: Path = DEFAULT_GOALS, sentences: SentenceEncoder | None = None) -> SeenGoals:
    """What `save` wrote; EmbodiedError if it is not there or damaged."""
    if sentences is None:
        sentences = SentenceEncoder(DEFAULT_FOLDER / "text")
    reader = Reader(sentences, sentences.model.config.num_hidden_layers)
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        triples = [tuple(row.split(" ")) for row in config["triples"]]
        scene = SceneNetwork(SceneConfig.from_json(config["scene"]))
        joint = JointNetwork(JointConfig(**config["joint"]), scene.config, triples, 0.0)
        weights = dequantise(load_file(folder / "model.safetensors"))
        for part, network in (("scene", scene), ("joint", joint)):
            own = {k.partition(".")[2]: v for k, v in weights.items() if k.startswith(f"{part}.")}
            missing, extra = network.load_state_dict(own, strict=False)
            if extra or any("num_batches" not in name for name in missing):
                raise KeyError((extra or missing)[0])
    except (OSError, ValueError, KeyError, TypeError, SafetensorError, RuntimeError) as error:
        raise EmbodiedError(
            f"{folder} holds no goals from pictures ({str(error).splitlines()[0]}): copy the "
            "folder again, or make it with `embodied learn-goals --kitchen`"
        ) from error
    return SeenGoals(reader, scene.fuse(), joint, triples, config.get("calibration", ()))
