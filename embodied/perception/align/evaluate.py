"""How well an encoder's cosines rank pictures by what a sentence says."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from embodied.perception.align.data import Captions, Scenes
from embodied.perception.encoder import ImageTextEncoder

MARGIN = 0.3
"""Two pictures are a pair to rank if the sentence is this much truer of one of them."""
TRUE = 0.5
"""A statement counts as true of a picture from this degree on."""
TOP = 20
PAIRS = 100_000


@dataclass(frozen=True)
class Ranking:
    """Means over the statements that were asked for, all in [0, 1].

    pairs: share of pairs of pictures that the cosine orders as the simulator does; chance is 0.5.
    top: share of the 20 best-scored pictures of which the statement is true; chance is `true`.
    retrieval: share of pictures whose best statement, among all, is true of it; chance is `true`
    averaged over all statements.
    """

    pairs: dict[str, float]
    top: dict[str, float]
    true: dict[str, float]
    retrieval: float
    retrieval_chance: float

    def to_json(self) -> dict[str, object]:
        return {
            "pairs_mean": _mean(self.pairs),
            "top_mean": _mean(self.top),
            "true_mean": _mean(self.true),
            "retrieval": self.retrieval,
            "retrieval_chance": self.retrieval_chance,
            "pairs": self.pairs,
            "top": self.top,
            "true": self.true,
        }


def rank(
    images: Tensor, scenes: Scenes, encoder: ImageTextEncoder, captions: Captions, seed: int = 0
) -> Ranking:
    """Rank embedded pictures [N, D] by every caption; a statement's captions are averaged.

    Statements that are true of none or of all pictures (or of fewer than five) are left out.
    """
    rng = np.random.default_rng(seed)
    owners = captions.owners(scenes.statements)
    texts = encoder.encode_texts(list(captions.texts)).cpu()
    scores = (images.cpu() @ texts.T).numpy()
    pairs, top, true = {}, {}, {}
    columns = []
    for column in np.unique(owners):
        truth = scenes.truth[:, column]
        share = float((truth > TRUE).mean())
        if share * len(truth) < 5 or share > 0.95:
            continue
        name = scenes.statements[column]
        own = scores[:, owners == column]
        columns.append((column, own.mean(1)))
        true[name] = share
        # Each wording is judged by itself: an average over wordings would flatter.
        pairs[name] = float(np.mean([_pair_accuracy(s, truth, rng) for s in own.T]))
        top[name] = float(np.mean([(truth[np.argsort(-s)[:TOP]] > TRUE).mean() for s in own.T]))
    gallery = np.stack([s for _, s in columns], axis=1)
    chosen = np.array([c for c, _ in columns])[gallery.argmax(1)]
    hit = scenes.truth[np.arange(len(chosen)), chosen] > TRUE
    return Ranking(pairs, top, true, float(hit.mean()), _mean(true))


def embed(encoder: ImageTextEncoder, frames: np.ndarray, batch: int = 1000) -> Tensor:
    """Embeddings of frames uint8 [N, H, W, 3]: [N, D]."""
    pieces = [
        encoder.encode_images(torch.from_numpy(np.ascontiguousarray(frames[i : i + batch])))
        for i in range(0, len(frames), batch)
    ]
    return torch.cat(pieces)


@dataclass(frozen=True)
class Pairs:
    """P pairs of pictures to rank: the rows of each, and which is truer.

    first, second: rows, int [P]. sign: 1 where the first is truer, -1 where the second is.
    """

    first: np.ndarray
    second: np.ndarray
    sign: np.ndarray

    def ordered(self, score: np.ndarray) -> np.ndarray:
        """1 where the score [N] orders a pair as the truth does, ½ for a tie, else 0: [P]."""
        return (1 + np.sign(score[self.first] - score[self.second]) * self.sign) / 2


def draw_pairs(truth: np.ndarray, rng: np.random.Generator, count: int = PAIRS) -> Pairs:
    """Those of `count` random pairs that the truth [N] tells apart by `MARGIN`.

    Half of the pairs' first pictures are true ones, so that rare postures take part.
    """
    likely = np.flatnonzero(truth > TRUE)
    some = rng.choice(likely, count // 2) if len(likely) else np.zeros(0, int)
    first = np.concatenate([some, rng.integers(len(truth), size=count - len(some))])
    second = rng.integers(len(truth), size=count)
    difference = truth[first] - truth[second]
    decided = np.abs(difference) > MARGIN
    return Pairs(first[decided], second[decided], np.sign(difference[decided]))


def _pair_accuracy(score: np.ndarray, truth: np.ndarray, rng: np.random.Generator) -> float:
    return float(draw_pairs(truth, rng).ordered(score).mean())


def _mean(values: dict[str, float]) -> float:
    return float(np.mean(list(values.values()))) if values else float("nan")
