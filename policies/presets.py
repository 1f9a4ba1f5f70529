"""Named training configurations. `embodied info NAME` prints one."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Preset:
    """Everything that decides a run but the environment, the encoder and the seed.

    algo: "ppo" or "sac". total_steps: environment steps, over all simulations.
    vlm_budget: share of the frames that the encoder scores; a distilled head rewards the others.
    alpha: the reward's baseline regularisation (VLM-RM, equation 3).
    """

    algo: str = "ppo"
    total_steps: int = 600_000
    num_envs: int = 64
    vlm_budget: float = 0.04
    alpha: float = 0.0
    # Shared by the algorithms.
    learning_rate: float = 5e-4
    gamma: float = 0.95
    batch_size: int = 800
    hidden: tuple[int, ...] = (256, 256)
    rollout_steps: int = 50
    # PPO.
    epochs: int = 5
    gae_lambda: float = 0.95
    clip_range: float = 0.2
    entropy: float = 0.0
    log_std: float = -0.7
    # SAC.
    buffer_size: int = 200_000
    learning_starts: int = 5_000
    tau: float = 0.005
    gradient_steps: int = 50


FAST = Preset()

HUMANOID_FLOOR = FAST
"""Postures on the floor: kneeling (what `make demo` trains), lotus, splits."""

HUMANOID_STANDING = replace(FAST, total_steps=450_000, vlm_budget=0.05)
"""The postures that begin and end standing are learned in fewer steps."""

VLM_RM = Preset(
    algo="sac",
    total_steps=10_000_000,
    num_envs=32,
    vlm_budget=1.0,
    learning_rate=6e-4,
    gamma=0.95,
    batch_size=512,
    rollout_steps=100,
    buffer_size=1_000_000,
    learning_starts=50_000,
    tau=0.005,
    gradient_steps=100,
)
"""The published configuration (Rocamonde et al. 2023, table of humanoid hyper-parameters)."""

SAC = replace(
    VLM_RM,
    total_steps=200_000,
    num_envs=32,
    vlm_budget=0.08,
    learning_starts=6_400,
    rollout_steps=50,
    gradient_steps=50,
    buffer_size=200_000,
)
"""SAC at a scale for a laptop."""
