"""Kitchens drawn from a seed: what must be there, and that nothing overlaps or floats."""

import numpy as np
import pytest

from embodied.envs.mujoco.kitchen.kinds import CARRIED, KINDS, kind_of
from embodied.envs.mujoco.kitchen.kitchen import Kitchen
from embodied.envs.mujoco.kitchen.physics import settle
from embodied.envs.mujoco.kitchen.pictures import Painter
from embodied.envs.mujoco.kitchen.placing import overlap, patch_of
from embodied.envs.mujoco.kitchen.scenario import Scenario, Wish
from embodied.errors import EmbodiedError
from tests.envs.kitchen.conftest import Make

FULL = Scenario(clutter=1.0, variant=0)


def test_thirty_types_and_more() -> None:
    kitchen = Kitchen(FULL)
    kitchen.reset(0)
    kinds = {item["objectType"] for item in kitchen.objects()}
    assert len(kinds) >= 40
    assert kinds <= set(KINDS)
    assert set(CARRIED) <= set(KINDS)


@pytest.mark.parametrize("seed", range(4))
def test_things_lie_apart_and_at_rest(seed: int) -> None:
    kitchen = Kitchen(FULL)
    kitchen.reset(seed)
    scene = kitchen.scene
    patches = {name: patch_of(scene, name) for name in scene.things()}
    assert len(patches) > 25
    names = sorted(patches)
    for i, one in enumerate(names):
        assert scene.holders(one), f"{one} is nowhere"
        for other in names[i + 1 :]:
            assert not overlap(patches[one], patches[other]), (one, other)
    before = {name: (scene.pose(name)[0], scene.holders(name)) for name in names}
    settle(scene)
    for name in names:
        pos, holders = before[name]
        assert np.linalg.norm(scene.pose(name)[0] - pos) < 0.03, name
        assert scene.holders(name) == holders, name


def test_wishes_come_true(make: Make) -> None:
    dirty = Wish("Mug", "SinkBasin", ("dirty",))
    actor = make(dirty, Wish("Fridge", states=("open",)), absent=("Pan", "Apple"), clutter=1.0)
    objects = actor.observe()
    mugs = [o for o in objects if o["objectType"] == "Mug"]
    assert len(mugs) == 1  # what is wished for is there exactly as wished
    assert mugs[0]["isDirty"]
    assert mugs[0]["parentReceptacles"][0].endswith("|SinkBasin")
    assert not {"Pan", "Apple"} & {o["objectType"] for o in objects}
    assert next(o for o in objects if o["objectType"] == "Fridge")["isOpen"]
    cooked = make(Wish("Potato", "StoveBurner", ("cooked",)), Wish("StoveKnob", states=("on",)))
    state = {o["objectType"]: o for o in cooked.observe()}
    assert state["Potato"]["isCooked"]


def test_same_seed_same_kitchen_whatever_came_before(gl: None) -> None:
    first, other = Kitchen(Scenario(variant=0)), Kitchen(Scenario(variant=0))
    first.reset(5)
    other.reset(9)
    other.step("RotateLeft")
    other.reset(5)
    assert first.objects() == other.objects()
    pictures = [Painter(k.scene, 64, 64).colour(k.agent.view()) for k in (first, other)]
    assert (pictures[0] == pictures[1]).all()
    other.reset(6)
    assert first.objects() != other.objects()


def test_kitchens_differ() -> None:
    kitchen = Kitchen(Scenario(variant=0))
    shapes, counts = set(), set()
    for seed in range(12):
        kitchen.reset(seed)
        shapes.add(kitchen.scene.layout.shape)
        counts.add(tuple(sorted(kind_of(name) for name in kitchen.scene.things())))
    assert len(shapes) >= 3
    assert len(counts) == 12


def test_impossible_wishes_are_told() -> None:
    with pytest.raises(EmbodiedError, match="Did you mean 'Mug'"):
        Scenario(present=(Wish("Mugg"),))
    with pytest.raises(EmbodiedError, match="cannot be cooked"):
        Scenario(present=(Wish("Mug", states=("cooked",)),))
    with pytest.raises(EmbodiedError, match="both present and absent"):
        Scenario(present=(Wish("Mug"),), absent=("Mug",))
    with pytest.raises(EmbodiedError, match="at most 2 of Mug"):
        Scenario(present=(Wish("Mug"),) * 3)
    with pytest.raises(EmbodiedError, match="only comes of slicing"):
        Scenario(present=(Wish("AppleSliced"),))
    with pytest.raises(EmbodiedError, match="stands where it is"):
        Scenario(present=(Wish("Fridge", "CounterTop"),))
    with pytest.raises(EmbodiedError, match="share from 0 to 1"):
        Scenario(clutter=2.0)
    with pytest.raises(EmbodiedError, match="0 or more"):
        Kitchen().reset(-1)
    with pytest.raises(EmbodiedError, match="no room"):
        Kitchen(Scenario(present=(Wish("Bread", "Mug"), Wish("Mug")), variant=0)).reset(0)
