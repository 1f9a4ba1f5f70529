"""Acting: reach and sight, doors, gravity, and what knives, heat and water do."""

import numpy as np
import pytest

from embodied.envs.mujoco.kitchen.actor import KitchenActor
from embodied.envs.mujoco.kitchen.pictures import Painter
from embodied.envs.mujoco.kitchen.scenario import Wish
from embodied.errors import EmbodiedError
from tests.envs.kitchen.conftest import Make, do, first, item

TABLE = 0.755


def go_to(actor: KitchenActor, kind: str) -> None:
    """Stand where the first object of a type can be acted on."""
    pose = next(actor._places(actor.kitchen.scene.find(kind)[0], "PickupObject"))
    assert actor._walk(pose)


def test_out_of_reach_is_refused_and_in_reach_works(make: Make) -> None:
    actor = make(Wish("Apple", "DiningTable"))
    kitchen, apple = actor.kitchen, first(actor, "Apple")
    poses = kitchen.step("GetInteractablePoses", objectId=apple).value
    assert poses
    where = item(actor, apple)["position"]
    for pose in poses[:: max(1, len(poses) // 8)]:
        assert np.hypot(pose["x"] - where["x"], pose["z"] - where["z"]) < 1.5 + 0.05
        assert kitchen.step("Teleport", position=pose, rotation=pose["rotation"]).ok
        assert kitchen.step("Teleport", horizon=pose["horizon"]).ok
        assert item(actor, apple)["visible"]
    far = max(
        kitchen.step("GetReachablePositions").value,
        key=lambda p: np.hypot(p["x"] - where["x"], p["z"] - where["z"]),
    )
    for yaw in (0, 90, 180, 270):
        kitchen.step("Teleport", position=far, rotation=yaw)
        outcome = kitchen.step("PickupObject", objectId=apple)
        assert not outcome.ok
        assert "not visible" in outcome.message
    assert kitchen.step("PickupObject", objectId=apple, forceAction=True).ok


def test_what_is_seen_is_in_the_picture(make: Make, gl: None) -> None:
    kitchen = make(clutter=1.0, seed=2).kitchen
    painter = Painter(kitchen.scene, 200, 200)
    for _ in range(4):
        kitchen.step("RotateRight")
        masks = painter.masks(kitchen.agent.view())
        seen = {o["objectId"] for o in kitchen.objects() if o["visible"]}
        assert seen <= set(masks)
        depth = painter.depth(kitchen.agent.view())
        for identity in seen:
            assert depth[masks[identity]].min() < 2.2  # 1.5 m on the floor, seen from 1.6 m up
    painter.close()


def test_walls_and_furniture_stop_the_agent(make: Make) -> None:
    kitchen = make().kitchen
    for _ in range(40):
        last = kitchen.step("MoveAhead")
    assert not last.ok
    assert "in the way" in last.message
    spots = kitchen.step("GetReachablePositions").value
    assert {"x": kitchen.agent.x, "y": 0.9, "z": kitchen.agent.y} in spots
    assert not kitchen.step("Teleport", position={"x": 99, "y": 0.9, "z": 0}).ok
    for action in ("LookDown", "LookUp", "MoveBack", "MoveLeft", "MoveRight", "RotateLeft"):
        kitchen.step(action)
    with pytest.raises(EmbodiedError, match="Did you mean 'MoveAhead'"):
        kitchen.step("MoveAhed")


def test_a_door_moves_and_what_is_behind_it_comes_to_sight(make: Make) -> None:
    actor = make(Wish("Apple", "Fridge"), Wish("Spoon", "Drawer"))
    kitchen, scene = actor.kitchen, actor.kitchen.scene
    apple = first(actor, "Apple")
    assert not kitchen.step("GetInteractablePoses", objectId=apple).value
    assert do(actor, "OpenObject", "Fridge") == ""
    assert scene.data.qpos[scene.model.joint("Fridge_0").qposadr[0]] > 1.5  # rad
    assert item(actor, first(actor, "Fridge"))["openness"] > 0.9
    assert kitchen.step("GetInteractablePoses", objectId=apple).value
    assert "open already" in do(actor, "OpenObject", "Fridge")
    assert do(actor, "CloseObject", "Fridge") == ""
    assert not kitchen.step("GetInteractablePoses", objectId=apple).value
    spoon = item(actor, first(actor, "Spoon"))
    ok, message = actor.execute({"action": "OpenObject", "objectId": spoon["parentReceptacles"][0]})
    assert ok, message
    after = item(actor, spoon["objectId"])
    moved = [after["position"][axis] - spoon["position"][axis] for axis in "xz"]
    assert np.hypot(*moved) > 0.25  # the drawer took it along
    assert after["parentReceptacles"] == spoon["parentReceptacles"]


def test_a_thing_that_is_put_rests_there(make: Make) -> None:
    actor = make(Wish("Mug", "CounterTop"), Wish("Bowl", "CounterTop"), Wish("Egg", "CounterTop"))
    assert do(actor, "PickupObject", "Egg") == ""
    assert item(actor, first(actor, "Egg"))["isPickedUp"]
    assert "holds" in do(actor, "PickupObject", "Mug")
    assert do(actor, "PutObject", "Bowl") == ""
    egg = item(actor, first(actor, "Egg"))
    assert first(actor, "Bowl") in egg["parentReceptacles"]
    assert not egg["isMoving"]
    assert do(actor, "PickupObject", "Bowl") == ""  # what lies in it comes along
    assert do(actor, "PutObject", "DiningTable") == ""
    egg, bowl = (item(actor, first(actor, kind)) for kind in ("Egg", "Bowl"))
    assert set(egg["parentReceptacles"]) == {first(actor, "Bowl"), first(actor, "DiningTable")}
    assert bowl["position"]["y"] == pytest.approx(TABLE, abs=0.01)


def test_at_the_edge_and_from_the_hand_it_falls(make: Make) -> None:
    actor = make(Wish("Mug", "DiningTable"), Wish("Potato", "CounterTop"))
    scene, kitchen = actor.kitchen.scene, actor.kitchen
    assert do(actor, "PickupObject", "Mug") == ""
    go_to(actor, "DiningTable")
    low, high = scene.box("DiningTable_0")
    here = np.array((kitchen.agent.x, kitchen.agent.y))
    edge = np.clip(here, low[:2], high[:2])
    out = (here - edge) / np.linalg.norm(here - edge)
    half_on = edge + 0.03 * out  # its middle is beyond the edge
    position = {"x": half_on[0], "y": high[2], "z": half_on[1]}
    assert kitchen.step("PlaceObjectAtPoint", position=position).ok
    mug = item(actor, first(actor, "Mug"))
    assert mug["position"]["y"] < 0.3
    assert mug["parentReceptacles"] == [first(actor, "Floor")]
    assert do(actor, "PickupObject", "Potato") == ""
    held = item(actor, first(actor, "Potato"))["position"]["y"]
    for _ in range(2):
        kitchen.step("RotateRight")
    assert kitchen.step("DropHandObject").ok
    potato = item(actor, first(actor, "Potato"))
    assert potato["position"]["y"] < held - 0.05
    assert not potato["isPickedUp"]
    assert not kitchen.step("DropHandObject").ok


def test_slicing_needs_a_knife_and_leaves_slices(make: Make) -> None:
    actor = make(Wish("Tomato", "CounterTop"), Wish("Knife", "CounterTop"))
    tomato = first(actor, "Tomato")
    assert "no knife" in do(actor, "SliceObject", "Tomato")
    assert do(actor, "PickupObject", "Knife") == ""
    assert do(actor, "SliceObject", "Tomato") == ""
    objects = {o["objectId"]: o for o in actor.observe()}
    assert tomato not in objects
    slices = [o for o in objects.values() if o["objectType"] == "TomatoSliced"]
    assert [o["objectId"] for o in slices] == [f"{tomato}|TomatoSliced_{k}" for k in range(3)]
    for piece in slices:
        assert piece["isSliced"]
        assert [objects[p]["objectType"] for p in piece["parentReceptacles"]] == ["CounterTop"]
    assert "cannot be sliced" in do(actor, "SliceObject", "TomatoSliced")


def test_the_microwave_cooks_and_must_be_closed(make: Make) -> None:
    actor = make(Wish("Potato", "CounterTop"))
    assert do(actor, "PickupObject", "Potato") == ""
    assert "is closed" in do(actor, "PutObject", "Microwave")
    assert do(actor, "OpenObject", "Microwave") == ""
    assert do(actor, "PutObject", "Microwave") == ""
    assert "close it first" in do(actor, "ToggleObjectOn", "Microwave")
    assert do(actor, "CloseObject", "Microwave") == ""
    assert not item(actor, first(actor, "Potato"))["isCooked"]
    assert do(actor, "ToggleObjectOn", "Microwave") == ""
    assert "switch it off" in do(actor, "OpenObject", "Microwave")
    potato = item(actor, first(actor, "Potato"))
    assert (potato["isCooked"], potato["temperature"]) == (True, "Hot")


def test_the_stove_cooks_what_is_in_a_pan(make: Make) -> None:
    actor = make(Wish("Pan", "StoveBurner"), Wish("Egg", "Pan"))
    pan = item(actor, first(actor, "Pan"))
    knobs = [o for o in actor.observe() if o["objectType"] == "StoveKnob"]
    for knob in knobs:
        on_it = knob["controlledObjects"][0] in pan["parentReceptacles"]
        actor.execute({"action": "ToggleObjectOn", "objectId": knob["objectId"]})
        assert item(actor, first(actor, "Egg"))["isCooked"] >= on_it
    assert item(actor, first(actor, "Egg"))["isCooked"]


def test_water_cleans_what_is_in_the_basin(make: Make, gl: None) -> None:
    actor = make(Wish("Plate", "SinkBasin", ("dirty",)), Wish("Mug", "DiningTable", ("dirty",)))
    go_to(actor, "Plate")
    painter = Painter(actor.kitchen.scene, 160, 160)
    plate = first(actor, "Plate")
    view = actor.kitchen.agent.view()
    before, mask = painter.colour(view).astype(int), painter.masks(view)[plate]
    assert do(actor, "ToggleObjectOn", "Faucet") == ""
    assert not item(actor, plate)["isDirty"]
    assert item(actor, first(actor, "Mug"))["isDirty"]
    after = painter.colour(view).astype(int)
    painter.close()
    assert np.abs(after - before)[mask].mean() > 8  # it looks clean, too
    kitchen, mug = actor.kitchen, first(actor, "Mug")
    for action, dirty in (("CleanObject", False), ("DirtyObject", True)):
        assert kitchen.step(action, objectId=mug, forceAction=True).ok
        assert item(actor, mug)["isDirty"] == dirty


def test_the_light_goes_off_and_on(make: Make, gl: None) -> None:
    actor = make()
    painter, kitchen = Painter(actor.kitchen.scene, 64, 64), actor.kitchen
    pictures = []
    for action in ("Pass", "ToggleObjectOff", "ToggleObjectOn"):
        switch = {} if action == "Pass" else {"objectId": first(actor, "LightSwitch")}
        assert kitchen.step(action, **switch, **({"forceAction": True} if switch else {})).ok
        pictures.append(painter.colour(kitchen.agent.view()).astype(int))
    painter.close()
    assert pictures[1].mean() < 0.7 * pictures[0].mean()
    assert (pictures[2] == pictures[0]).all()


def test_failures_say_why(make: Make) -> None:
    actor = make(Wish("Mug", "CounterTop"), Wish("Bread", "CounterTop"))
    assert do(actor, "PutObject", "CounterTop") == "the hand is empty"
    assert "cannot be picked up" in do(actor, "PickupObject", "Toaster")
    assert "cannot be opened" in do(actor, "OpenObject", "Mug")
    assert "has no switch" in do(actor, "ToggleObjectOn", "Mug")
    assert "cannot be cooked" in do(actor, "CookObject", "Mug")
    assert "cannot be dirty" in do(actor, "DirtyObject", "Bread")
    assert do(actor, "PickupObject", "Bread") == ""
    assert "does not fit" in do(actor, "PutObject", "Mug")
    assert "not a receptacle" in do(actor, "PutObject", "Faucet")
    ok, message = actor.execute({"action": "PickupObject", "objectId": "Mug|1"})
    assert (ok, message) == (False, "there is no Mug|1")
