"""Goals from pictures and words: learned, stored, read, resumed; and the model that ships."""

from pathlib import Path

import numpy as np
import pytest
import torch

from embodied.errors import EmbodiedError
from embodied.perception.goal.fit_seen import Samples, SeenFit, fit_joint, fit_scene
from embodied.perception.goal.scene_graph import SceneConfig, SceneNetwork
from embodied.perception.goal.seen_goal import (
    JointConfig,
    JointNetwork,
    SeenGoals,
    load,
    save,
)
from embodied.perception.goal.text_goal import Reader
from embodied.perception.goal.triple import goal_of, missing
from embodied.perception.sentences import SentenceEncoder
from tests.perception.tiny_encoder import make_encoder

KINDS = ("Apple", "Mug", "Pan")
SCENE = SceneConfig(32, KINDS, ("dirty",), KINDS, (8, 8, 16, 16))
TRIPLES = [
    (action, subject, other)
    for action, other in (("contain", "hand"), ("clean", "unknown"))
    for subject in ("apple", "mug", "pan", "unknown")
    if (subject, other) != ("unknown", "unknown")
]
WORDS = {"contain": "both arms up", "clean": "kneeling on the floor"}


@pytest.fixture(scope="module")
def sentences(tmp_path_factory: pytest.TempPathFactory) -> SentenceEncoder:
    return SentenceEncoder(make_encoder(tmp_path_factory.mktemp("encoder")) / "text")


@pytest.fixture(scope="module")
def world() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pictures with one coloured square, of a type's colour; the cells; and the types, -1: none."""
    rng = np.random.default_rng(0)
    pictures = np.full((120, 32, 32, 3), 90, np.uint8)
    cells = np.zeros((120, 4, 4, 4), bool)
    kinds = rng.integers(-1, 3, 120)
    for k, kind in enumerate(kinds):
        if kind >= 0:
            y, x = rng.integers(4, size=2)
            pictures[k, 8 * y : 8 * y + 8, 8 * x : 8 * x + 8] = np.eye(3)[kind] * 255
            cells[k, kind, y, x] = True
    return pictures, cells, kinds


def _networks(sentences: SentenceEncoder) -> tuple[SceneNetwork, JointNetwork]:
    torch.manual_seed(0)
    words = sentences.model.config.hidden_size
    joint = JointConfig(width=32, layers=2, heads=2, words=words)
    return SceneNetwork(SCENE), JointNetwork(joint, SCENE, TRIPLES, 0.0)


def _samples(kinds: np.ndarray) -> tuple[Samples, list[str]]:
    """`both arms up` means to hand over what is there, the other words to clean it."""
    texts, picture, text, goal = list(WORDS.values()), [], [], []
    for k, kind in enumerate(kinds):
        name = "unknown" if kind < 0 else KINDS[kind].lower()
        for number, triple in enumerate((("contain", name, "hand"), ("clean", name, "unknown"))):
            if triple in TRIPLES:
                picture.append(k)
                text.append(number)
                goal.append(TRIPLES.index(triple))
    return Samples(np.array(picture), np.array(text), np.array(goal)), texts


def test_learned_stored_and_read(
    sentences: SentenceEncoder, world: tuple[np.ndarray, ...], tmp_path: Path
) -> None:
    pictures, cells, kinds = world
    scene, joint = _networks(sentences)
    fit_scene(scene, pictures[:100], lambda i: cells[i], SeenFit(epochs=12, batch_size=20))
    samples, texts = _samples(kinds[:100])
    model = SeenGoals(Reader(sentences, sentences.model.config.num_hidden_layers), scene, joint, [])
    graphs = model.graphs(pictures[:100]).clone()
    fit_joint(
        joint,
        samples,
        lambda rows: model.read([texts[k] for k in rows]),
        lambda rows: graphs[torch.from_numpy(rows)],
        SeenFit(epochs=15, batch_size=10),
    )
    save(tmp_path / "goals", scene, joint, TRIPLES, {"calibration": [0.5]})
    stored = load(tmp_path / "goals", sentences)
    assert stored.calibration == [0.5]
    assert stored.triples == TRIPLES
    fresh, texts = _samples(kinds[100:])
    found = stored.probabilities(
        stored.graphs(pictures[100:])[fresh.picture], [texts[k] for k in fresh.text]
    )
    assert (found.argmax(1).numpy() == fresh.goal).mean() > 0.8
    shown = next(k for k in range(100, 120) if kinds[k] == 1)
    goal = stored(pictures[shown], WORDS["contain"], most=3)
    assert goal.literals == (("holding", "mug"),)
    assert len(goal.alternatives) == 2
    big = pictures[shown].repeat(3, 0).repeat(3, 1)
    assert stored(big, WORDS["contain"]).literals == goal.literals  # of any size
    assert "Mug" in stored.see(pictures[shown])
    one, mirror = (stored.graphs(some, mirrored=False) for some in (pictures, pictures[:, :, ::-1]))
    torch.testing.assert_close(stored.graphs(pictures), torch.maximum(one, mirror))
    nothing = next(k for k in range(100, 120) if kinds[k] == -1)
    both = pictures[[nothing, shown]]  # what is in one of two pictures is in view
    assert stored(both, WORDS["contain"]).literals == goal.literals
    assert stored(both[0], WORDS["contain"]).literals == (("holding", "unknown"),)


