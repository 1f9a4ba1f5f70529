"""A kitchen at a moment as plain JSON, and the same kitchen at that moment again."""

from dataclasses import asdict
from typing import Any

import numpy as np

from embodied.envs.mujoco.kitchen.agent import Agent
from embodied.envs.mujoco.kitchen.kitchen import Kitchen
from embodied.envs.mujoco.kitchen.looks import paint
from embodied.envs.mujoco.kitchen.scenario import Scenario, Wish

FLAGS = ("toggled", "dirty", "cooked", "sliced", "held")


def beginning(kitchen: Kitchen) -> dict[str, Any]:
    """What the kitchen was drawn from: `{seed, scenario}`."""
    return {"seed": kitchen.seed, "scenario": asdict(kitchen.drawn)}


def rebuild(start: dict[str, Any]) -> Kitchen:
    """The kitchen that `beginning` was taken of, as it was then."""
    wishes = tuple(
        Wish(wish["kind"], wish["inside"], tuple(wish["states"]))
        for wish in start["scenario"]["present"]
    )
    absent = tuple(start["scenario"]["absent"])
    kitchen = Kitchen(Scenario(**start["scenario"] | {"present": wishes, "absent": absent}))
    kitchen.reset(start["seed"])
    return kitchen


def capture(kitchen: Kitchen) -> dict[str, Any]:
    """The present moment.

    agent: x, y in m, yaw and horizon in degrees. doors: name -> joint, rad or m. things: name ->
    position [3] and quaternion [4]; of those that are there. colours: of what of them is tinted.
    flags: name -> those of `FLAGS` that are true.
    """
    scene, agent = kitchen.scene, kitchen.agent
    states = {n: [f for f in FLAGS if getattr(s, f)] for n, s in scene.states.items()}
    return {
        "agent": [agent.x, agent.y, agent.yaw, agent.horizon],
        "doors": {
            name: round(scene.openness(name) * scene.reach(name), 4)
            for name in scene.template.doors
            if name in scene.states
        },
        "things": {
            name: np.round(np.concatenate(scene.pose(name)), 4).tolist() for name in scene.things()
        },
        "colours": {name: list(scene.states[name].colour) for name in scene.things()},
        "flags": {name: flags for name, flags in states.items() if flags},
    }


def restore(kitchen: Kitchen, moment: dict[str, Any]) -> None:
    """Let the kitchen look as it did at a moment; to look at, not to act in."""
    scene = kitchen.scene
    for name in [name for name in scene.things() if name not in moment["things"]]:
        scene.remove(name)
    for name, pose in moment["things"].items():
        if name not in scene.states:
            scene.add(name, moment["colours"].get(name))
            paint(scene, name)
        scene.set_pose(name, pose[:3], pose[3:])
    for name, joint in moment["doors"].items():
        scene.set_open(name, joint / scene.reach(name))
    for name, state in scene.states.items():
        wanted = moment["flags"].get(name, ())
        changed = [flag for flag in FLAGS if getattr(state, flag) != (flag in wanted)]
        for flag in changed:
            setattr(state, flag, flag in wanted)
        if changed:
            paint(scene, name)
    kitchen.agent = Agent(*moment["agent"])
    scene.forward()
