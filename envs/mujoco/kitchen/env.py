"""The kitchen as a Gymnasium environment."""

from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from embodied.envs.household_senses import FAR, Observation, observation_space
from embodied.envs.mujoco.kitchen.kitchen import HANDLING, NAVIGATION, Kitchen, Outcome
from embodied.envs.mujoco.kitchen.pictures import Painter
from embodied.envs.mujoco.kitchen.scenario import Scenario

ACTIONS = (*NAVIGATION, "DropHandObject", *HANDLING)


class KitchenEnv(gym.Env[Observation, np.ndarray]):
    """A kitchen, another one in each episode, seen through the agent's eyes.

    Observation: `rgb`, uint8 [height, width, 3]; if more is asked for, a dict of
        `rgb`; `depth`, float32 [height, width], m along the camera's axis; and
        `instance`, int32 [height, width], the number of the object, -1 for none.
    Action: int [2], the index into `ACTIONS` and the number of the object to act on. Numbers are
        places in `info["object_ids"]`: they stay the same in an episode, and slices are appended.
    Reward: 0. It comes from words, or from the user's own reading of `info["objects"]`.
    Info: in AI2-THOR's words `lastActionSuccess`, `errorMessage`, `objects` and `agent`; and
        `object_ids`.
    A failed action is no error: the info says so. An episode is truncated after `max_steps`, and
    never terminates.

    Args:
        scenario: what every kitchen must be like; `reset(options={"scenario": ...})` for one.
        modalities: of the observation: "rgb", "depth", "instance".
        max_steps: of an episode.
        max_objects: how many objects can have a number.
        render_mode: "rgb_array" or None.
        width, height: size of a picture in pixels.
        pretty: draw shadows and smooth edges; ten times slower.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 10}  # noqa: RUF012, Gymnasium's name

    def __init__(
        self,
        scenario: Scenario | None = None,
        modalities: Sequence[str] = ("rgb",),
        max_steps: int = 1000,
        max_objects: int = 160,
        render_mode: str | None = None,
        width: int = 300,
        height: int = 300,
        pretty: bool = False,
    ):
        self.kitchen = Kitchen(scenario, width / height)
        self.modalities = tuple(modalities)
        self.max_steps, self.max_objects = max_steps, max_objects
        self.render_mode = render_mode
        self.action_space = spaces.MultiDiscrete([len(ACTIONS), max_objects])
        self.observation_space = observation_space(self.modalities, (height, width), max_objects)
        self._size, self._pretty = (height, width), pretty
        self._painters: dict[int, Painter] = {}
        self._ids: list[str] = []
        self._objects: list[dict[str, Any]] = []
        self._steps = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        super().reset(seed=seed)
        number = seed if seed is not None else int(self.np_random.integers(2**31))
        self.kitchen.reset(number, (options or {}).get("scenario"))
        self._ids, self._steps = [], 0
        self._look()
        return self._observe(), self._info(Outcome(True))

    def step(self, action: np.ndarray) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        name, number = ACTIONS[int(action[0])], int(action[1])
        self._steps += 1
        if name not in HANDLING:
            outcome = self.act(name)
        elif number < len(self._ids):
            outcome = self.act(name, objectId=self._ids[number])
        else:
            outcome = Outcome(False, f"there is no object number {number}")
        truncated = self._steps >= self.max_steps
        return self._observe(), 0.0, False, truncated, self._info(outcome)

    def act(self, action: str, **arguments: Any) -> Outcome:
        """Any action of iTHOR's by its name (`Kitchen.step`); it does not count as a step."""
        outcome = self.kitchen.step(action, **arguments)
        self._look()
        return outcome

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The objects as they are now, in AI2-THOR's form."""
        return self._objects

    def render(self) -> np.ndarray:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The present frame, uint8 [height, width, 3]."""
        return self._painter().colour(self.kitchen.agent.view())

    def close(self) -> None:
        for painter in self._painters.values():
            painter.close()
        self._painters = {}

    def _look(self) -> None:
        self._objects = self.kitchen.objects()
        known = set(self._ids)
        fresh = [item["objectId"] for item in self._objects if item["objectId"] not in known]
        self._ids += fresh[: self.max_objects - len(self._ids)]

    def _painter(self) -> Painter:
        scene = self.kitchen.scene
        key = id(scene)  # a kitchen keeps its scenes, one for each variant
        if key not in self._painters:
            self._painters[key] = Painter(scene, *self._size, self._pretty)
        return self._painters[key]

    def _observe(self) -> Observation:
        pictures = {name: self._picture(name) for name in self.modalities}
        return pictures["rgb"] if len(pictures) == 1 else pictures

    def _picture(self, name: str) -> np.ndarray:
        painter, view = self._painter(), self.kitchen.agent.view()
        if name == "rgb":
            return painter.colour(view)
        if name == "depth":
            return np.clip(painter.depth(view), 0, FAR)
        numbers = np.full(self._size, -1, np.int32)
        for identity, mask in painter.masks(view).items():
            if identity in self._ids:
                numbers[mask] = self._ids.index(identity)
        return numbers

    def _info(self, outcome: Outcome) -> dict[str, Any]:
        return {
            "lastActionSuccess": outcome.ok,
            "errorMessage": outcome.message,
            "objects": self._objects,
            "agent": self.kitchen.agent.metadata(),
            "object_ids": tuple(self._ids),
        }