def test_a_stopped_training_goes_on_as_if_it_had_not(
    sentences: SentenceEncoder, world: tuple[np.ndarray, ...], tmp_path: Path
) -> None:
    class Stopped(Exception):
        pass

    def stop(epoch: int, _loss: float) -> None:
        if epoch == 1:
            raise Stopped

    pictures, cells, _ = world
    config = SeenFit(epochs=2, batch_size=20)
    whole, _ = _networks(sentences)
    fit_scene(whole, pictures, lambda i: cells[i], config)
    killed, _ = _networks(sentences)
    with pytest.raises(Stopped):
        fit_scene(killed, pictures, lambda i: cells[i], config, stop, tmp_path / "state")
    resumed, _ = _networks(sentences)
    epochs: list[int] = []
    fit_scene(
        resumed,
        pictures,
        lambda i: cells[i],
        config,
        lambda e, _: epochs.append(e),
        tmp_path / "state",
    )
    assert epochs == [2]
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], value)


def test_damaged_folders_and_bad_input_are_one_line(
    sentences: SentenceEncoder, tmp_path: Path
) -> None:
    scene, joint = _networks(sentences)
    save(tmp_path, scene, joint, TRIPLES, {})
    model = load(tmp_path, sentences)
    picture = np.zeros((32, 32, 3), np.uint8)
    with pytest.raises(EmbodiedError, match="--instruction"):
        model(picture, " \n")
    with pytest.raises(EmbodiedError, match="RGB uint8"):
        model(picture.astype(float), "kneeling")
    weights = (tmp_path / "model.safetensors").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(weights[: len(weights) // 2])
    with pytest.raises(EmbodiedError, match="learn-goals --kitchen") as caught:
        load(tmp_path, sentences)
    assert "\n" not in str(caught.value)
    with pytest.raises(EmbodiedError, match="no pictures"):
        fit_scene(scene, np.zeros((0, 32, 32, 3), np.uint8), lambda i: i > 0, SeenFit())


@pytest.mark.parametrize(
    ("triple", "literals", "lacks"),
    [
        ("contain mug hand", (("holding", "mug"),), ""),
        ("contain mug fridge", (("in", "mug", "fridge"),), ""),
        ("contain mug unknown", (("in", "mug", "unknown"),), "where the mug is to go"),
        ("contain unknown hand", (("holding", "unknown"),), "to be moved is not in view"),
        ("cut apple knife", (("sliced", "apple"),), ""),
        ("cut apple unknown", (("sliced", "apple", "unknown"),), "no knife in view"),
        ("clean pan unknown", (("not", "dirty", "all:pan", "unknown"),), "no sink in view"),
        ("clean unknown sinkbasin", (("not", "dirty", "all:unknown"),), "to be cleaned is not"),
        ("cook egg microwave", (("cooked", "egg"), ("in", "egg", "microwave")), ""),
        ("cook mug unknown", (("in", "mug", "unknown"), ("toggled", "unknown")), "to heat the mug"),
    ],
)
def test_triples_as_literals_and_what_is_missing(
    triple: str, literals: tuple[tuple[str, ...], ...], lacks: str
) -> None:
    action, subject, other = triple.split()
    goal = goal_of((action, subject, other), 0.5)
    assert goal.literals == literals
    assert goal.confidence == 0.5
    told = missing(goal)
    assert lacks in told
    assert bool(told) == bool(lacks)


def test_the_model_that_ships_uses_the_picture() -> None:
    """On fresh pictures and words of `hard2` it is well above what words alone can tell."""
    from embodied.envs.mujoco.kitchen.instructions import tell
    from embodied.envs.mujoco.kitchen.sights import STREAMS, TASKS, Looker

    model = load()
    looker, right, blind = Looker(), [], []
    known = {" ".join(triple): k for k, triple in enumerate(model.triples)}
    for number in range(40):
        rng = np.random.default_rng([7, number])
        task = TASKS[number % len(TASKS)]
        sight = looker.draw(rng, STREAMS["test"] + 8 * (500_000 + number), task)
        if told := tell(sight.seen, task, "hard2", rng, "test"):
            graph = model.graphs(sight.picture[None])
            truth = known[" ".join(told.triple)]
            for graphs, hits in ((graph, right), (torch.zeros_like(graph), blind)):
                hits.append(int(model.probabilities(graphs, [told.text])[0].argmax()) == truth)
    looker.close()
    assert len(right) > 12
    assert np.mean(right) > np.mean(blind) + 0.2
