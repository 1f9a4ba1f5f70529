"""`embodied learn-goals`: teach the words of people, from instructions whose goals are known."""

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from embodied.errors import EmbodiedError


@dataclass(frozen=True)
class LearnGoals:
    """Train goals from text on ALFRED's annotations; `embodied goal --goals FOLDER` uses them.

    Or, with --kitchen, goals from pictures and text in generated kitchens, for `embodied plan`. A
    tenth of the demonstrations, or as many other kitchens, tells how sure the model may be.
    """

    output_dir: str
    """Folder of the trained model."""

    data: str | None = None
    """JSONL of instructions with goals (`.gz` or plain): `{type, params, texts, id}` a line."""

    kitchen: int | None = None
    """Instead of --data, how many kitchens to draw; each is seen from two places."""

    test: str | None = None
    """JSONL of the same form to judge by; it takes no part in training."""

    epochs: int = 4
    """Passes over the instructions; with --kitchen over the pictures."""

    frozen: int = 2
    """Layers of the sentence encoder that stay as they are; more are faster and know less."""

    seed: int = 0
    """Decides everything random."""

    resume: bool = False
    """Go on in an existing folder."""

    json: bool = False
    """Print the results as one JSON object on the last line."""


def run(config: LearnGoals) -> dict[str, Any]:
    """Train, calibrate, judge and save; returns what `--json` prints."""
    if config.epochs < 1:
        raise EmbodiedError("--epochs must be at least 1")
    _check_folder(config)
    if config.kitchen is not None:
        from embodied.cli.kitchen_goals import run as run_kitchen

        return run_kitchen(config)
    if not config.data:
        raise EmbodiedError("say what to learn from: --data FILE, or --kitchen 4000")
    from embodied.cli.text_goals_card import card
    from embodied.perception.embedded import DEFAULT_FOLDER
    from embodied.perception.goal.alfred import read_alfred
    from embodied.perception.goal.fit_text import TextFit, fit, known_goals
    from embodied.perception.goal.homes import count_homes
    from embodied.perception.goal.text_goal import Reader, load, save
    from embodied.perception.sentences import SentenceEncoder
    from embodied.runs.lock import hold
    from embodied.runs.progress import Progress

    instructions = read_alfred(Path(config.data))
    test = read_alfred(Path(config.test)) if config.test else []
    learned, kept = split(instructions, config.seed)
    sentences = SentenceEncoder(DEFAULT_FOLDER / "text")
    layers = sentences.model.config.num_hidden_layers
    if not 0 <= config.frozen < layers:
        raise EmbodiedError(f"--frozen must be from 0 to {layers - 1}, got {config.frozen}")
    folder = Path(config.output_dir)
    (folder / "training").mkdir(parents=True, exist_ok=True)
    settings = TextFit(epochs=config.epochs, seed=config.seed)
    with hold(folder / "training"):
        reader = Reader(sentences, config.frozen)
        with Progress(config.epochs, title="learn", quiet=config.json, curve="loss") as progress:
            network = fit(
                reader,
                learned,
                settings,
                lambda epoch, loss: progress.update(epoch, loss=loss),
                folder / "training" / "state",
            )
        goals = known_goals(learned)
        record: dict[str, Any] = {
            "frozen": config.frozen,
            "settings": asdict(settings),
            "trained_on": {"instructions": len(learned), "goals": len(goals)},
            "homes": count_homes(learned, goals),
        }
        save(folder, network, goals, record)
        model = load(folder, sentences)  # as it is stored, in 8 bits
        for name, at_home in (("calibration", False), ("home_calibration", True)):
            record[name] = [round(p, 6) for p in sorted(model.probability_of(kept, at_home))]
        record["judged"] = _judge(model, {"held_out": kept, "test": test})
        save(folder, network, goals, record)
        (folder / "README.md").write_text(card(record, _command(config)), encoding="utf-8")
        result = record["trained_on"] | {"folder": str(folder), "calibrated_on": len(kept)}
        result |= record["judged"]
    shutil.rmtree(folder / "training")
    if not config.json:
        print("\n".join(f"{name:34s} {value}" for name, value in result.items()))
    return result


def _judge(model: Any, parts: dict[str, list[Any]]) -> dict[str, float]:
    """Exact match on all six fields, from the words alone and with the home known."""
    from embodied.perception.goal.alfred import exact_match

    numbers = {}
    for name, part in parts.items():
        texts, right = [one.text for one in part], [one.goal for one in part]
        if part:
            numbers[f"{name}_exact_match"] = exact_match(model.predict(texts), right)
        if any(one.home for one in part):
            found = model.predict(texts, [one.home for one in part])
            numbers[f"{name}_exact_match_in_known_home"] = exact_match(found, right)
    return numbers


def _command(config: LearnGoals) -> str:
    """The command line that makes the model again."""
    files = {"data": config.data, "test": config.test}
    flags = {name: Path(path).name for name, path in files.items() if path}
    flags |= {"frozen": config.frozen, "epochs": config.epochs, "seed": config.seed}
    return " ".join(["embodied learn-goals", *(f"--{k} {v}" for k, v in flags.items())])


def _check_folder(config: LearnGoals) -> None:
    folder = Path(config.output_dir)
    if folder.exists() and any(folder.iterdir()) and not config.resume:
        raise EmbodiedError(f"{folder} is not empty: go on with --resume, or choose another")


def split(instructions: list[Any], seed: int) -> tuple[list[Any], list[Any]]:
    """Nine tenths and one tenth of the demonstrations, with all the words for each."""
    import numpy as np

    trials = sorted({one.trial for one in instructions})
    kept = set(np.random.default_rng(seed).permutation(trials)[: len(trials) // 10].tolist())
    learned = [one for one in instructions if one.trial not in kept]
    if not learned:
        raise EmbodiedError("there are no instructions to learn from")
    return learned, [one for one in instructions if one.trial in kept]
