"""The pace of a simulation, and who may change it when."""

import time

import numpy as np

from embodied.registry import ENVS
from embodied.viewer.live import Live
from embodied.viewer.simulation import Moment, Simulation


class Counter:
    """Counts steps; each takes `seconds`."""

    def __init__(self, seconds: float = 0.0):
        self.at, self.seconds = 0, seconds

    def restart(self) -> Moment:
        self.at = 0
        return Moment(np.zeros(1), 0)

    def advance(self) -> Moment:
        time.sleep(self.seconds)
        self.at += 1
        return Moment(np.zeros(1), self.at)


def run(source: Counter, fps: float, seconds: float, speed: float = 1.0) -> Simulation:
    simulation = Simulation(source, fps, [])
    simulation.set_speed(speed)
    simulation.start()
    time.sleep(seconds)
    simulation.close()
    assert simulation.error is None
    return simulation


def test_the_pace_is_kept() -> None:
    simulation = run(Counter(), 50, 1.0)
    assert 35 <= simulation.pace.steps <= 52
    assert run(Counter(), 50, 1.0, speed=0.1).pace.steps <= 7


def test_steps_that_take_too_long_are_late() -> None:
    pace = run(Counter(0.04), 50, 0.5).pace
    assert pace.late_share == 1
    assert pace.loop_ms >= 40


def test_paused_it_waits_and_step_adds_one() -> None:
    simulation = Simulation(Counter(), 200, [])
    simulation.pause()
    simulation.start()
    time.sleep(0.1)
    assert simulation.moment.step == 0
    simulation.step()
    assert (simulation.moment.step, simulation.running) == (1, False)
    simulation.play()
    time.sleep(0.2)
    simulation.reset()
    assert simulation.running
    simulation.close()
    assert simulation.moment.step < 40  # and the time that it stood still was not made up for


def test_watchers_see_every_moment() -> None:
    seen: list[tuple[int, float]] = []
    simulation = Simulation(Counter(), 10, [lambda moment, at: seen.append((moment.step, at))])
    simulation.step()
    simulation.step()
    simulation.reset()
    assert seen == [(0, 0.0), (1, 0.1), (2, 0.2), (0, 0.2)]


def test_an_error_of_the_source_is_kept_for_the_main_thread() -> None:
    class Broken(Counter):
        def advance(self) -> Moment:
            raise ValueError("no more")

    simulation = Simulation(Broken(), 100, [])
    simulation.start()
    simulation._thread.join(5)
    assert isinstance(simulation.error, ValueError)


def test_episodes_end_only_if_asked() -> None:
    source = Live(ENVS.load("cartpole"))
    source.restart()
    assert [source.advance().over for _ in range(250)].count(True) == 0
    source.ends = True
    moments = [source.advance() for _ in range(250)]
    assert [moment.over for moment in moments].count(True) == 1
    after = moments[[moment.over for moment in moments].index(True) + 1]
    assert after.step == 1


def test_a_drag_pulls_towards_the_pointer() -> None:
    places = []
    for pulls in ({}, {"cart": np.array([2.0, 0, 1.4])}):
        source = Live(ENVS.load("cartpole"))
        source.restart()
        source.pulls |= pulls
        places.append([source.advance().qpos[0] for _ in range(25)][-1])
    assert places[1] > places[0] + 0.3


def test_a_shove_lasts_as_long_as_it_should() -> None:
    source = Live(ENVS.load("mountain-car"))
    source.restart()
    source.shove("car", np.array([20.0, 0, 0]))
    pushed: list[np.ndarray] = []
    source.env.push = lambda body, force: pushed.append(force)  # pyright: ignore
    for _ in range(20):
        source.advance()
    assert len(pushed) == 6  # a fifth of a second at 30 a second


def test_actions_that_a_task_has() -> None:
    class Policy:
        def predict(self, observation: np.ndarray, *, deterministic: bool):
            return np.ones((1, 1), np.float32), None

    assert Live(ENVS.load("cartpole-discrete")).choices == ("random",)
    with_policy = Live(ENVS.load("cartpole"), Policy())
    assert with_policy.choices == ("policy", "rest", "random")
    assert with_policy.ends
    places = []
    for actions in ("policy", "rest"):
        source = Live(ENVS.load("cartpole"), Policy())
        source.actions = actions
        source.restart()
        places.append([source.advance().qpos[0] for _ in range(20)][-1])
    assert places[0] > places[1] + 0.2  # full force to the right
