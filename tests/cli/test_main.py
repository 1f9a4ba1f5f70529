"""The command line as a whole; what `train`, `eval` and `align` do is tested beside them."""

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from embodied import cli
from embodied.cli import adapt, align, audit, doctor, eval, info, listing, plan, score, train, view
from embodied.errors import EmbodiedError
from embodied.registry import REGISTRIES, Registry

COMMANDS = {
    "train": train,
    "eval": eval,
    "align": align,
    "adapt": adapt,
    "audit": audit,
    "score": score,
    "plan": plan,
    "view": view,
    "list": listing,
    "info": info,
    "doctor": doctor,
}
HEAVY = (
    "imageio",
    "mujoco",
    "scipy",
    "stable_baselines3",
    "tensorboard",
    "torch",
    "transformers",
    "viser",
)


def last_json(output: str) -> Any:
    return json.loads(output.splitlines()[-1])


@pytest.mark.parametrize("arguments", [[], *([name] for name in COMMANDS)], ids=str)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys; from embodied.cli import main\n"
        f"try: main({[*arguments, '--help']})\n"
        "except SystemExit as stop: assert stop.code == 0, stop.code\n"
        f"print('HEAVY', *({HEAVY} & sys.modules.keys()))"
    ).replace(str(HEAVY), f"set({HEAVY})")
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "usage: embodied" in run.stdout
    assert run.stdout.splitlines()[-1] == "HEAVY"


def test_module_and_script_are_the_same_command() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "embodied", "trian"], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == (
        "embodied: unknown command 'trian'. Did you mean 'train'? "
        "Choices: adapt, align, audit, doctor, eval, goal, info, learn-goals, "
        "list, plan, score, train, view\n"
    )


@pytest.mark.parametrize("arguments", [[], ["list", "--colour"], ["info"]], ids=str)
def test_arguments_that_do_not_fit_exit_with_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    assert stop.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_user_error_is_one_line_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(config: listing.List) -> None:
        raise EmbodiedError("the disk is full: free 2 GB")

    monkeypatch.setattr(listing, "run", fail)
    assert cli.main(["list", "--json"]) == 2
    assert capsys.readouterr() == ("", "embodied: the disk is full: free 2 GB\n")


def test_interrupt_is_one_line_and_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(config: listing.List) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(listing, "run", interrupt)
    assert cli.main(["list"]) == 130
    assert capsys.readouterr() == ("", "embodied: interrupted\n")


def test_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(config: listing.List) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(listing, "run", bug)
    with pytest.raises(ZeroDivisionError):
        cli.main(["list"])


def test_json_is_the_last_line_and_only_on_request(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(config: listing.List) -> dict[str, Any]:
        print("progress")
        return {"reward": np.float32(0.5), "success_ci": (np.nan, 1.0), "steps": np.arange(2)}

    monkeypatch.setattr(listing, "run", run)
    assert cli.main(["list", "--json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "progress"
    assert json.loads(lines[1]) == {"reward": 0.5, "success_ci": [None, 1.0], "steps": [0, 1]}
    assert cli.main(["list"]) == 0
    assert capsys.readouterr().out == "progress\n"


def test_list_shows_every_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "--json"]) == 0
    found = last_json(capsys.readouterr().out)
    assert {kind: set(lines) for kind, lines in found.items()} == {
        kind: set(registry.names()) for kind, registry in REGISTRIES.items()
    }
    assert found["envs"]["humanoid-kneel"] == "a humanoid robot kneeling"
    assert not any("not available" in line for lines in found.values() for line in lines.values())


def test_list_goes_on_after_an_entry_that_cannot_load(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "open3d", None)
    table = {"broken": "open3d.io:x", "circle": "math:cos"}
    monkeypatch.setattr(listing, "REGISTRIES", {"envs": Registry("environment", table)})
    assert cli.main(["list"]) == 0
    output = capsys.readouterr().out
    assert "circle" in output
    assert "embodied-vlm[scenes]" in "".join(output.split())  # brackets are no rich markup


def test_info_tells_a_task(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["info", "humanoid-kneel", "--json"]) == 0
    task = last_json(capsys.readouterr().out)["environment"]
    assert task["env_id"] == "embodied/HumanoidKneel-v0"
    assert task["goal_prompts"] == ["a humanoid robot kneeling"]
    assert "knees" in task["success"]


@pytest.mark.parametrize("name", [name for table in REGISTRIES.values() for name in table.table])
def test_info_prints_every_name(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["info", name]) == 0
    assert name in capsys.readouterr().out


def test_info_of_an_unknown_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["info", "humanoid-knel"]) == 2
    assert "Did you mean 'humanoid-kneel'?" in capsys.readouterr().err


def test_headline_of_a_preset_is_what_it_changes() -> None:
    preset = REGISTRIES["presets"].load("vlm-rm")
    assert "total_steps=10000000" in info.headline(preset)
    assert info.headline(type(preset)()) == "the default values"
