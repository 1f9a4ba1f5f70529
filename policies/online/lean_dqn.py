"""Stable-Baselines3's DQN with its updates on one thread."""

from stable_baselines3 import DQN

from embodied.policies.online.side_by_side import one_thread


class LeanDQN(DQN):
    """`DQN`; the same numbers, without threads that wait for each other."""

    def train(self, gradient_steps: int, batch_size: int = 100) -> None:
        with one_thread():
            super().train(gradient_steps, batch_size)
