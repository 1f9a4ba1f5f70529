from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from embodied.errors import EmbodiedError
from embodied.runs import disk
from embodied.runs.folder import RunFolder, default_path


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_create_open_and_links() -> None:
    first = RunFolder.create(default_path("embodied/HumanoidKneel-v0"), {"seed": 1})
    assert re.fullmatch(r"embodied-HumanoidKneel-v0-\d{8}-\d{6}", first.root.name)
    second = RunFolder.create(default_path("embodied/HumanoidKneel-v0"), {"seed": 2})
    assert second.root != first.root
    assert os.readlink("runs/last") == second.root.name  # relative: the tree can be moved
    assert RunFolder.open("runs/last").config == {"seed": 2}
    assert RunFolder.open("runs").config == {"seed": 2}
    assert RunFolder.open(first.root).config == {"seed": 1}
    with first.lock():  # resumed: now it is the newest
        assert RunFolder.open("runs/last").config == {"seed": 1}


def test_a_run_elsewhere_leaves_no_link() -> None:
    RunFolder.create("elsewhere/run", {})
    assert [p.name for p in Path("elsewhere").iterdir()] == ["run"]
    assert not Path("runs").exists()


def test_create_refuses_what_is_there() -> None:
    RunFolder.create("run", {"seed": 1})
    with pytest.raises(EmbodiedError, match=r"--resume run, or .* --output-dir"):
        RunFolder.create("run", {"seed": 2})
    assert RunFolder.open("run").config == {"seed": 1}
    with pytest.raises(EmbodiedError, match="link"):
        RunFolder.create("runs/last", {})
    Path("file").touch()
    with pytest.raises(EmbodiedError, match="file"):
        RunFolder.create("file", {})


def test_create_takes_an_empty_folder_and_a_killed_start() -> None:
    Path("run").mkdir()
    (Path("run") / f"{disk.TMP}config.json-7").write_text("{")
    RunFolder.create("run", {"seed": 1})
    assert RunFolder.open("run").config == {"seed": 1}


def test_open_says_what_is_wrong() -> None:
    with pytest.raises(EmbodiedError, match="there is no run at nowhere"):
        RunFolder.open("nowhere")
    Path("empty").mkdir()
    with pytest.raises(EmbodiedError, match=r"no config\.json"):
        RunFolder.open("empty")
    run = RunFolder.create("run", {})
    inside = run.checkpoints / "000000001" / "pretrained_model"
    inside.mkdir(parents=True)
    (inside / "config.json").write_text("{}")
    with pytest.raises(EmbodiedError, match="give the run"):
        RunFolder.open(inside)
    for text in ('{"seed": ', "[]", ""):
        (run.root / "config.json").write_text(text)
        with pytest.raises(EmbodiedError, match=r"config\.json is damaged") as error:
            RunFolder.open("run")
        assert "\n" not in str(error.value)


def test_a_link_that_is_a_folder_is_left_alone() -> None:
    Path("runs/last").mkdir(parents=True)
    with pytest.raises(EmbodiedError, match="meant to be a link"):
        RunFolder.create("runs/a", {})
    assert not Path("runs/last").is_symlink()


def test_one_process_at_a_time_and_the_kernel_lets_go() -> None:
    run = RunFolder.create("run", {})
    program = (
        "import sys, time; from embodied.runs.folder import RunFolder\n"
        "with RunFolder.open(sys.argv[1]).lock(): print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(run.root.resolve())], stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(EmbodiedError, match=rf"pid {holder.pid}\).*--output-dir"), run.lock():
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with run.lock(), pytest.raises(EmbodiedError, match=f"pid {os.getpid()}"), run.lock():
            pass
        with run.lock():  # the refused one did not let go of ours, and ours is free now
            pass
    finally:
        holder.kill()
        holder.wait()
        assert holder.stdout is not None
        holder.stdout.close()


def test_the_lock_is_free_though_a_forked_worker_lives() -> None:
    run = RunFolder.create("run", {})
    with run.lock():
        worker = os.fork()
        if worker == 0:
            signal.pause()
            os._exit(0)
    try:
        with run.lock():
            pass
    finally:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)


def test_lock_clears_what_killed_writers_left() -> None:
    run = RunFolder.create("run", {})
    for left in (
        ".tmp-000000007-12/training_state",
        "000000005",
        ".old-000000005",
        ".old-000000006",
    ):
        (run.checkpoints / left).mkdir(parents=True)
    (run.root / ".tmp-metrics.jsonl-12").touch()
    (run.checkpoints / ".tmp-last-12").symlink_to("000000005")
    RunFolder.open("run")
    assert (run.checkpoints / ".tmp-000000007-12").exists()  # a reader must not touch a writer's
    with run.lock():
        # 6 was killed between its two renames, 5 after both of them.
        assert sorted(p.name for p in run.checkpoints.iterdir()) == ["000000005", "000000006"]
        assert sorted(p.name for p in run.root.iterdir()) == [".lock", "checkpoints", "config.json"]


def test_write_bytes_keeps_the_old_file_when_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path("a.json")
    disk.write_json(path, {"a": 1})

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EmbodiedError, match=r"cannot write a\.json: no space left on device; free"):
        disk.write_json(path, {"a": 2})
    assert disk.read_json(path) == {"a": 1}
    assert list(Path().iterdir()) == [path]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written() -> None:
    Path("locked").mkdir(mode=0o500)
    with pytest.raises(EmbodiedError, match="permission denied; choose"):
        RunFolder.create("locked/run", {})
