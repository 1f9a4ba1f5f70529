"""Time passes: things fall and come to rest, doors glide."""

import mujoco
import numpy as np

from embodied.envs.mujoco.kitchen.model import TIMESTEP
from embodied.envs.mujoco.kitchen.scene import Scene

CALM = 0.02  # m/s
PAUSE = 0.04  # s between two looks at the speeds


def settle(scene: Scene, seconds: float = 2.0) -> float:
    """Let all that moves come to rest, for at most `seconds`; returns how long it took, s."""
    model, data = scene.model, scene.data
    things = [scene.template.things[n] for n in scene.things() if not scene.states[n].held]
    if not things:
        return 0.0
    dofs = np.array([thing.dof for thing in things])[:, None] + np.arange(6)
    weights = np.array((1, 1, 1, 0.1, 0.1, 0.1))
    passed, calm = 0.0, 0
    while passed < seconds and calm < 3:
        mujoco.mj_step(model, data, nstep=round(PAUSE / TIMESTEP))
        passed += PAUSE
        speeds = np.abs(data.qvel[dofs]) * weights
        calm = calm + 1 if speeds.max() < CALM else 0
    if calm >= 3:
        data.qvel[dofs] = 0
    scene.forward()
    return passed


def glide(scene: Scene, door: str, share: float) -> bool:
    """Move a door to `share` of its way with its servo; whether it got there.

    What lies in a drawer goes along by friction, and what stands in the way stops it.
    """
    model, data = scene.model, scene.data
    servo, joint = scene.servo(door), scene.template.doors[door]
    address = model.jnt_qposadr[joint]
    start, end = float(data.ctrl[servo]), share * scene.reach(door)
    steps = 20
    for k in range(1, steps + 1):
        data.ctrl[servo] = start + (end - start) * k / steps
        mujoco.mj_step(model, data, nstep=6)
    for _ in range(25):
        if abs(data.qpos[address] - end) < 0.02 * scene.reach(door):
            break
        mujoco.mj_step(model, data, nstep=8)
    else:
        data.ctrl[servo] = data.qpos[address]  # rest where it is stuck
        return False
    settle(scene, 0.6)
    return True
