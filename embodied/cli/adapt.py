"""`embodied adapt`: fit an encoder that is there already to one's own environment.

`embodied align --vlm ENCODER ...` is the same command.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embodied.errors import EmbodiedError, unknown

if TYPE_CHECKING:
    from embodied.envs.mujoco.render_pool import RenderPool
    from embodied.envs.simulator import Simulator
    from embodied.envs.vocabulary import Vocabulary
    from embodied.perception.adapt.fit import FitConfig
    from embodied.perception.adapt.folder import Recipe
    from embodied.perception.adapt.labelled import Labelled
    from embodied.perception.adapt.retention import Probe
    from embodied.perception.encoder import ImageTextEncoder

METHODS = ("conditional-prompts", "consistent-prompts", "head", "lora", "prompts")
# (epochs, frames a step, learning rate) where the command line gives none.
DEFAULTS = {
    "scenes": (8, 256, 1e-3),
    "head": (100, 32, 1e-3),
    "prompts": (50, 32, 2e-3),
    "consistent-prompts": (50, 32, 2e-3),
    "conditional-prompts": (20, 8, 2e-3),
    "lora": (30, 32, 1e-3),
}
WEIGHT_DECAY = 0.01
JUDGE_SEED = 1
"""Added to the seed, so that no picture is both trained on and judged by."""


@dataclass(frozen=True)
class Adapt:
    """Learn a small part beside a frozen encoder, from a simulator's captions or labelled frames.

    Prints what the encoder could do before and after, where it was adapted and elsewhere.
    """

    vlm: str
    """Encoder to adapt: `embedded`, `embedded:FOLDER`, `hf:REPO_OR_FOLDER`."""

    output_dir: str
    """Folder of the adapted encoder; `--vlm FOLDER` takes it."""

    method: str = "head"
    """`head`, `prompts`, `conditional-prompts`, `consistent-prompts` or `lora`."""

    env: str | None = None
    """Learn from the states and captions of this task's simulator (`--method head`)."""

    labelled: str | None = None
    """Learn from this folder: a sub-folder of images for each text, labels.jsonl or labels.csv."""

    frames: int = 20_000
    """Pictures to draw of the simulator."""

    without: str = ""
    """Statements to leave out of the captions, comma-separated; they are judged by themselves."""

    shots: int = 0
    """Labelled frames for each text to learn from, the rest is for tests; 0 takes 3 in 4."""

    context: int = 4
    """Learned vectors before each text."""

    consistency: float = 8.0
    """Weight of staying near the plain texts' features (`consistent-prompts`)."""

    rank: int = 4
    """Rank of the adapters (`lora`)."""

    towers: str = "auto"
    """Where the adapters go (`lora`): `image`, `text`, `both`, or `auto` for all that can."""

    epochs: int | None = None
    """Passes over the frames; the method's own number if not given."""

    learning_rate: float | None = None
    """AdamW's first rate; the method's own if not given."""

    judge_frames: int = 500
    """Pictures of each split of each simulator to judge by; 0 leaves the simulators out."""

    seed: int = 0
    """Decides everything random."""

    device: str = "auto"
    """Where the encoder runs: `auto`, `cpu`, `cuda`."""

    resume: bool = False
    """Go on in an existing folder with the same settings."""

    json: bool = False
    """Print the results as one JSON object on the last line."""


def run(config: Adapt) -> dict[str, Any]:
    """Make the folder; returns `before`, `after` and `retention`."""
    from embodied.perception.adapt.labelled import load_labelled, split
    from embodied.perception.encoder import load_encoder
    from embodied.registry import ENVS
    from embodied.runs.lock import hold

    _check(config)
    if config.env is not None:
        named = ENVS.load(config.env).simulator.encoder_named(config.vlm)
        config = replace(config, vlm=named)
    train = test = None
    if config.labelled is not None:
        train, test = split(load_labelled(Path(config.labelled)), config.shots, config.seed)
    base = load_encoder(config.vlm, config.device)
    folder = Path(config.output_dir)
    _begin(folder, config)
    with hold(folder / "training"):
        return _make(config, folder, base, train, test)


