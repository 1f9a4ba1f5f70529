"""Registers the environments with Gymnasium: `gym.make("embodied/HumanoidKneel-v0")`."""

import gymnasium as gym

HUMANOID_TASKS = (
    "kneel",
    "lotus",
    "stand",
    "arms-raised",
    "splits",
    "hands-on-hips",
    "one-leg",
    "arms-crossed",
)

CLASSIC_IDS = {
    "cartpole": "embodied/CartPole-v0",
    "cartpole-discrete": "embodied/CartPoleDiscrete-v0",
    "mountain-car": "embodied/MountainCar-v0",
    "mountain-car-plain": "embodied/MountainCarPlain-v0",
}
"""Gymnasium id of each classic-control task."""

THOR_ID = "embodied/Thor-v0"
KITCHEN_ID = "embodied/Kitchen-v0"


def humanoid_id(alias: str) -> str:
    """Gymnasium id of a humanoid task: "one-leg" -> "embodied/HumanoidOneLeg-v0"."""
    return f"embodied/Humanoid{''.join(word.capitalize() for word in alias.split('-'))}-v0"


def register() -> None:
    """Register every `embodied/...` id; cheap, and safe to call twice."""
    for alias in HUMANOID_TASKS:
        if humanoid_id(alias) not in gym.registry:
            # The time limit is the environment's own: the vectorised one has no wrappers.
            gym.register(
                humanoid_id(alias),
                entry_point="embodied.envs.mujoco.humanoid.env:HumanoidEnv",
                vector_entry_point="embodied.envs.mujoco.humanoid.vector:make_vector",
                kwargs={"task": f"humanoid-{alias}"},
            )
    for task, env_id in CLASSIC_IDS.items():
        if env_id not in gym.registry:
            gym.register(
                env_id,
                entry_point="embodied.envs.mujoco.classic.env:ClassicEnv",
                vector_entry_point="embodied.envs.mujoco.classic.vector:make_vector",
                kwargs={"task": task},
            )
    if THOR_ID not in gym.registry:
        gym.register(THOR_ID, entry_point="embodied.envs.thor.env:ThorEnv")
    if KITCHEN_ID not in gym.registry:
        gym.register(KITCHEN_ID, entry_point="embodied.envs.mujoco.kitchen.env:KitchenEnv")
