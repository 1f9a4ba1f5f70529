"""The metadata is AI2-THOR's: its fields, its flags, its coordinates."""

import gzip
import json
from pathlib import Path

import pytest

from embodied.envs.mujoco.kitchen.kinds import KINDS
from embodied.envs.mujoco.kitchen.scenario import Wish
from embodied.planners.household import from_metadata
from tests.envs.kitchen.conftest import Make, do, first, item

REAL = Path("/work/shared/data/thor-object-metadata.json.gz")
FLAGS = ("pickupable", "receptacle", "openable", "toggleable", "sliceable", "cookable", "dirtyable")
# What is ours: whole food cooks, kettles stay shut, and a mug's worth of other things.
OURS = {("Egg", "cookable"), ("Bread", "cookable"), ("Tomato", "cookable"), ("Kettle", "openable")}


@pytest.mark.skipif(not REAL.exists(), reason=f"needs {REAL}")
def test_fields_and_flags_are_those_of_real_scenes(make: Make) -> None:
    scenes = json.loads(gzip.decompress(REAL.read_bytes()))["kitchens"]
    real = {o["objectType"]: o for scene in scenes for o in scene}
    objects = make(clutter=1.0).observe()
    assert set(real["Mug"]) <= set(objects[0])
    for ours in objects:
        theirs = real[ours["objectType"]]
        for flag in FLAGS:
            if (ours["objectType"], flag) not in OURS and ours["objectType"] != "Sink":
                assert ours[flag] == theirs[flag], (ours["objectType"], flag)
        for field, value in theirs.items():
            same = isinstance(ours[field], type(value)) or None in (value, ours[field])
            assert same, (field, value, ours[field])


def test_ids_places_and_boxes(make: Make) -> None:
    actor = make(Wish("Mug", "CounterTop"), Wish("Apple", "Plate"), Wish("Plate", "DiningTable"))
    mug = item(actor, first(actor, "Mug"))
    where, box = mug["position"], mug["axisAlignedBoundingBox"]
    assert mug["objectId"] == f"Mug|{where['x']:+06.2f}|{where['y']:+06.2f}|{where['z']:+06.2f}"
    assert 0.88 < where["y"] < 0.93  # it stands on the counter
    assert box["center"]["y"] - box["size"]["y"] / 2 == pytest.approx(where["y"], abs=1e-3)
    assert 0.05 < box["size"]["y"] < 0.12
    assert 0.07 < box["size"]["x"] < 0.14
    assert len(box["cornerPoints"]) == 8
    counter = item(actor, mug["parentReceptacles"][0])
    assert counter["objectType"] == "CounterTop"
    assert mug["objectId"] in counter["receptacleObjectIds"]
    apple = item(actor, first(actor, "Apple"))
    parents = {item(actor, parent)["objectType"] for parent in apple["parentReceptacles"]}
    assert parents == {"Plate", "DiningTable"}
    assert first(actor, "SinkBasin").endswith("|SinkBasin")
    knobs = [o for o in actor.observe() if o["objectType"] == "StoveKnob"]
    burners = [o["objectId"] for o in actor.observe() if o["objectType"] == "StoveBurner"]
    assert sorted(knob["controlledObjects"][0] for knob in knobs) == sorted(burners)


def test_ids_are_unique_and_types_known(make: Make) -> None:
    objects = make(clutter=1.0, seed=3).observe()
    assert len({o["objectId"] for o in objects}) == len(objects)
    assert {o["objectType"] for o in objects} <= set(KINDS)


def test_the_household_domain_reads_it(make: Make) -> None:
    actor = make(Wish("Egg", "Bowl"), Wish("Bowl", "Fridge"), Wish("Potato"), Wish("Knife"))
    facts = from_metadata(actor.observe()).task.init
    assert ("in", "egg_1", "bowl_1") in facts
    assert ("in", "bowl_1", "fridge_1") in facts
    assert ("accessible", "bowl_1") not in facts
    assert ("washes", "faucet_1", "sinkbasin_1") in facts
    assert ("heats", "microwave_1", "microwave_1") in facts
    assert sum(fact[0] == "heats" for fact in facts) == 6  # and four burners and the toaster


def test_slices_count_as_what_they_are_of(make: Make) -> None:
    actor = make(Wish("Potato", "CounterTop"), Wish("Knife", "CounterTop"))
    assert do(actor, "PickupObject", "Knife") == ""
    assert do(actor, "SliceObject", "Potato") == ""
    task = from_metadata(actor.observe()).task
    slices = [f"potatosliced_{k}" for k in (1, 2, 3)]
    assert sorted(task.of_type("potato")) == slices
    assert all(("sliced", name) in task.init for name in slices)
