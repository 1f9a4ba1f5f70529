"""`embodied train` and `embodied eval`: what users can get wrong, and real runs in processes of
their own, which are stopped, killed and taken up again."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embodied import cli
from embodied.cli import eval
from embodied.cli.train import Train, resolve
from embodied.errors import EmbodiedError
from embodied.runs.folder import RunFolder
from tests.perception.tiny_encoder import make_encoder

STEPS = 960
SETTINGS = [
    *("--env", "humanoid-kneel", "--reward", "vlm", "--seed", "5", "--vlm-budget", "0.5"),
    *("--total-steps", str(STEPS), "--num-envs", "4", "--hyper.rollout-steps", "30"),
    *("--hyper.batch-size", "60", "--hyper.epochs", "2"),
]
TRAIN_KEYS = (
    "run steps seconds vlm_calls frames_per_second reward_first reward_last success".split()
)
EVAL_KEYS = "episodes success success_ci reward".split()


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_encoder(tmp_path_factory.mktemp("encoder") / "tiny")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def fails(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that a user got wrong; the one line that says so."""
    assert cli.main(list(arguments)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("embodied: ")
    assert err.count("\n") == 1
    return err


# What users get wrong.


@pytest.mark.parametrize(
    ("flag", "value", "hint"),
    [
        ("--env", "humanoid-knel", "Did you mean 'humanoid-kneel'?"),
        ("--reward", "dense", "Choices: goal-image, gvl, video, vlm"),
        ("--reward", "video", "looks at a video"),
        ("--reward", "gvl", "looks at a prefix"),
        ("--reward", "goal-image", "--goal-image PATH"),
        ("--goal-image", "kneel.png", "--reward vlm does not use --goal-image"),
        ("--preset", "fsat", "Did you mean 'fast'?"),
        ("--cameras", "vlm_qarter", "Did you mean 'vlm_quarter'?"),
        ("--algo", "pppo", "Did you mean 'ppo'?"),
        ("--vlm", "embeded", "Did you mean 'embedded'?"),
        ("--vlm", "embedded:nowhere", "embodied align"),
        ("--vlm", "org/model", "hf:org/model"),
        ("--vlm-budget", "0", "above 0 and up to 1"),
        ("--vlm-budget", "-0.1", "above 0 and up to 1"),
        ("--vlm-budget", "1.5", "above 0 and up to 1"),
        ("--vlm-budget", "nan", "above 0 and up to 1"),
        ("--vlm-budget", "1e-7", "less than one frame"),
        ("--total-steps", "0", "--total-steps must be at least 1"),
        ("--num-envs", "-3", "--num-envs must be at least 1"),
    ],
)
def test_a_wrong_value_is_one_line_and_leaves_nothing(
    flag: str, value: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hint in fails(capsys, "train", flag, value, "--output-dir", "out")
    assert not Path("out").exists()
    assert not Path("runs").exists()


@pytest.mark.parametrize(("flag", "value"), [("--alpha", "1.5"), ("--device", "gpu7")])
def test_what_the_reward_refuses_leaves_nothing(
    flag: str, value: str, encoder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = fails(capsys, "train", "--vlm", f"embedded:{encoder}", flag, value)
    assert flag.strip("-") in line
    assert not Path("runs").exists()


def test_an_output_folder_that_exists_is_refused(
    encoder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("out").mkdir()
    Path("out/thesis.txt").write_text("mine")
    line = fails(capsys, "train", "--vlm", f"embedded:{encoder}", "--output-dir", "out")
    assert "--output-dir" in line
    assert [path.name for path in Path("out").iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("given", "flag"),
    [
        (["--seed", "4"], "--seed"),
        (["--total-steps", "9"], "--total-steps"),
        (["--env", "humanoid-stand"], "--env"),
        (["--algo", "sac"], "--algo"),
        (["--hyper.gamma", "0.5"], "--hyper"),
        (["--vlm-budget", "1.0"], "--vlm-budget"),
        (["--output-dir", "other"], "--output-dir"),
    ],
)
def test_a_resumed_run_keeps_its_settings(
    given: list[str], flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    RunFolder.create("run", resolve(Train()))
    line = fails(capsys, "train", "--resume", "run", *given)
    assert f"leave out {flag}" in line


@pytest.mark.parametrize("command", [["train", "--resume"], ["eval"]])
def test_a_run_that_is_not_there(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is no run at nowhere" in fails(capsys, *command, "nowhere")
    Path("empty").mkdir()
    assert "is no run" in fails(capsys, *command, "empty")


def test_eval_of_a_run_without_checkpoint(
    encoder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = resolve(Train(vlm=f"embedded:{encoder}", num_envs=2))
    RunFolder.create("run", settings)
    assert "no checkpoint yet" in fails(capsys, "eval", "run")
    assert "--episodes must be at least 1" in fails(capsys, "eval", "run", "--episodes", "0")


# What decides a run.


def test_without_a_preset_the_kneel_trains_as_the_demo_does() -> None:
    settings = resolve(Train(env="humanoid-kneel"))
    assert settings == resolve(Train(env="humanoid-kneel", preset="humanoid-kneel"))
    assert settings["goal_prompts"] == ["a humanoid robot kneeling"]
    json.dumps(settings)


def test_flags_override_the_preset() -> None:
    from embodied.cli.train import Hyper
    from embodied.cli.world import preset_of
    from embodied.policies.presets import VLM_RM

    given = Train(
        preset="vlm-rm", alpha=0.3, num_envs=7, prompt="a robot asleep", hyper=Hyper(gamma=0.5)
    )
    settings = resolve(given)
    assert settings["goal_prompts"] == ["a robot asleep"]
    preset = preset_of(json.loads(json.dumps(settings)))
    assert (preset.alpha, preset.num_envs, preset.gamma) == (0.3, 7, 0.5)
    assert (preset.algo, preset.total_steps) == ("sac", VLM_RM.total_steps)


def test_a_budget_is_refused_whoever_gives_it() -> None:
    with pytest.raises(EmbodiedError, match="vlm-budget"):
        resolve(Train(vlm_budget=2.0))


# Real runs.


def command(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "embodied", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Threads that wait for each other are slow on a machine that has other things to do.
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def start(folder: Path, encoder: Path) -> subprocess.Popen[str]:
    where = ["--vlm", f"embedded:{encoder}", "--output-dir", str(folder)]
    return command("train", *SETTINGS, *where, "--checkpoint-seconds", "0", "--json")


def resume(folder: Path) -> subprocess.Popen[str]:
    return command("train", "--resume", str(folder), "--checkpoint-seconds", "0", "--json")


def result(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The last line of a run that ends by itself."""
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    return json.loads(out.splitlines()[-1])


def steps_saved(folder: Path) -> int:
    """Step of the newest checkpoint, 0 if there is none yet."""
    found = [int(p.name) for p in folder.glob("checkpoints/*") if p.name.isdecimal()]
    return max(found, default=0)


def wait_for_a_checkpoint(folder: Path, process: subprocess.Popen[str], beyond: int) -> None:
    deadline = time.monotonic() + 120
    while steps_saved(folder) <= beyond:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "no checkpoint came"
        time.sleep(0.005)


@pytest.fixture(scope="module")
def finished(
    encoder: Path, gl: None, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any]]:
    """An uninterrupted run, and what `--json` said at its end."""
    folder = tmp_path_factory.mktemp("runs") / "finished"
    return folder, result(start(folder, encoder))


@pytest.mark.slow
def test_train_says_what_it_did(finished: tuple[Path, dict[str, Any]]) -> None:
    folder, said = finished
    assert list(said) == TRAIN_KEYS
    assert said["run"] == str(folder)
    assert said["steps"] == STEPS
    assert said["vlm_calls"] == STEPS // 2
    assert 0 <= said["success"] <= 1
    assert -1 <= said["reward_first"] <= 1
    assert said["frames_per_second"] > 0
    assert {"config.json", "metrics.jsonl", "checkpoints", "tensorboard", "curve.png"} <= {
        path.name for path in folder.iterdir()
    }
    suffixes = {p.suffix for p in (folder / "checkpoints").rglob("*") if p.is_file()}
    assert suffixes == {".json", ".safetensors"}


@pytest.mark.slow
def test_a_run_that_was_stopped_and_killed_ends_as_one_that_was_not(
    finished: tuple[Path, dict[str, Any]], encoder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    stopped = start(folder, encoder)
    wait_for_a_checkpoint(folder, stopped, beyond=0)
    stopped.send_signal(signal.SIGINT)
    out, err = stopped.communicate(timeout=120)
    assert stopped.returncode in (2, 130)
    assert err.splitlines()[-1].endswith(f"embodied train --resume {folder}")
    assert "Traceback" not in err
    assert out == ""

    before = steps_saved(folder)
    assert before < STEPS
    killed = resume(folder)
    wait_for_a_checkpoint(folder, killed, beyond=before)
    killed.kill()
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    assert steps_saved(folder) < STEPS

    said = result(resume(folder))
    other, expected = finished
    assert (folder / "metrics.jsonl").read_text() == (other / "metrics.jsonl").read_text()
    clock = {"run", "seconds", "frames_per_second"}
    assert {k: v for k, v in said.items() if k not in clock} == {
        k: v for k, v in expected.items() if k not in clock
    }
    last = Path("checkpoints") / "last" / "pretrained_model" / "model.safetensors"
    assert (folder / last).read_bytes() == (other / last).read_bytes()
    assert not list(folder.rglob(".tmp-*"))


@pytest.mark.slow
def test_eval_says_how_well_it_does(
    finished: tuple[Path, dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(eval, "VIDEO_SIDE", 96)
    folder, _ = finished
    assert cli.main(["eval", str(folder), "--episodes", "3", "--json"]) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert list(said) == EVAL_KEYS
    assert said["episodes"] == 3
    low, high = said["success_ci"]
    assert 0 <= low <= said["success"] <= high <= 1
    assert -1 <= said["reward"] <= 1
    video = folder / "videos" / "eval.mp4"
    assert video.stat().st_size > 1000
    video.unlink()

    assert cli.main(["eval", str(folder), "--episodes", "3", "--no-video"]) == 0
    out = capsys.readouterr().out
    assert f"success {said['success']:.0%} of 3 episodes" in out
    assert f"mean VLM reward {said['reward']:.3f}" in out  # the same episodes again
    assert not video.exists()
    assert "unknown camera 'top'" in fails(capsys, "eval", str(folder), "--camera", "top")


@pytest.mark.slow
def test_a_goal_image_trains_a_run_that_needs_nothing_outside_it(
    encoder: Path, gl: None, capsys: pytest.CaptureFixture[str]
) -> None:
    from embodied.runs.video import write_png

    pictures = {"kneel.png": 40, "stand.png": 200}
    for name, grey in pictures.items():
        write_png(name, np.full((50, 60, 3), grey, np.uint8))
    given = ["--goal-image", "kneel.png", "stand.png", "--vlm", f"embedded:{encoder}"]
    given += [*SETTINGS, "--output-dir", "run", "--reward", "goal-image"]
    stopped = command("train", *given, "--checkpoint-seconds", "0")
    wait_for_a_checkpoint(Path("run"), stopped, beyond=0)
    stopped.kill()
    stopped.communicate()
    for name in pictures:
        Path(name).unlink()
    said = result(resume(Path("run")))
    assert (said["steps"], said["vlm_calls"]) == (STEPS, STEPS // 2)
    assert -1 <= said["reward_last"] <= 1
    places = json.loads(Path("run/config.json").read_text())["goal_images"]
    assert places == ["goal_images/1-kneel.png", "goal_images/2-stand.png"]
    assert cli.main(["eval", "run", "--episodes", "2", "--no-video"]) == 0
    assert "goal_images/1-kneel.png" in capsys.readouterr().out
    (Path("run") / places[0]).unlink()
    assert "cannot read the picture" in fails(capsys, "eval", "run", "--episodes", "2")


@pytest.mark.slow
def test_without_opengl_training_is_one_line(encoder: Path, tmp_path: Path) -> None:
    environment = os.environ | {"__EGL_VENDOR_LIBRARY_FILENAMES": "/nonexistent"}
    arguments = ["train", "--vlm", f"embedded:{encoder}", "--output-dir", str(tmp_path / "run")]
    run = subprocess.run(
        [sys.executable, "-m", "embodied", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1
    assert "embodied doctor" in run.stderr
