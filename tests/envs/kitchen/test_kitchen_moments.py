"""A recorded moment shows the kitchen as it was, in another copy of it."""

import json

import numpy as np

from embodied.envs.mujoco.kitchen.moments import beginning, capture, rebuild, restore
from embodied.envs.mujoco.kitchen.pictures import Painter
from embodied.envs.mujoco.kitchen.scenario import Wish
from tests.envs.kitchen.conftest import Make, do


def test_what_was_done_can_be_looked_at_again_in_any_order(make: Make, gl: None) -> None:
    wishes = (Wish("Tomato", "CounterTop"), Wish("Knife", "CounterTop"))
    actor = make(*wishes, Wish("Mug", "SinkBasin", ("dirty",)))
    kitchen, start = actor.kitchen, beginning(actor.kitchen)
    painter = Painter(kitchen.scene, 96, 96)
    moments, pictures = [], []
    for action, kind in (
        ("OpenObject", "Fridge"),
        ("PickupObject", "Knife"),
        ("SliceObject", "Tomato"),
        ("ToggleObjectOn", "Faucet"),
    ):
        assert do(actor, action, kind) == ""
        moments.append(json.loads(json.dumps(capture(kitchen))))
        pictures.append(painter.colour(kitchen.agent.view()).astype(int))
    painter.close()
    again = rebuild(json.loads(json.dumps(start)))
    painter = Painter(again.scene, 96, 96)
    for k in (3, 0, 2, 1):
        restore(again, moments[k])
        assert capture(again) == moments[k]
        picture = painter.colour(again.agent.view()).astype(int)
        assert np.abs(picture - pictures[k]).mean() < 0.5, k
        assert np.abs(picture - pictures[(k + 1) % 4]).mean() > 5, k
    painter.close()
