"""A state of AI2-THOR as a planning task."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from embodied.errors import EmbodiedError
from embodied.planners.household import THOR_ACTIONS, from_metadata, load_domain
from embodied.planners.logic import holds, progress
from embodied.signals import Goal
from tests.planners.world import Kitchen

REAL = Path("/work/shared/data/thor-object-metadata.json.gz")


def test_facts_and_types_of_a_state() -> None:
    world = Kitchen()
    world.objects["Bowl"]["parentReceptacles"] = ["CounterTop|1"]
    world.objects["Apple"]["parentReceptacles"] = ["CounterTop|1", "Bowl|1"]
    state = from_metadata(world.observe())
    facts = state.task.init
    assert state.ids["apple_1"] == "Apple|1"
    assert {fact for fact in facts if "apple_1" in fact} == {
        ("pickupable", "apple_1"),
        ("sliceable", "apple_1"),
        ("in", "apple_1", "bowl_1"),
    }
    assert {fact[1] for fact in facts if fact[0] == "accessible"} == {
        "bowl_1",
        "countertop_1",
        "diningtable_1",
        "mug_1",
        "nowhere",
        "sinkbasin_1",
    }
    assert ("heats", "microwave_1", "microwave_1") in facts
    assert ("washes", "faucet_1", "sinkbasin_1") in facts
    assert {fact for fact in facts if fact[0] == "plain"} == {("plain", "lamp_1")}
    assert ("handempty",) in facts
    classes = {kind: state.task.types[kind] for kind in ("bowl", "apple", "fridge", "lamp")}
    assert classes == {"bowl": "vessel", "apple": "item", "fridge": "place", "lamp": "fixture"}


def test_what_is_behind_a_door_or_in_the_hand_gives_and_takes_nothing() -> None:
    world = Kitchen()
    world.objects["Mug"] |= {"isPickedUp": True, "parentReceptacles": None}
    facts = from_metadata(world.observe()).task.init
    assert {("holding", "mug_1")} <= facts
    assert not facts & {("handempty",), ("accessible", "mug_1"), ("accessible", "bowl_1")}
    world.objects["Cabinet"]["isOpen"] = True
    assert ("accessible", "bowl_1") in from_metadata(world.observe()).task.init


@pytest.mark.parametrize("seed", range(4))
def test_the_domain_says_what_the_world_does(seed: int) -> None:
    """Random actions: what the domain allows the world does, and with the same result."""
    world = Kitchen(seed=seed)
    agreed = 0
    for _ in range(150):
        state = from_metadata(world.observe())
        facts = state.task.init
        schema = world.random.choice(state.task.actions)
        names = [world.random.choice(sorted(state.ids)) for _ in schema.parameters]
        for i, (_, kind) in enumerate(schema.parameters):
            names[i] = world.random.choice([n for n in state.task.of_type(kind) if n in state.ids])
        if schema.name in ("pickup", "slice"):  # the second argument is where the thing is
            place = next((f[2] for f in facts if f[:2] == ("in", names[0])), names[1])
            names[1] = place
            assert state.task.is_a(state.task.objects[place], schema.parameters[1][1])
        if schema.name == "put" and (held := world.held()):
            names[0] = f"{held.lower()}_1"
        action = (schema.name, *names)
        expected = progress(state.task, facts, action)
        if expected is None:
            continue
        ok, message = world.execute(state.thor_action(action))
        assert ok, (action, message)
        assert from_metadata(world.observe()).task.init == expected, action
        agreed += 1
    assert agreed > 10


def test_slices_are_sliced_things_of_the_whole_s_type() -> None:
    """iTHOR takes the whole away; a goal about it is then about its slices."""
    world = Kitchen()
    whole = world.objects.pop("Potato")
    kind = {"objectType": "PotatoSliced", "sliceable": False}
    for k in range(2):
        world.objects[f"slice {k}"] = whole | kind | {"objectId": f"Potato|1|PotatoSliced_{k}"}
    egg = {"objectId": "Egg|1|EggCracked_0", "objectType": "EggCracked"}
    world.objects["egg"] = whole | egg
    state = from_metadata(world.observe()).with_goal(Goal((("sliced", "potato"),)))
    assert sorted(state.task.of_type("potato")) == ["potatosliced_1", "potatosliced_2"]
    assert state.task.of_type("egg") == ["eggcracked_1"]
    assert holds(state.task, state.task.goal, state.task.init)


def test_hot_and_cold_are_facts_that_exclude_each_other() -> None:
    """What is heated in a bowl is hot as the bowl is; in the fridge it is cold, once it is shut."""
    world = Kitchen()
    world.objects["Mug"]["temperature"] = "Cold"
    for thing, place in (("Mug", "Bowl"), ("Bowl", "Microwave")):
        world._move(thing, place)

    def after(*actions: tuple[str, ...]) -> set[tuple[str, ...]]:
        state = from_metadata(world.observe())
        facts = state.task.init
        for action in actions:
            facts = progress(state.task, facts, action)
            assert facts is not None, action
        return {fact for fact in facts if fact[0] in ("hot", "cold")}

    heat = ("heat", "microwave_1", "microwave_1")
    assert after() == {("cold", "mug_1")}
    assert after(heat) == {("hot", "mug_1"), ("hot", "bowl_1")}
    world._move("Bowl", "Fridge")
    assert after(("open", "fridge_1")) == {("cold", "mug_1")}
    cold = after(("open", "fridge_1"), ("close", "fridge_1"))
    assert cold >= {("cold", "mug_1"), ("cold", "bowl_1"), ("cold", "apple_1")}


def test_goals_by_object_id() -> None:
    state = from_metadata(Kitchen().observe()).with_goal(Goal((("in", "Apple|1", "Fridge|1"),)))
    assert state.task.goal == ("and", ("in", "apple_1", "fridge_1"))
    assert holds(state.task, state.task.goal, state.task.init)


def test_every_action_of_the_domain_has_one_of_ithor() -> None:
    state = from_metadata(Kitchen().observe())
    assert {schema.name for schema in state.task.actions} == set(THOR_ACTIONS)
    sent = state.thor_action(("put", "apple_1", "fridge_1"))
    assert sent == {"action": "PutObject", "objectId": "Fridge|1"}


def test_metadata_that_is_no_metadata() -> None:
    with pytest.raises(EmbodiedError, match="no 'objectType'"):
        from_metadata([{"objectId": "a"}])
    item: dict[str, Any] = {"objectId": "a", "objectType": "A"}
    with pytest.raises(EmbodiedError, match="the same objectId"):
        from_metadata([item, item])
    with pytest.raises(EmbodiedError, match="Did you mean 'household'"):
        load_domain("housholds")


@pytest.mark.skipif(not REAL.exists(), reason=f"needs {REAL}")
def test_real_scenes() -> None:
    scenes = json.loads(gzip.decompress(REAL.read_bytes()))
    for scene in scenes["kitchens"]:
        state = from_metadata(scene)
        facts = state.task.init
        assert len(state.ids) == len(scene)
        for item in (name for name in state.ids if ("pickupable", name) in facts):
            assert sum(fact[:2] == ("in", item) for fact in facts) == 1
        knobs = [name for name in state.ids if name.startswith("stoveknob")]
        assert all(any(fact[:2] == ("heats", knob) for fact in facts) for knob in knobs)
