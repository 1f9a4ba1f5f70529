"""A Unity that dies, hangs or talks rubbish is replaced, and the household is as it was."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from embodied.envs.thor.actions import encode
from embodied.envs.thor.actor import ThorActor
from embodied.envs.thor.env import ThorEnv
from embodied.errors import EmbodiedError
from tests.envs.thor.conftest import StandIn, has_ended

Make = Callable[..., ThorEnv]
STATES = ("isOpen", "isToggled", "isSliced", "isCooked", "isDirty", "isPickedUp", "openness")


def find(env: ThorEnv, kind: str) -> dict[str, Any]:
    return next(item for item in env.objects if item["objectType"] == kind)


def do(env: ThorEnv, *doings: str) -> None:
    """Do "PickupObject Mug" and the like, walking there."""
    for doing in doings:
        action, kind = doing.split()
        sent = {"action": action, "objectId": find(env, kind)["objectId"]}
        assert ThorActor(env).execute(sent) == (True, ""), doing


def household(env: ThorEnv) -> dict[str, Any]:
    """All that shall survive, by object id."""
    return {
        item["objectId"]: {
            "place": [round(item["position"][axis], 2) for axis in "xyz"],
            "in": sorted(item["parentReceptacles"] or ()),
            "holds": sorted(item["receptacleObjectIds"] or ()),
            "states": [item[state] for state in STATES],
        }
        for item in env.objects
    }


def test_kill_minus_nine_in_an_episode(make_env: Make, standin: StandIn, protocol: str) -> None:
    env = make_env(protocol=protocol, random_objects=True)
    env.reset(seed=3)
    do(env, "OpenObject Fridge", "SliceObject Apple", "PickupObject Potato", "PutObject Plate")
    do(env, "ToggleObjectOn Faucet", "PickupObject Mug", "OpenObject Drawer")
    env.act("CleanObject", objectId=find(env, "Mug")["objectId"], forceAction=True)
    env.act("Crouch")
    info = env.step(encode("RotateLeft"))[4]
    before, slices = household(env), [i for i in info["object_ids"] if "Sliced" in i]
    assert len(slices) == 3
    pid = env.session.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    after = env.step(encode("Pass"))[4]
    assert (after["lastActionSuccess"], after["lost"], after["restarts"]) == (True, (), 1)
    assert household(env) == before
    assert after["agent"] == info["agent"]
    assert after["object_ids"] == info["object_ids"]
    assert standin.pids()[0] == pid
    # Unity has given new ids meanwhile; the episode's are still understood.
    do(env, "PutObject DiningTable", "PickupObject AppleSliced")
    held = next(item for item in env.objects if item["isPickedUp"])
    assert held["objectId"] == slices[0]
    assert env.step(encode("Pass"))[4]["restarts"] == 1


def test_the_action_under_way_is_done_again(
    make_env: Make, standin: StandIn, protocol: str
) -> None:
    kinds = ("die", "garbage", "hang")  # one in each Unity, at its second step
    standin.faults(
        *({"kind": k, "on": "MoveAhead", "nth": 2, "life": i + 1} for i, k in enumerate(kinds))
    )
    env = make_env(protocol=protocol, timeout=3.0)
    env.reset(seed=0)
    infos = [env.step(encode("MoveAhead"))[4] for _ in range(5)]
    heights = [info["agent"]["position"]["z"] for info in infos]
    assert heights == [0.25, 0.5, 0.75, 1.0, 1.25]
    assert [info["restarts"] for info in infos] == [0, 1, 2, 3, 3]
    assert len(standin.pids()) == 4


def test_an_action_that_always_kills_is_an_error(make_env: Make, standin: StandIn) -> None:
    standin.faults({"kind": "die", "on": "Crouch"})
    env = make_env(restarts=1)
    env.reset(seed=0)
    with pytest.raises(EmbodiedError) as error:
        env.step(encode("Crouch"))
    assert "Unity was lost 2 times in Crouch: it was killed by signal 9" in str(error.value)
    assert len(str(error.value).splitlines()) == 1
    assert len(standin.pids()) == 2
    assert env.step(encode("MoveAhead"))[4]["agent"]["position"]["z"] == 0.25  # it can be gone on


@pytest.mark.parametrize(
    ("protocol", "kind", "message"),
    [
        ("fifo", "exit", "starting FloorPlan1: it ended with code 3;"),
        ("wsgi", "exit", "starting FloorPlan1: it ended with code 3;"),
        ("fifo", "segfault", "killed by signal 11 at its start: CloudRendering needs Vulkan"),
        ("fifo", "hang", "it gave no answer in 2 s"),
    ],
)
def test_a_unity_that_does_not_start(
    make_env: Make, standin: StandIn, protocol: str, kind: str, message: str
) -> None:
    standin.faults({"kind": kind, "on": "start"})
    seconds = 2.0 if kind == "hang" else 60.0
    env = make_env(protocol=protocol, restarts=0, start_timeout=seconds)
    with pytest.raises(EmbodiedError) as error:
        env.reset()
    assert message in str(error.value)


def test_what_cannot_be_restored_is_told(make_env: Make) -> None:
    env = make_env()
    env.reset(seed=0)
    do(env, "OpenObject Microwave", "PickupObject Mug", "PutObject Microwave")
    do(env, "CloseObject Microwave", "ToggleObjectOn Microwave", "ToggleObjectOff Microwave")
    camera = {"position": {"x": 0, "y": 2, "z": 0}, "rotation": {"x": 60, "y": 0, "z": 0}}
    env.act("AddThirdPartyCamera", fieldOfView=70, **camera)
    mug = find(env, "Mug")["objectId"]
    os.kill(env.session.pid or 0, signal.SIGKILL)
    info = env.step(encode("Pass"))[4]
    assert info["lost"] == (f"{mug}: temperature is RoomTemp, was Hot",)
    assert env.act("Pass").metadata["thirdPartyCameras"][0]["fieldOfView"] == 70
    assert env.step(encode("Pass"))[4]["lost"] == ()


def test_processes_behind_a_script_are_ended_too(
    make_env: Make, standin: StandIn, tmp_path: Path
) -> None:
    script = tmp_path / "with display"  # as xvfb-run would
    script.write_text(f'#!/bin/sh\n"{standin.executable}" "$@"\necho ended\n')
    script.chmod(0o755)
    env = make_env(executable=str(script), protocol="wsgi")
    env.reset(seed=0)
    assert standin.pids() != [env.session.pid]
    env.close()
    env.close()
    with pytest.raises(EmbodiedError, match="call reset before step"):
        env.step(encode("Pass"))
    assert has_ended(standin.pids()[0])


def test_an_interrupt_leaves_nothing_and_the_episode_can_go_on(
    make_env: Make, standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from embodied.envs.thor.servers import PipeServer

    env = make_env()
    env.reset(seed=0)
    env.step(encode("MoveAhead"))
    with monkeypatch.context() as patched:
        patched.setattr(PipeServer, "_wait", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            env.step(encode("MoveAhead"))
    assert env.session.pid is None
    assert env.step(encode("MoveAhead"))[4]["agent"]["position"]["z"] == 0.5