def _make(
    config: Adapt,
    folder: Path,
    base: "ImageTextEncoder",
    train: "Labelled | None",
    test: "Labelled | None",
) -> dict[str, Any]:
    """Train, save and judge, alone in the folder."""
    from embodied.cli.adapt_card import report
    from embodied.perception.adapt.folder import AdaptedEncoder, load, save_adapter
    from embodied.perception.adapt.retention import judge_labels, measure, retention

    probes = list(draw_probes(config, base.image_size))
    before, old = measure(base, probes), dict[str, Any]()
    if test is not None:
        old = {"labelled frames": judge_labels(base, test)}
    recipe, learned = learn(config, base, train, folder / "training")
    save_adapter(folder, base, config.vlm, recipe, learned)
    adapted: AdaptedEncoder = load(str(folder), config.device)
    after = measure(adapted, probes, before)
    new = {"labelled frames": judge_labels(adapted, test)} if test is not None else {}
    took_part = {f"{p.name}, {w}" for p in probes for w in p.adapted} | old.keys()
    result: dict[str, Any] = {
        "folder": str(folder),
        "method": config.method,
        "trained_on": config.frames if train is None else len(train),
        "adapted": sorted(took_part),
        "before": old | before.rows,
        "after": new | after.rows,
        "retention": retention(before, after, probes),
    }
    report(folder, config, result)
    shutil.rmtree(folder / "training")
    return result


def learn(config: Adapt, base: Any, train: "Labelled | None", saved: Path) -> "tuple[Recipe, Any]":
    """Train the method's part; from the simulator if there are no labelled frames."""
    from embodied.perception.adapt.folder import Recipe
    from embodied.perception.adapt.head import fit_on_labels
    from embodied.perception.adapt.lora import LoraConfig, fit_lora
    from embodied.perception.adapt.prompts import PromptsConfig, fit_prompts
    from embodied.perception.adapt.towers import open_towers

    settings = _fit_config(config)
    shared = {"epochs": settings.epochs, "learning_rate": settings.learning_rate}
    shared |= {"seed": config.seed}
    if train is None:
        learned = _learn_from_scenes(config, base, settings, saved)
        return Recipe(config.method, shared | {"env": config.env, "frames": config.frames}), learned
    state = saved / "state"
    with _progress(settings.epochs, config.method, config.json) as progress:

        def report(epoch: int, loss: float) -> None:
            progress.update(epoch, loss=loss)

        if config.method == "head":
            return Recipe("head", shared), fit_on_labels(base, train, settings, report, state)
        towers = open_towers(base)
        if config.method == "lora":
            lora = LoraConfig(config.rank, float(config.rank), config.towers)
            learned = fit_lora(base, towers, train, lora, settings, report, state)
            return Recipe("lora", shared | vars(lora)), learned
        prompts = PromptsConfig(
            config.context,
            config.method == "conditional-prompts",
            config.consistency if config.method == "consistent-prompts" else 0.0,
        )
        learned = fit_prompts(base, towers, train, prompts, settings, report, state)
        return Recipe(config.method, shared | vars(prompts)), learned


def _learn_from_scenes(config: Adapt, base: Any, settings: "FitConfig", saved: Path) -> Any:
    """A head, on embeddings of freshly drawn pictures."""
    from embodied.envs.mujoco.pictures import draw
    from embodied.perception.adapt.cache import embed_scenes
    from embodied.perception.adapt.head import fit_on_scenes
    from embodied.registry import ENVS

    simulator = ENVS.load(config.env or "").simulator
    words = simulator.vocabulary()
    removed = tuple(name for name in _without(config) if name in words.removable)

    def chunks(start: int) -> Iterator[Any]:
        size, split = base.image_size, words.splits[0]
        return draw(simulator, split, start, config.frames, size, config.seed, removed)

    with _progress(config.frames, "embed", config.json) as progress:
        scenes = embed_scenes(
            saved / "features", base, chunks, config.frames, words.statements, progress.update
        )
    kept = frozenset(words.statements) - set(_without(config))
    captions = _captions(words, False, removed, kept)
    with _progress(settings.epochs, "head", config.json) as progress:
        return fit_on_scenes(
            base,
            scenes,
            captions,
            settings,
            lambda epoch, loss: progress.update(epoch, loss=loss),
            saved / "state",
        )


def draw_probes(config: Adapt, size: int) -> "Iterator[Probe]":
    """Pictures and words of every registered simulator that has a vocabulary."""
    from embodied.envs.mujoco.pictures import open_pool
    from embodied.registry import ENVS

    if not config.judge_frames:
        return
    own = ENVS.load(config.env).simulator.name if config.env else None
    tasks = [ENVS.load(name) for name in ENVS.names()]
    for simulator in {task.simulator.name: task.simulator for task in tasks}.values():
        if simulator.words is None:
            continue
        with open_pool(simulator, size) as pool:
            for split in simulator.vocabulary().splits[1:]:
                yield _probe(config, simulator, split, size, simulator.name == own, pool)


