"""Before and after: what adapting brought where it was meant to, and what it cost elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from embodied.perception.adapt.folder import AdaptedEncoder
from embodied.perception.adapt.labelled import Labelled, encode_frames
from embodied.perception.align.data import Captions, Scenes
from embodied.perception.align.evaluate import TRUE, embed, rank
from embodied.perception.encoder import ImageTextEncoder

WORDINGS = 2
"""Wordings of each statement that are ranked: all of them would take minutes."""


@dataclass(frozen=True)
class Probe:
    """Pictures of one split that took no part in the adaptation, and words to rank them by.

    words: name -> captions. adapted: the names among them whose texts took part.
    """

    name: str
    scenes: Scenes
    words: dict[str, Captions]
    adapted: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Measurement:
    """rows: `probe, words` -> numbers. images, texts: the embeddings, for the drift."""

    rows: dict[str, dict[str, float]]
    images: dict[str, Tensor]
    texts: dict[str, Tensor]


def measure(
    encoder: ImageTextEncoder, probes: Iterable[Probe], before: Measurement | None = None
) -> Measurement:
    """Rank each probe's pictures by each of its words.

    before: what the base gave; its image embeddings are used again where the encoder allows it.
    """
    rows, images, texts = {}, {}, {}
    for probe in probes:
        if before and isinstance(encoder, AdaptedEncoder) and encoder.keeps_image_features:
            seen = encoder.adapt_images(before.images[probe.name].to(encoder.device)).cpu()
        else:
            seen = embed(encoder, probe.scenes.frames).clone().cpu()
        images[probe.name] = seen
        for words, captions in probe.words.items():
            ranking = rank(seen, probe.scenes, encoder, captions).to_json()
            row = f"{probe.name}, {words}"
            rows[row] = {
                "pairs": ranking["pairs_mean"],
                "top": ranking["top_mean"],
                "top_chance": ranking["true_mean"],
                "retrieval": ranking["retrieval"],
            }
            texts[row] = encoder.encode_texts(list(captions.texts)).clone().cpu()
    return Measurement(rows, images, texts)


def retention(
    before: Measurement, after: Measurement, probes: Iterable[Probe]
) -> dict[str, float | None]:
    """What became of the rows that took no part.

    pairs_change, pairs_worst: mean and worst change of `pairs` over those rows. text_cosine,
    frame_cosine: mean cosine of base and adapted embeddings of their texts and pictures (1: not
    moved). A head that turns texts and images alike lowers the cosines and changes no ranking.
    """
    held_out = [
        (probe, f"{probe.name}, {words}")
        for probe in probes
        for words in probe.words
        if words not in probe.adapted
    ]
    if not held_out:
        return dict.fromkeys(("pairs_change", "pairs_worst", "text_cosine", "frame_cosine"))
    change = [after.rows[row]["pairs"] - before.rows[row]["pairs"] for _, row in held_out]
    names = {probe.name for probe, _ in held_out}
    return {
        "pairs_change": float(np.mean(change)),
        "pairs_worst": float(np.min(change)),
        "text_cosine": _cosine([(before.texts[row], after.texts[row]) for _, row in held_out]),
        "frame_cosine": _cosine([(before.images[n], after.images[n]) for n in names]),
    }


def judge_labels(encoder: ImageTextEncoder, labelled: Labelled) -> dict[str, float | None]:
    """How an encoder does on labelled frames.

    accuracy: share of frames whose best text is the true one, if one is true of each; else None.
    pairs: share of pairs of a frame that a text is true of and one that it is false of which the
    cosine puts in that order, averaged over the texts; chance 0.5. Both None without frames.
    """
    if not len(labelled):
        return {"frames": 0, "accuracy": None, "pairs": None}
    features = encode_frames(encoder.encode_images, labelled.frames).clone()
    texts = list(labelled.texts)
    if isinstance(encoder, AdaptedEncoder):
        score = encoder.similarity(features, texts)
    else:
        score = features @ encoder.encode_texts(texts).T
    score = score.float().cpu().numpy()
    right = labelled.truth[np.arange(len(score)), score.argmax(1)] == 1
    orders = []
    for column, values in zip(labelled.truth.T, score.T, strict=True):
        true, false = values[column == 1], values[column == 0]
        if len(true) and len(false):
            difference = true[:, None] - false[None]
            orders.append(float((difference > 0).mean() + (difference == 0).mean() / 2))
    return {
        "frames": len(labelled),
        "accuracy": float(right.mean()) if labelled.exclusive else None,
        "pairs": float(np.mean(orders)) if orders else None,
    }


def choose(captions: Captions, scenes: Scenes) -> Captions:
    """At most `WORDINGS` captions of each statement that can be ranked on the scenes."""
    share = (scenes.truth > TRUE).mean(0)
    enough = {
        name
        for name, s in zip(scenes.statements, share, strict=True)
        if s * len(scenes) >= 5 and s <= 0.95
    }
    texts: list[str] = []
    owners: list[str] = []
    for name in dict.fromkeys(captions.statements):
        if name in enough:
            own = [t for t, o in zip(captions.texts, captions.statements, strict=True) if o == name]
            picked = np.unique(np.linspace(0, len(own) - 1, WORDINGS).round().astype(int))
            texts += [own[i] for i in picked]
            owners += [name] * len(picked)
    return Captions(tuple(texts), tuple(owners))


def table(
    before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]], took_part: frozenset[str]
) -> str:
    """Both measurements side by side, in Markdown."""
    lines = ["| what | took part | pairs | after | retrieval or accuracy | after |"]
    lines += ["|---|---|---|---|---|---|"]
    for row, old in before.items():
        new, key = after[row], "accuracy" if "accuracy" in old else "retrieval"
        cells = [old["pairs"], new["pairs"], old[key], new[key]]
        numbers = " | ".join("-" if c is None else f"{c:.3f}" for c in cells)
        lines.append(f"| {row} | {'yes' if row in took_part else 'no'} | {numbers} |")
    return "\n".join(lines)


def _cosine(pairs: list[tuple[Tensor, Tensor]]) -> float:
    return float(torch.cat([(a * b).sum(1) for a, b in pairs]).mean())
