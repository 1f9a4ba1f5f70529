"""A simulator: one scene that several tasks share, how it is stepped, looked at and described."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import mujoco
import numpy as np
from gymnasium.vector import VectorEnv

from embodied.envs.vocabulary import Vocabulary
from embodied.errors import EmbodiedError, unknown

VectorEnvironment = VectorEnv[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Simulator:
    """What training, rewards, audits and alignment need to know of a scene.

    name: e.g. `humanoid`.
    model_path: MJCF file that the renderers load. A state is its qpos, [nq].
    load: the shared, read-only model.
    make_vector: (task, num_envs, measure) -> environment that resets within the step, reports
        `info["qpos"]` [n, nq], has `get_state` and `set_state`, and judges success if `measure`.
        Where `strongest_push` is not 0 it also has `push(body, force)`: a force [3] in newtons, in
        the world's axes, on the named body of simulation 0 during the next step.
    features: states [n, nq] -> what a learned reward sees of them, float32 [n, D].
    state: states [n, nq] -> what a task's `success` reads.
    camera, film_camera: the cameras that a VLM and that people look through.
    look: "module:function" that repaints a renderer before a frame, with rows of `look_size`.
    words: "module:attribute" of its `Vocabulary`, for `embodied align` and `embodied audit`.
    fps: control steps per second.
    encoder: the shipped encoder of its pictures, which `--vlm embedded` means here.
    strongest_push: the largest force (N) that a person can push with in the viewer.
    """

    name: str
    model_path: Path
    load: Callable[[], mujoco.MjModel]
    make_vector: Callable[[str, int, bool], VectorEnvironment]
    features: Callable[[np.ndarray], np.ndarray]
    state: Callable[[np.ndarray], Any]
    camera: str = "vlm"
    film_camera: str = "vlm"
    look: str | None = None
    look_size: int = 0
    words: str | None = None
    fps: int = 67
    encoder: str = "embedded"
    strongest_push: float = 0.0

    def encoder_named(self, vlm: str) -> str:
        """The encoder that `--vlm` names: `embedded` is this simulator's own."""
        return self.encoder if vlm == "embedded" else vlm

    def check_camera(self, name: str) -> None:
        """Raise EmbodiedError with the choices if the model has no camera of that name."""
        model = self.load()
        cameras = [model.camera(i).name for i in range(model.ncam)]
        if name not in cameras:
            raise unknown("camera", name, cameras)

    def vocabulary(self) -> Vocabulary:
        """What can be said of its states; EmbodiedError if nobody has written that down."""
        if self.words is None:
            raise EmbodiedError(f"the simulator {self.name!r} has no vocabulary of its states")
        module, _, attribute = self.words.partition(":")
        return getattr(import_module(module), attribute)
