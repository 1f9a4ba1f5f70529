"""`embodied learn-goals --kitchen`: goals from pictures and words, learned in kitchens."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from embodied.errors import EmbodiedError

if TYPE_CHECKING:
    import torch

    from embodied.cli.learn_goals import LearnGoals
    from embodied.envs.mujoco.kitchen.album import Album
    from embodied.envs.mujoco.kitchen.instructions import Instruction
    from embodied.perception.goal.scene_graph import SceneConfig, SceneNetwork
    from embodied.perception.goal.seen_goal import SeenGoals
    from embodied.perception.sentences import SentenceEncoder

PER_PICTURE = 8
"""Instructions that are drawn about a picture to learn from."""

MISSING = {"easy": 0.2, "medium": 0.2, "hard1": 0.3, "hard2": 0.05}
"""Share of them, by level, whose object is not in view: the wording must not give it away."""

VARIANTS = ("full", "text-only", "no-vision-pretraining", "no-language-pretraining")


@dataclass(frozen=True)
class About:
    """An instruction about the picture of an album with the number `picture`."""

    picture: int
    instruction: Instruction


def run(config: LearnGoals) -> dict[str, Any]:
    """Draw kitchens, train, calibrate, judge and save; returns what `--json` prints."""
    from embodied.cli.kitchen_card import card
    from embodied.envs.mujoco.kitchen.album import make_album
    from embodied.perception.embedded import DEFAULT_FOLDER
    from embodied.perception.sentences import SentenceEncoder
    from embodied.runs.lock import hold
    from embodied.runs.progress import Progress

    kitchens = config.kitchen or 0
    if kitchens < 20:
        raise EmbodiedError("--kitchen needs 20 kitchens or more to learn from")
    if config.data or config.test:
        raise EmbodiedError("--kitchen draws its own data: leave out --data and --test")
    folder = Path(config.output_dir)
    training = folder / "training"
    training.mkdir(parents=True, exist_ok=True)
    held = max(20, kitchens // 10)
    with hold(training):
        with Progress(kitchens + held, title="kitchens", quiet=config.json) as progress:
            album = make_album(training / "album", "train", kitchens, progress.update)
            kept = make_album(
                training / "album", "calibrate", held, lambda k: progress.update(kitchens + k)
            )
        sentences = SentenceEncoder(DEFAULT_FOLDER / "text")
        model = train(album, sentences, training, config.epochs, config.seed, quiet=config.json)
        record: dict[str, Any] = {
            "trained_on": {"kitchens": kitchens, "pictures": len(album.pictures)},
            "settings": {"epochs": config.epochs, "seed": config.seed},
        }
        model = store(folder, model, sentences, kept, record)
        result = record["trained_on"] | {"folder": str(folder)} | record["held_out"]
        (folder / "README.md").write_text(card(record), encoding="utf-8")
    shutil.rmtree(training)
    if not config.json:
        print("\n".join(f"{name:22s} {value}" for name, value in result.items()))
    return result


def scene_config() -> SceneConfig:
    """What the network is to see in generated kitchens."""
    from embodied.envs.mujoco.kitchen import sights as s
    from embodied.envs.mujoco.kitchen.instructions import SINK
    from embodied.envs.mujoco.kitchen.kinds import KNIVES
    from embodied.perception.goal.scene_graph import SceneConfig

    slots = {*s.SUBJECTS, *s.WIDE, *s.NARROW, *SINK, *KNIVES, "StoveBurner", "Drawer"}
    return SceneConfig(s.SIDE, s.SEEN, s.CHANNELS[len(s.SEEN) :], tuple(sorted(slots)))


def train(
    album: Album,
    sentences: SentenceEncoder,
    training: Path,
    epochs: int,
    seed: int,
    variant: str = "full",
    eyes: SceneNetwork | None = None,
    quiet: bool = False,
) -> SeenGoals:
    """Learn from an album. training: folder that keeps where it stands.

    eyes: a network that has learned to see; without one, it is learned here.
    variant: of `VARIANTS`. Without pretraining of vision the picture's network learns only with the
    words, from a random start; without that of language, an embedding of the words that has read
    nothing stands for MiniLM; `text-only` sees an empty scene graph.
    """
    import torch

    from embodied.envs.mujoco.kitchen.album import VIEWS, unpack
    from embodied.envs.mujoco.kitchen.instructions import triples
    from embodied.perception.goal import fit_seen
    from embodied.perception.goal.scene_graph import SceneNetwork
    from embodied.perception.goal.seen_goal import JointConfig, JointNetwork, SeenGoals
    from embodied.perception.goal.text_goal import Reader
    from embodied.runs.progress import Progress

    known = triples()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        scene = SceneNetwork(scene_config())
        words = 0 if variant == "no-language-pretraining" else sentences.model.config.hidden_size
        joint = JointNetwork(JointConfig(words=words), scene.config, known, 0.1)
    scene = scene if eyes is None else eyes
    reader = Reader(sentences, sentences.model.config.num_hidden_layers)
    model = SeenGoals(reader, scene, joint, known)
    settings = fit_seen.SeenFit(epochs=epochs, seed=seed)
    again = replace(settings, epochs=max(1, 2 * epochs // 3), learning_rate=1e-3)
    passes = max(1, epochs // 2)  # a picture has several instructions
    near = np.arange(0, len(album.pictures), VIEWS)  # the views that were chosen for a task
    learns_to_see = eyes is None and variant in ("full", "no-language-pretraining")
    steps = settings.epochs + again.epochs
    with Progress(steps, title="see", quiet=quiet or not learns_to_see, curve="loss") as progress:
        if learns_to_see:
            fit_seen.fit_scene(
                scene,
                album.pictures,
                lambda batch: unpack(album.cells[batch]),
                settings,
                lambda epoch, loss: progress.update(epoch, loss=loss),
                training / "scene",
            )
            fit_seen.fit_scene(
                scene,
                album.pictures[near],
                lambda batch: unpack(album.cells[near[batch]]),
                again,
                lambda epoch, loss: progress.update(settings.epochs + epoch, loss=loss),
                training / "scene-near",
            )
    told = draw_about(album, "train", PER_PICTURE, seed, MISSING)
    texts = sorted({one.instruction.text for one in told})
    number = {text: k for k, text in enumerate(texts)}
    place = {triple: k for k, triple in enumerate(known)}
    samples = fit_seen.Samples(
        np.array([one.picture for one in told]),
        np.array([number[one.instruction.text] for one in told]),
        np.array([place[one.instruction.triple] for one in told]),
    )
    see: Callable[[np.ndarray], torch.Tensor]
    if variant == "text-only":
        blank = torch.zeros(1, len(scene.config.slots), scene.config.features)
        see = lambda batch: blank.expand(len(batch), -1, -1)  # noqa: E731
    elif variant == "no-vision-pretraining":
        see = lambda batch: scene.graph(  # noqa: E731
            scene(torch.from_numpy(album.pictures[batch]))
        )
    else:
        # Of one look each: over two, things are overlooked too rarely to teach that they can be.
        graphs = model.graphs(album.pictures, mirrored=False).clone()
        see = lambda batch: graphs[torch.from_numpy(batch)]  # noqa: E731
    states = _states(model, texts, training / "states.safetensors") if words else []
    with Progress(passes, title="learn", quiet=quiet, curve="loss") as progress:
        fit_seen.fit_joint(
            joint,
            samples,
            fit_seen.pack(states) if words else lambda rows: model.read([texts[k] for k in rows]),
            see,
            replace(settings, epochs=passes),
            lambda epoch, loss: progress.update(epoch, loss=loss),
            training / f"joint-{variant}",
            scene if variant == "no-vision-pretraining" else None,
        )
    return model


def _states(model: SeenGoals, texts: Sequence[str], file: Path) -> list[torch.Tensor]:
    """The words' states of every text, texts of one length together; read from `file` if there."""
    import torch
    from safetensors.torch import load_file, save_file

    if not file.exists():
        order = sorted(range(len(texts)), key=lambda k: len(texts[k]))
        found: dict[int, torch.Tensor] = {}
        for start in range(0, len(order), 128):
            part = order[start : start + 128]
            for k, row in zip(part, model.reader([texts[k] for k in part]), strict=True):
                found[k] = row.half()
        rows = [found[k] for k in range(len(texts))]
        lengths = torch.tensor([len(row) for row in rows])
        partial = file.with_suffix(".partial")
        save_file({"states": torch.cat(rows), "lengths": lengths}, partial)
        partial.replace(file)
    kept = load_file(file)
    return list(kept["states"].split(kept["lengths"].tolist()))


