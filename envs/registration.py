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