def _probe(
    config: Adapt, simulator: "Simulator", split: str, size: int, own: bool, pool: "RenderPool"
) -> "Probe":
    """Pictures of one split with the words that took part in adapting, and the others."""
    import numpy as np

    from embodied.envs.mujoco.pictures import draw
    from embodied.perception.adapt.retention import Probe, choose
    from embodied.perception.align.data import Scenes

    words = simulator.vocabulary()
    left_out = frozenset(_without(config) if own else ())
    known = frozenset(words.statements) - left_out
    seed = config.seed + JUDGE_SEED
    chunks = draw(simulator, split, 0, config.judge_frames, size, seed, (), pool)
    # The pool draws the next split into the same memory.
    pairs = [(frames.copy(), truth) for frames, truth in chunks]
    frames, truth = map(np.concatenate, zip(*pairs, strict=True))
    scenes = Scenes(frames, truth, words.statements)
    groups = {
        "training words": _captions(words, False, (), known),
        "held-out words": _captions(words, True, (), known),
        "statements left out": _captions(words, False, (), left_out),
    }
    chosen = {name: choose(given, scenes) for name, given in groups.items()}
    return Probe(
        f"{simulator.name} {split}",
        scenes,
        {name: captions for name, captions in chosen.items() if captions.texts},
        frozenset(["training words"] if own else ()),
    )


def _captions(
    words: "Vocabulary", held_out: bool, removed: tuple[str, ...], kept: frozenset[str]
) -> Any:
    """Captions of the statements in `kept`."""
    from embodied.perception.align.data import Captions

    texts, owners = words.captions(held_out, removed)
    pairs = [pair for pair in zip(texts, owners, strict=True) if pair[1] in kept]
    return Captions(tuple(text for text, _ in pairs), tuple(owner for _, owner in pairs))


def _fit_config(config: Adapt) -> "FitConfig":
    from embodied.perception.adapt.fit import FitConfig

    epochs, batch, rate = DEFAULTS["scenes" if config.env else config.method]
    return FitConfig(
        config.epochs or epochs, batch, config.learning_rate or rate, WEIGHT_DECAY, config.seed
    )


def _check(config: Adapt) -> None:
    """Refuse what cannot work before anything is loaded."""
    if config.method not in METHODS:
        raise unknown("method", config.method, METHODS)
    if (config.env is None) == (config.labelled is None):
        raise EmbodiedError(
            "give --env TASK (a simulator's captions) or --labelled FOLDER, not both"
        )
    if config.env is not None and config.method != "head":
        raise EmbodiedError(
            f"--method {config.method} learns from --labelled FOLDER; --env goes with --method head"
        )
    if config.env is not None:
        from embodied.registry import ENVS

        statements = ENVS.load(config.env).simulator.vocabulary().statements
        for name in _without(config):
            if name not in statements:
                raise unknown("statement", name, statements)
    elif config.without:
        raise EmbodiedError("--without leaves out statements of a simulator: it goes with --env")
    least = {"frames": 100, "shots": 0, "judge_frames": 0, "rank": 1, "context": 1}
    for name, value in least.items():
        if getattr(config, name) < value:
            raise EmbodiedError(f"--{name.replace('_', '-')} must be at least {value}")
    if config.epochs is not None and config.epochs < 1:
        raise EmbodiedError("--epochs must be at least 1")
    if config.consistency < 0:
        raise EmbodiedError("--consistency must not be negative")


def _begin(folder: Path, config: Adapt) -> None:
    """Make the folder, or find it as an interrupted run with these settings left it."""
    from embodied.runs.disk import clear_errors, read_json, write_json

    free = {"output_dir", "resume", "json", "device"}
    settings = {f.name: getattr(config, f.name) for f in fields(Adapt) if f.name not in free}
    record = folder / "training" / "settings.json"
    with clear_errors(folder):
        used = folder.exists() and any(folder.iterdir())
        if used and not config.resume:
            raise EmbodiedError(f"{folder} exists: choose another --output-dir, or add --resume")
        if used and not record.is_file():
            raise EmbodiedError(f"{folder} holds nothing to go on with: leave out --resume")
        if used and read_json(record) != json.loads(json.dumps(settings)):
            raise EmbodiedError(
                f"{folder} was begun with other settings: resume with those, or choose another "
                "--output-dir"
            )
        record.parent.mkdir(parents=True, exist_ok=True)
    write_json(record, settings)


def _without(config: Adapt) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip() for name in config.without.split(","))))


def _progress(total: int, title: str, quiet: bool) -> Any:
    from embodied.runs.progress import Progress

    return Progress(total, title=title, quiet=quiet, curve="loss")
