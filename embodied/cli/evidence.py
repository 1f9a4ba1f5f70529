"""States to audit a reward on: drawn and judged, then rendered and embedded once."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from embodied.envs.mujoco.nearby import nearby
from embodied.envs.task import Task
from embodied.envs.vocabulary import Vocabulary
from embodied.errors import EmbodiedError
from embodied.perception.audit.findings import Truth
from embodied.perception.audit.scores import Prompt, Views

if TYPE_CHECKING:
    from embodied.perception.encoder import ImageTextEncoder

SPLIT = "plain"
CHUNK = 256
"""Frames drawn and embedded at once."""
SWEPT = 48
"""States whose look is varied."""
FEWEST = 10
"""With fewer right or wrong states no number means anything."""
STREAM = 0xA0D1
"""Keeps the random stream apart from those that `embodied align` trains on."""


@dataclass(frozen=True)
class Scenes:
    """What an audit looks at: states of a task's simulator and what is true of them.

    qpos: N states, [N, nq]. motions: M scripted motions of T states to the goal, [M, T, nq].
    sweeps: name of a change -> rows for the `look` hook, [m, look_size]. swept: the states that
        are drawn under each of them, rows of `qpos`, [S].
    """

    task: Task
    qpos: np.ndarray
    motions: np.ndarray
    sweeps: dict[str, np.ndarray]
    swept: np.ndarray
    truth: Truth

    def frames(self) -> int:
        """How many frames `embed` draws through each camera."""
        rows = sum(map(len, self.sweeps.values()))
        return len(self.qpos) + self.motions[..., 0].size + rows * len(self.swept)


def draw_scenes(task: Task, states: int, seed: int) -> Scenes:
    """States for an audit; the seed decides them.

    A third are the vocabulary's own varied states. Success is rare among them, and a policy spends
    its time near the goal, so a third are states of the scripted motions to the goal, from half-way
    on, each with joint noise (`nearby`): successes and near misses. A third are such states of the
    simulator's other tasks (of this one, where it is the only one): what a reward for something
    else would like as well.

    Raises EmbodiedError if nobody has written down what the task's states show, or if too few of
    them are right or wrong.
    """
    simulator = task.simulator
    words = simulator.vocabulary()
    if task.name not in words.tasks:
        raise EmbodiedError(
            f"the vocabulary of the simulator {simulator.name!r} does not say what the goal of "
            f"{task.name!r} is: name its statement in the vocabulary's `tasks`"
        )
    rng = np.random.default_rng([seed, STREAM])
    motions, progress = words.motions(task.name)
    own = motions[progress >= 0.5]
    others = [words.motions(name) for name in words.tasks if name != task.name]
    late = np.concatenate([way[along >= 0.5] for way, along in others]) if others else own
    third = states // 3
    near = [source[rng.integers(len(source), size=third)] for source in (own, late)]
    varied = words.sample(rng, states - 2 * third, SPLIT, ())
    qpos = np.concatenate([varied, nearby(simulator.load(), rng, np.concatenate(near))])
    truth = Truth(
        success=task.measure(qpos),
        degrees=words.truth(qpos),
        statements=words.statements,
        goal=words.tasks[task.name],
        tasks=tuple(words.tasks.values()),
        progress=progress,
    )
    right = int(truth.success.sum())
    for count, name in ((right, "right"), (states - right, "wrong")):
        if count < FEWEST:
            raise EmbodiedError(
                f"only {count} of {states} states are {name} by the checker of {task.name}, too "
                f"few to judge a reward by (at least {FEWEST}): give more --states"
            )
    sweeps = words.sweeps() if simulator.look else {}
    return Scenes(task, qpos, motions, sweeps, _choose(truth.success, rng), truth)


def _choose(success: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rows of `SWEPT` states, half of them right where there are enough."""
    right, wrong = (rng.permutation(np.flatnonzero(s)) for s in (success, ~success))
    return np.concatenate([right[: SWEPT // 2], wrong[: SWEPT // 2]])


def embed(
    scenes: Scenes,
    encoders: "list[ImageTextEncoder]",
    look_away: np.ndarray | None = None,
    cameras: Sequence[str] = (),
    report: Callable[[int], object] = lambda done: None,
) -> list[list[Views]]:
    """Draw every frame and embed it with each of the encoders, which share an image size.

    Of each encoder there are the views through each camera.

    look_away: rows [1, look_size] for all states instead of the plain look, without any sweeps.
    cameras: what the reward looks through, if not the simulator's own choice.
    report: is told how many frames are done.

    Raises EmbodiedError for a camera that looks cannot be seen through.
    """
    seen = [
        _embed(scenes, encoders, look_away, camera, lambda n, k=k: report(k * scenes.frames() + n))
        for k, camera in enumerate(cameras or (None,))
    ]
    return [list(views) for views in zip(*seen, strict=True)]


def _embed(
    scenes: Scenes,
    encoders: "list[ImageTextEncoder]",
    look_away: np.ndarray | None,
    camera: str | None,
    report: Callable[[int], object],
) -> list[Views]:
    """Of each encoder the views through one camera."""
    import torch

    from embodied.cli.world import make_pool
    from embodied.perception.scorer import spare_threads, torch_threads

    simulator = scenes.task.simulator
    sweeps = {} if look_away is not None else scenes.sweeps
    flat = scenes.motions.reshape(-1, scenes.qpos.shape[1])
    qpos, looks = [scenes.qpos, flat], []
    if simulator.look:
        plain = look_away if look_away is not None else _plain(simulator.vocabulary())
        looks = [np.tile(plain, (len(states), 1)) for states in qpos]
    for rows in sweeps.values():
        qpos.append(np.tile(scenes.qpos[scenes.swept], (len(rows), 1)))
        looks.append(np.repeat(rows, len(scenes.swept), axis=0))
    states, look = np.concatenate(qpos), np.concatenate(looks) if looks else None
    if look is not None and camera and look_away is None:
        look = _through(simulator.vocabulary(), look, camera)
    pieces: list[list[torch.Tensor]] = [[] for _ in encoders]
    side = encoders[0].image_size
    with make_pool(simulator, CHUNK, side, camera, looks=look is not None) as pool:

        def submit(start: int) -> None:
            part = slice(start, start + CHUNK)
            pool.submit(states[part], None if look is None else look[part])

        submit(0)
        for start in range(0, len(states), CHUNK):
            frames = torch.from_numpy(pool.collect())
            if start + CHUNK < len(states):
                submit(start + CHUNK)  # drawn while these are embedded
            for encoder, kept in zip(encoders, pieces, strict=True):
                light = encoder.name.startswith("embedded")  # the renderers need the cores
                with torch_threads(spare_threads()) if light else nullcontext():
                    kept.append(encoder.encode_images(frames).float().cpu())
            report(min(start + CHUNK, len(states)))
    views = []
    for kept in pieces:
        parts = torch.split(torch.cat(kept), [len(part) for part in qpos])
        shapes = ((len(rows), len(scenes.swept), -1) for rows in sweeps.values())
        views.append(
            Views(
                parts[0],
                parts[1].reshape(*scenes.motions.shape[:2], -1),
                {
                    name: part.reshape(shape)
                    for name, part, shape in zip(sweeps, parts[2:], shapes, strict=True)
                },
                scenes.swept,
            )
        )
    return views


def _plain(words: Vocabulary) -> np.ndarray:
    return words.looks(np.random.default_rng(0), 1, SPLIT)


def _through(words: Vocabulary, rows: np.ndarray, camera: str) -> np.ndarray:
    if words.through is None:
        raise EmbodiedError(
            f"an audit cannot look through {camera!r}: the vocabulary does not say how "
            "(its `through`)"
        )
    return words.through(rows, camera)


def list_prompts(task: Task, used: list[str]) -> list[Prompt]:
    """What to compare pictures with: the prompts in use and the task's own, the goal's phrases and
    paraphrases, and one text for every other statement."""
    words = task.simulator.vocabulary()
    goal = words.tasks[task.name]
    found = [Prompt(text, "used", goal) for text in used]
    found += [Prompt(text, "task", goal) for text in task.goal_prompts]
    for kind, held_out in (("phrase", False), ("paraphrase", True)):
        texts = _by_statement(words, held_out).get(goal, [])
        found += [Prompt(text, kind, goal) for text in texts]
    for statement, texts in _by_statement(words, False).items():
        if statement != goal:
            found.append(Prompt(texts[0], "other", statement))
    unique = {prompt.text: prompt for prompt in reversed(found)}  # the first kind counts
    return [prompt for prompt in found if unique[prompt.text] is prompt]


def _by_statement(words: Vocabulary, held_out: bool) -> dict[str, list[str]]:
    """The texts of each statement, in the vocabulary's order."""
    found: dict[str, list[str]] = {}
    for text, statement in zip(*words.captions(held_out, ()), strict=True):
        found.setdefault(statement, []).append(text)
    return found
