"""ThorEnv on the stand-in: spaces, pictures, actions, episodes, and errors of one line."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from embodied.envs.thor.actions import encode
from embodied.envs.thor.env import ThorEnv
from embodied.envs.thor.settings import Settings, find_executable
from embodied.errors import EmbodiedError
from tests.envs.thor.conftest import StandIn

Make = Callable[..., ThorEnv]


def find(env: ThorEnv, kind: str) -> dict[str, Any]:
    return next(item for item in env.objects if item["objectType"] == kind)


def number(env: ThorEnv, kind: str, info: dict[str, Any]) -> int:
    return info["object_ids"].index(find(env, kind)["objectId"])


def stand_before(env: ThorEnv, kind: str) -> None:
    poses = env.act("GetInteractablePoses", objectId=find(env, kind)["objectId"])
    pose = poses.metadata["actionReturn"][0]
    here = {"position": {axis: pose[axis] for axis in "xyz"}, "horizon": pose["horizon"]}
    assert env.act("Teleport", rotation={"x": 0, "y": pose["rotation"], "z": 0}, **here)


@pytest.mark.filterwarnings("error", "ignore::ResourceWarning")  # ai2thor's log, left open
def test_gymnasium_check(standin: StandIn, protocol: str) -> None:
    env = gym.make(
        "embodied/Thor-v0",
        executable=standin.executable,
        protocol=protocol,
        modalities=("rgb", "depth", "instance"),
        width=64,
        height=48,
        render_mode="rgb_array",
    )
    check_env(env.unwrapped, skip_render_check=True)
    frame: Any = env.unwrapped.render()
    assert (frame.shape, frame.dtype) == ((48, 64, 3), np.uint8)
    env.close()
    assert len(standin.pids()) == 1  # resets do not start another Unity


def test_pictures_show_what_the_metadata_says(make_env: Make) -> None:
    env = make_env(modalities=("rgb", "depth", "instance"))
    first, info = env.reset(seed=0)
    assert isinstance(first, dict)
    floor = first["instance"] == number(env, "Floor", info)
    assert floor[24:].sum() > floor[:24].sum()  # rows are not upside down
    stand_before(env, "Fridge")
    seen, _, _, _, now = env.step(encode("Pass"))
    assert isinstance(seen, dict)
    fridge = find(env, "Fridge")
    mask = seen["instance"] == number(env, "Fridge", info)
    assert mask.mean() > 0.02
    here, box = now["agent"]["position"], fridge["axisAlignedBoundingBox"]
    gap = np.hypot(*(abs(box["center"][a] - here[a]) - box["size"][a] / 2 for a in "xz"))
    assert abs(seen["depth"][mask].min() - gap) < 0.4  # metres along the camera's axis
    assert len(np.unique(seen["rgb"][mask], axis=0)) < len(np.unique(seen["rgb"].reshape(-1, 3)))


def test_walking_turning_and_looking(make_env: Make) -> None:
    env = make_env()
    _, before = env.reset(seed=0)
    info = env.step(encode("MoveAhead"))[4]
    assert info["agent"]["position"]["z"] - before["agent"]["position"]["z"] == 0.25
    env.step(encode("RotateRight"))
    info = env.step(encode("LookUp"))[4]
    assert (info["agent"]["rotation"]["y"], info["agent"]["cameraHorizon"]) == (90, 0)
    env.step(encode("RotateLeft"))
    failures = [env.step(encode("MoveAhead"))[4] for _ in range(12)][-1]  # the counter is there
    assert failures["lastActionSuccess"] is False
    assert "blocking" in failures["errorMessage"]


def test_interaction_by_number_and_slices_get_new_ones(make_env: Make) -> None:
    env = make_env()
    _, info = env.reset(seed=0)
    bread = number(env, "Bread", info)
    far = env.step(encode("PickupObject", bread))[4]
    assert (far["lastActionSuccess"], "not visible" in far["errorMessage"]) == (False, True)
    nothing = env.step(encode("PickupObject", 127))[4]
    assert nothing["lastActionSuccess"] is False
    assert nothing["errorMessage"] == "there is no object number 127"
    assert nothing["agent"] == far["agent"]
    assert nothing["agent"] is not far["agent"]
    stand_before(env, "Bread")
    sliced = env.step(encode("SliceObject", bread))[4]
    assert sliced["object_ids"][:-3] == info["object_ids"]
    fourth = len(info["object_ids"])
    taken = env.step(encode("PickupObject", fourth))[4]
    assert taken["lastActionSuccess"] is True
    held = [item["objectId"] for item in taken["objects"] if item["isPickedUp"]]
    assert held == [sliced["object_ids"][fourth]]
    assert held[0].endswith("BreadSliced_0")


def test_the_seed_decides_how_an_episode_starts(make_env: Make) -> None:
    env = make_env(scenes=("FloorPlan1", "FloorPlan2"), random_start=True, random_objects=True)

    def start(seed: int) -> tuple[Any, ...]:
        info = env.reset(seed=seed)[1]
        return info["scene"], info["agent"], [item["position"] for item in info["objects"]]

    starts = [start(seed) for seed in (0, 1, 2, 3, 0)]
    assert starts[0] == starts[4]
    assert {scene for scene, *_ in starts} == {"FloorPlan1", "FloorPlan2"}
    assert len({str(agent) for _, agent, _ in starts}) == 4
    named = env.reset(seed=0, options={"scene": "FloorPlan2"})[1]
    assert named["scene"] == "FloorPlan2"


def test_an_episode_is_truncated_and_never_terminates(make_env: Make) -> None:
    env = make_env(max_steps=3)
    env.reset(seed=0)
    assert not (event := env.act("Fly"))  # ai2thor raises ValueError
    assert event.metadata["errorMessage"] == "Invalid action: Fly"
    assert not env.act("PickupObject")
    ends = [env.step(encode("Pass"))[2:4] for _ in range(3)]
    assert ends == [(False, False), (False, False), (False, True)]


def test_errors_of_a_scene_and_its_parameters(make_env: Make) -> None:
    env = make_env()
    with pytest.raises(EmbodiedError, match="unknown scene 'FloorPlan11'"):
        env.reset(options={"scene": "FloorPlan11"})
    with pytest.raises(EmbodiedError, match="gridSize must be above 0"):
        make_env(initialization={"gridSize": -1.0}).reset()
    with pytest.raises(EmbodiedError, match="26 objects: give max_objects=26 or more"):
        make_env(max_objects=9).reset()


def test_errors_of_arguments(make_env: Make) -> None:
    for wrong, message in (
        ({"modalities": ("rgb", "dept")}, "mean 'depth'"),
        ({"modalities": ("depth",)}, "must hold 'rgb'"),
        ({"protokol": "fifo"}, "mean 'protocol'"),
        ({"protocol": "http"}, "Choices: fifo, wsgi"),
        ({"timeout": 0.0}, "timeout must be above 0"),
        ({"executable": "/nowhere/thor"}, "/nowhere/thor is no executable file"),
    ):
        with pytest.raises(EmbodiedError, match=message):
            make_env(**wrong)


def test_no_build_is_one_line_that_says_how_to_get_one(
    standin: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ai2thor.build import COMMIT_ID

    with pytest.raises(EmbodiedError) as error:
        ThorEnv()
    for part in ("executable=", "--executable", "EMBODIED_THOR_EXECUTABLE", "download_only=True"):
        assert part in str(error.value)
    assert len(str(error.value).splitlines()) == 1
    build = tmp_path / ".ai2thor" / "releases" / f"thor-CloudRendering-{COMMIT_ID}"
    build.mkdir(parents=True)
    (build / build.name).touch()
    assert find_executable(None) == str(build / build.name)
    monkeypatch.setenv("EMBODIED_THOR_EXECUTABLE", standin.executable)
    assert find_executable(None) == os.path.realpath(standin.executable)
    assert Settings().executable is None


def test_importing_embodied_does_not_import_ai2thor() -> None:
    code = "import sys, gymnasium as gym, embodied, embodied.envs.thor.actor; "
    code += "gym.spec('embodied/Thor-v0'); assert not [m for m in sys.modules if 'ai2thor' in m]"
    subprocess.run([sys.executable, "-c", code], check=True)
