"""iTHOR as a Gymnasium environment."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from embodied.envs.household_senses import FAR, Observation, observation_space
from embodied.envs.thor.actions import action_space, decode
from embodied.envs.thor.session import Session
from embodied.envs.thor.settings import Settings
from embodied.errors import EmbodiedError, unknown

RENDERED = {"depth": "renderDepthImage", "instance": "renderInstanceSegmentation"}


class ThorEnv(gym.Env[Observation, np.ndarray]):
    """A household of AI2-THOR, seen through the agent's eyes.

    Observation: `rgb`, uint8 [height, width, 3]; if more is asked for, a dict of
        `rgb`; `depth`, float32 [height, width], metres along the camera's axis; and
        `instance`, int32 [height, width], the number of the object, -1 for none.
    Action: int [2], the index into `actions.ACTIONS` and the number of the object to act on.
        Numbers are places in `info["object_ids"]`: they stay the same in an episode, and what
        appears in it, such as slices, is appended.
    Reward: 0. It comes from words, or from the user's own reading of `info["objects"]`.
    Info: AI2-THOR's `lastActionSuccess`, `errorMessage`, `objects` and `agent`; `scene`;
        `object_ids`; `restarts` of Unity so far; and `lost`, what the restart in this step could
        not restore (see `restore`), else empty.
    A failed action is no error: the info says so. An episode is truncated after `max_steps`, and
    never terminates.

    Args:
        scenes: one is drawn for each episode; `reset(options={"scene": ...})` names one.
        modalities: of the observation: "rgb", "depth", "instance".
        random_start: begin at a random reachable place, else where iTHOR puts the agent.
        random_objects: put loose things elsewhere (InitialRandomSpawn), by the episode's seed.
        max_objects: how many objects can have a number.
        render_mode: "rgb_array" or None.
        settings: fields of `Settings`: executable, protocol, width, height, timeout, ...
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 10}  # noqa: RUF012, Gymnasium's name

    def __init__(
        self,
        scenes: Sequence[str] = ("FloorPlan1",),
        modalities: Sequence[str] = ("rgb",),
        random_start: bool = False,
        random_objects: bool = False,
        max_steps: int = 1000,
        max_objects: int = 128,
        render_mode: str | None = None,
        **settings: Any,
    ):
        known = Settings.__dataclass_fields__
        if wrong := settings.keys() - known.keys():
            raise unknown("setting", min(wrong), known)
        chosen = Settings(**settings)
        self.scenes, self.modalities = tuple(scenes), tuple(modalities)
        self.random_start, self.random_objects = random_start, random_objects
        self.max_steps, self.max_objects = max_steps, max_objects
        self.render_mode = render_mode
        self.action_space = action_space(max_objects)
        self.observation_space: spaces.Space[Any] = observation_space(
            self.modalities, (chosen.height, chosen.width), max_objects
        )
        asked = {RENDERED[name]: True for name in self.modalities if name in RENDERED}
        self.session = Session(replace(chosen, initialization={**chosen.initialization, **asked}))
        self._ids: list[str] = []
        self._steps = 0
        self._event: Any = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        super().reset(seed=seed)
        scene = self.scenes[self.np_random.integers(len(self.scenes))]
        self._event = self.session.reset((options or {}).get("scene", scene))
        if self.random_objects:
            number = int(self.np_random.integers(2**31))
            self._prepare("InitialRandomSpawn", randomSeed=number, placeStationary=True)
        if self.random_start:
            places = self._prepare("GetReachablePositions").metadata["actionReturn"]
            place = places[self.np_random.integers(len(places))]
            yaw = 90.0 * int(self.np_random.integers(4))
            self._prepare("Teleport", position=place, rotation={"x": 0.0, "y": yaw, "z": 0.0})
        self._ids, self._steps = sorted(o["objectId"] for o in self.objects), 0
        if len(self._ids) > self.max_objects:
            count = len(self._ids)
            raise EmbodiedError(f"the scene has {count} objects: give max_objects={count} or more")
        return self._observe(), self._info()

    def step(self, action: np.ndarray) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        arguments = decode(action, self._ids)
        self._steps += 1
        truncated = self._steps >= self.max_steps
        if arguments is None:
            info = deepcopy(self._info()) | {"lastActionSuccess": False}
            info["errorMessage"] = f"there is no object number {int(action[1])}"
            return self._observe(), 0.0, False, truncated, info
        self.act(**arguments)
        return self._observe(), 0.0, False, truncated, self._info()

    def act(self, action: str, **arguments: Any) -> Any:
        """Any action of AI2-THOR by its name; returns ai2thor's event.

        Afterwards the environment is where that action led; it does not count as a step.
        """
        self._event = self.session.step(action, **arguments)
        known = set(self._ids)
        fresh = (o["objectId"] for o in self.objects if o["objectId"] not in known)
        self._ids += list(fresh)[: self.max_objects - len(self._ids)]
        return self._event

    @property
    def scene(self) -> str:
        """Name of the scene of this episode, e.g. `FloorPlan1`."""
        if self._event is None:
            raise EmbodiedError("call reset first")
        return self._event.metadata["sceneName"].removesuffix("_physics")

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The objects as AI2-THOR's metadata describes them now."""
        if self._event is None:
            raise EmbodiedError("call reset first")
        return self._event.metadata["objects"]

    def render(self) -> np.ndarray | None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The present frame, uint8 [height, width, 3]."""
        return None if self._event is None else self._event.frame.copy()

    def close(self) -> None:
        self.session.close()

    def _prepare(self, action: str, **arguments: Any) -> Any:
        self._event = self.session.step(action, **arguments)
        if not self._event:
            message = self._event.metadata["errorMessage"]
            raise EmbodiedError(f"the episode cannot begin: {action} failed: {message}")
        return self._event

    def _observe(self) -> Observation:
        pictures = {name: self._picture(name) for name in self.modalities}
        return pictures["rgb"] if len(pictures) == 1 else pictures

    def _picture(self, name: str) -> np.ndarray:
        if name == "rgb":
            return self._event.frame.copy()  # ai2thor's is a view, upside down, of what it received
        if name == "depth":
            return np.clip(self._event.depth_frame, 0, FAR)
        return _numbers(self._event, self._ids)

    def _info(self) -> dict[str, Any]:
        metadata = self._event.metadata
        return {
            "lastActionSuccess": metadata["lastActionSuccess"],
            "errorMessage": metadata["errorMessage"],
            "objects": metadata["objects"],
            "agent": metadata["agent"],
            "scene": self.scene,
            "object_ids": tuple(self._ids),
            "restarts": self.session.restarts,
            "lost": self.session.lost,
        }


def _numbers(event: Any, ids: Sequence[str]) -> np.ndarray:
    """The instance frame with the objects' numbers, int32 [height, width], in place of colours."""
    colours = {item["name"]: item["color"] for item in event.metadata["colors"]}
    known = [(_key(np.array(colours[name])), i) for i, name in enumerate(ids) if name in colours]
    if not known:
        return np.full(event.instance_segmentation_frame.shape[:2], -1, np.int32)
    keys, numbers = np.array(sorted(known)).T
    pixels = _key(event.instance_segmentation_frame)
    places = np.searchsorted(keys, pixels).clip(max=len(keys) - 1)
    return np.where(keys[places] == pixels, numbers[places], -1).astype(np.int32)


def _key(colour: np.ndarray) -> Any:
    """Colours [..., 3] as one number each."""
    return colour.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])
