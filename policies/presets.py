"""Named training configurations. `embodied info NAME` prints one."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Preset:
    """Everything that decides a run but the environment, the encoder and the seed.

    algo: "ppo", "sac" or "dqn". total_steps: environment steps, over all simulations.
    vlm_budget: share of the frames that the encoder scores; a distilled head rewards the others.
    alpha: the reward's baseline regularisation (VLM-RM, equation 3).
    cameras: the simulator's cameras that the VLM looks through, the mean over them is the reward;
        none for the simulator's own choice.
    """

    algo: str = "ppo"
    total_steps: int = 600_000
    num_envs: int = 64
    vlm_budget: float = 0.04
    alpha: float = 0.0
    cameras: tuple[str, ...] = ()
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
    # Where the log of the noise's size goes in a straight line, once `noise_hold` of the run is
    # over, and the learning rate in proportion to the noise; None lets PPO learn it. Wide noise
    # finds a posture, narrow noise learns to keep it.
    log_std_final: float | None = None
    noise_hold: float = 0.0
    # PPO and SAC: noise that is a function of the state (gSDE, Raffin et al. 2021), so that
    # exploring is smooth enough to swing.
    sde: bool = False
    # SAC and DQN.
    buffer_size: int = 200_000
    learning_starts: int = 5_000
    tau: float = 0.005
    gradient_steps: int = 50
    # SAC: weight of the policy's entropy; None lets SAC tune it.
    sac_entropy: float | None = None
    # DQN: steps between updates of the target network, which it moves to by `tau`; the share of
    # the run over which random actions fade out, and the share of them that stays.
    target_update: int = 1_000
    exploration_fraction: float = 0.1
    exploration_final: float = 0.05


FAST = Preset(log_std=0.0, log_std_final=-1.2)

HUMANOID_FLOOR = FAST
"""Postures on the floor: kneeling (what `make demo` trains), lotus, splits."""

HUMANOID_STANDING = replace(FAST, total_steps=400_000, vlm_budget=0.05)
"""The postures that begin and end standing are learned in fewer steps."""

HUMANOID_ARMS = replace(FAST, total_steps=800_000, noise_hold=0.5)
"""Both arms have to be found, and then held up on legs that balance them."""

HUMANOID_ARMS_RAISED = replace(
    FAST, total_steps=1_200_000, gamma=0.98, cameras=("vlm", "vlm_quarter")
)
"""To one camera, arms that point away from it or that are raised by leaning look the same. Falling
over slowly pays for longer than γ = 0.95 looks ahead."""

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

VLM_RM_DQN = Preset(
    algo="dqn",
    total_steps=3_000_000,
    num_envs=8,
    vlm_budget=1.0,
    learning_rate=2.3e-3,
    gamma=0.99,
    batch_size=64,
    rollout_steps=200,
    buffer_size=100_000,
    learning_starts=75_000,
    tau=1.0,
    gradient_steps=200,
    target_update=10,
    exploration_fraction=0.16,
    exploration_final=0.04,
)
"""VLM-RM's DQN for the cart-pole. The paper gives 3 M steps, the learning rate, 200 updates in 200
steps, the start at 75 k and 2x256 units; the rest is RL Baselines3 Zoo's DQN for CartPole-v1."""

VLM_RM_CLASSIC_SAC = Preset(
    algo="sac",
    total_steps=3_000_000,
    num_envs=8,
    vlm_budget=1.0,
    learning_rate=1e-4,
    gamma=0.9999,
    batch_size=512,
    hidden=(64, 64),
    rollout_steps=32,
    buffer_size=50_000,
    learning_starts=75_000,
    tau=0.01,
    gradient_steps=32,
    sac_entropy=0.1,
)
"""VLM-RM's SAC for the mountain car. The paper gives 3 M steps, τ, γ, the learning rate, the
entropy and 2x64 units; the rest is RL Baselines3 Zoo's SAC for MountainCarContinuous-v0."""

CARTPOLE = Preset(
    total_steps=300_000,
    num_envs=32,
    vlm_budget=0.03,
    learning_rate=1e-3,
    gamma=0.98,
    hidden=(64, 64),
    rollout_steps=100,
)

CARTPOLE_DISCRETE = Preset(
    algo="dqn",
    total_steps=120_000,
    num_envs=16,
    vlm_budget=0.04,
    learning_rate=1e-3,
    gamma=0.98,
    batch_size=128,
    hidden=(64, 64),
    rollout_steps=100,
    buffer_size=100_000,
    learning_starts=3_200,
    tau=1.0,
    gradient_steps=100,
    target_update=2_000,
    exploration_fraction=0.3,
    exploration_final=0.02,
)

MOUNTAIN_CAR = Preset(
    total_steps=450_000,
    num_envs=64,
    vlm_budget=0.01,
    learning_rate=1e-3,
    gamma=0.998,
    hidden=(64, 64),
    rollout_steps=150,
    batch_size=1_600,
    log_std=-1.0,
    sde=True,
)
