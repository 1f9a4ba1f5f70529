"""Stand-ins for what surrounds a training run: a VLM, a progress display, Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from embodied.envs.mujoco.classic.vector import ClassicVectorEnv
from embodied.envs.mujoco.humanoid.dynamics import pose_features
from embodied.envs.mujoco.humanoid.state import state_from_qpos
from embodied.envs.mujoco.humanoid.tasks import KNEEL
from embodied.envs.mujoco.humanoid.vector import HumanoidVectorEnv
from embodied.policies.online.reward_head import HeadConfig, RewardHead
from embodied.policies.online.train import Session, World
from embodied.policies.presets import Preset
from embodied.runs.folder import RunFolder
from embodied.runs.progress import Progress

PPO = Preset(
    algo="ppo",
    total_steps=600,
    num_envs=4,
    vlm_budget=0.3,
    rollout_steps=30,
    batch_size=60,
    epochs=2,
    hidden=(16, 16),
)
SAC = Preset(
    algo="sac",
    total_steps=600,
    num_envs=4,
    vlm_budget=0.3,
    rollout_steps=30,
    batch_size=32,
    gradient_steps=5,
    learning_starts=200,
    buffer_size=400,  # fewer than the steps: it comes round
    hidden=(16, 16),
)
DQN = Preset(
    algo="dqn",
    total_steps=600,
    num_envs=4,
    vlm_budget=0.3,
    rollout_steps=30,
    batch_size=32,
    gradient_steps=5,
    learning_starts=200,
    buffer_size=400,
    target_update=60,
    exploration_fraction=0.8,
    hidden=(16, 16),
)
PRESETS = {"ppo": PPO, "sac": SAC}
"""Those that the humanoid can be trained with."""
ALL_PRESETS = PRESETS | {"dqn": DQN}
HEAD = HeadConfig(members=2, hidden=32, updates=20, batch_size=128)


def lowness(qpos: np.ndarray) -> np.ndarray:
    """A reward of states [n, 24]: more the lower the torso is; of cart-poles [n, 2], the pole."""
    height = qpos[:, 2] if qpos.shape[1] == 24 else np.cos(qpos[:, 1])
    return (1.3 - height).astype(np.float32)


class FakeScorer:
    """A VLM whose reward is a function of the state; remembers what it was asked.

    fails_at: number of the submission at which it breaks down, as a kill would.
    """

    views = 1

    def __init__(
        self,
        score: Callable[[np.ndarray], np.ndarray] = lowness,
        fails_at: int | None = None,
    ) -> None:
        self.score, self.fails_at = score, fails_at
        self.asked: list[np.ndarray] = []
        self._waiting: list[np.ndarray] = []

    def submit(self, qpos: np.ndarray) -> None:
        if len(self.asked) == self.fails_at:
            raise ConnectionResetError("killed")
        self.asked.append(qpos.copy())
        self._waiting.append(self.score(qpos))

    def drain(self) -> list[np.ndarray]:
        scores, self._waiting = self._waiting, []
        return scores


class RecordingEnv(HumanoidVectorEnv):
    """Keeps all that its steps returned; may break a simulation before one of them.

    breaks: (step, simulation) pairs before which the physics is spoilt.
    """

    def __init__(self, n: int, breaks: tuple[tuple[int, int], ...] = ()) -> None:
        super().__init__(KNEEL.name, n, measure=False)
        self.breaks = breaks
        self.steps: list[tuple[Any, ...]] = []

    def reset(self, **kwargs: Any) -> tuple[np.ndarray, dict[str, Any]]:
        return super().reset(seed=kwargs.get("seed"))  # all episodes in step

    def step(self, actions: np.ndarray) -> tuple[Any, ...]:
        for step, simulation in self.breaks:
            if step == len(self.steps):
                self._qvel[simulation] = np.nan
        self.steps.append(super().step(actions))
        return self.steps[-1]

    def recorded(self, key: str) -> np.ndarray:
        """One entry of every step's info, [T, ...]."""
        return np.array([step[4][key] for step in self.steps])


class Interrupt:
    """Ctrl-C that is noticed at the start of the rollout with this number."""

    def __init__(self, at_rollout: int | None = None) -> None:
        self.left = at_rollout

    @property
    def requested(self) -> bool:
        if self.left is None:
            return False
        self.left -= 1
        return self.left < 0


def make_session(
    folder: Path,
    preset: Preset,
    scorer: FakeScorer | None = None,
    *,
    env: Any = None,
    interrupt: Interrupt | None = None,
    checkpoint_seconds: float = 0.0,
    seed: int = 3,
) -> Session:
    """A session on `folder`, a new run or one to go on with."""
    run = RunFolder(folder) if folder.exists() else RunFolder.create(folder, {"seed": seed})
    if preset.algo == "dqn":  # which needs actions to choose from
        env = env or ClassicVectorEnv("cartpole-discrete", preset.num_envs, measure=False)
        simulator = env.task.simulator
        world = World(env=env, features=simulator.features, measure=env.task.measure)
    else:
        world = World(
            env=env or HumanoidVectorEnv(KNEEL.name, preset.num_envs, measure=False, threads=1),
            features=pose_features,
            measure=lambda qpos: KNEEL.success(state_from_qpos(qpos)),
        )
    progress = Progress(preset.total_steps, quiet=True)
    stop: Any = interrupt or Interrupt()
    session = Session(
        run,
        world,
        scorer or FakeScorer(),
        preset,
        seed,
        "cpu",
        progress,
        stop,
        checkpoint_seconds,
    )
    if session.labeller.head is not None:  # a small one will do
        session.labeller.head = RewardHead(session.labeller.head.features.shape[1], HEAD, seed)
    return session


def weights(session: Session) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in session.learner.policy.state_dict().items()}


def assert_same_tree(one: Any, other: Any, path: str = "") -> None:
    """Trees of arrays and plain values are equal bit for bit."""
    if isinstance(one, dict):
        assert one.keys() == other.keys(), path
        for key in one:
            assert_same_tree(one[key], other[key], f"{path}/{key}")
    elif isinstance(one, list | tuple):
        assert len(one) == len(other), path
        for i, (a, b) in enumerate(zip(one, other, strict=True)):
            assert_same_tree(a, b, f"{path}/{i}")
    else:
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other), err_msg=path)