def store(
    folder: Path,
    model: SeenGoals,
    sentences: SentenceEncoder,
    kept: Album,
    record: dict[str, Any],
) -> SeenGoals:
    """Save the model, calibrate what was stored, and note how it does on what was kept."""
    from embodied.perception.goal.seen_goal import load, save

    save(folder, model.scene, model.joint, model.triples, record)
    model = load(folder, sentences)  # as it is stored, in 8 bits
    told = balanced(draw_about(kept, "calibrate", 16, 0))
    right = judge(model, kept, told)
    record["calibration"] = sorted(round(p, 6) for p, _ in right)
    record["held_out"] = {
        "instructions": len(told),
        "exact_match": float(np.mean([hit for _, hit in right])),
    }
    for level in ("easy", "medium", "hard1", "hard2"):
        hits = [
            h for (_, h), one in zip(right, told, strict=True) if one.instruction.level == level
        ]
        record["held_out"][level] = float(np.mean(hits)) if hits else None
    config = json.loads((folder / "config.json").read_text(encoding="utf-8")) | record
    (folder / "config.json").write_text(json.dumps(config) + "\n", encoding="utf-8")
    return load(folder, sentences)


def judge(
    model: SeenGoals, album: Album, told: Sequence[About], blank: bool = False
) -> list[tuple[float, bool]]:
    """Of each instruction: the probability of the right goal, and whether it was the first."""
    import torch

    place = {triple: k for k, triple in enumerate(model.triples)}
    numbers = sorted({one.picture for one in told})
    row = {number: k for k, number in enumerate(numbers)}
    graphs = model.graphs(album.pictures[numbers])[[row[one.picture] for one in told]]
    found = model.probabilities(
        torch.zeros_like(graphs) if blank else graphs, [one.instruction.text for one in told]
    )
    right = [place[one.instruction.triple] for one in told]
    return [(float(p[k]), int(p.argmax()) == k) for p, k in zip(found, right, strict=True)]


def draw_about(
    album: Album,
    stream: str,
    per_picture: int,
    seed: int,
    missing: dict[str, float] | None = None,
) -> list[About]:
    """Instructions about the pictures of an album, with the sentences of a stream.

    Half are of the task that a picture was drawn for, the others of any; levels take turns.
    missing: see `tell`, by level.
    """
    from embodied.envs.mujoco.kitchen.instructions import LEVELS, tell
    from embodied.envs.mujoco.kitchen.sights import STREAMS, TASKS

    found = []
    for picture, seen in enumerate(album.seen):
        rng = np.random.default_rng([seed, STREAMS[stream], picture, 1])
        for k in range(per_picture):
            level = LEVELS[k % len(LEVELS)]
            task = album.tasks[picture]
            if k // len(LEVELS) % 2:  # the tasks that fewer pictures allow are tried more often
                task = str(rng.choice(TASKS, p=(0.1, 0.05, 0.3, 0.3, 0.25)))
            share = missing[level] if missing else None
            if one := tell(seen, task, level, rng, stream, share):
                found.append(About(picture, one))
    return found


def balanced(told: Sequence[About]) -> list[About]:
    """As many of each task and level: the first ones of each."""
    cells: dict[tuple[str, str], list[About]] = {}
    for one in told:
        cells.setdefault((one.instruction.task, one.instruction.level), []).append(one)
    count = min(map(len, cells.values()), default=0)
    return [one for cell in sorted(cells) for one in cells[cell][:count]]
