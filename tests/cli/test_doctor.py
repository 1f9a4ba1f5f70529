import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from embodied import cli
from embodied.cli import checks, libraries


def test_doctor_reports_what_tests_need(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert cli.main(["doctor", "--json"]) == 0
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    status = {check["name"]: check["status"] for check in report["checks"]}
    assert {name: status[name] for name in ("rendering", "--vlm embedded", "ffmpeg")} == {
        "rendering": "ok",
        "--vlm embedded": "ok",
        "ffmpeg": "ok",
    }
    assert report["ok"] == ("missing" not in status.values())
    assert all(check["fix"] for check in report["checks"] if check["status"] == "missing")


def test_no_working_renderer_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "GL_BACKENDS", ("no-such-library",))
    monkeypatch.setattr(checks, "missing_packages", lambda: ["libegl1"])
    summary, backend = checks.rendering()
    assert (summary.status, summary.fix) == ("missing", "sudo apt-get install -y libegl1")
    assert "no-such-library" in backend.detail  # MuJoCo's own words, not a clean-up's


def test_chosen_renderer_that_fails_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUJOCO_GL", "osmesa")
    monkeypatch.setattr(checks, "GL_BACKENDS", ("egl",))
    summary = checks.rendering()[0]
    assert (summary.status, summary.fix) == ("missing", "export MUJOCO_GL=egl")


def test_extra_that_does_not_start_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    error = "libusb-1.0.so.0: cannot open shared object file"
    (tmp_path / "half_installed.py").write_text(f"raise ImportError({error!r})")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(checks, "EXTRAS", {"half_installed": "scenes", "no_such_module": "thor"})
    monkeypatch.setattr(checks, "missing_packages", lambda: ["libusb-1.0-0"])
    broken, absent = checks.extras()
    assert (broken.status, broken.fix) == ("missing", "sudo apt-get install -y libusb-1.0-0")
    assert error in broken.detail
    assert (absent.status, absent.name) == ("optional", "extra thor")


def test_hub_that_answers_and_hub_that_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{port}")
        assert "127.0.0.1 can be reached" in checks.huggingface().detail
    assert "127.0.0.1 cannot be reached" in checks.huggingface().detail


def test_probe_that_crashes_or_hangs_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "PROBE_SECONDS", 2)
    codes = ["print(6 * 7)", "1 / 0", "import os; os.abort()", "import time; time.sleep(60)"]
    probes = [checks.Probe([sys.executable, "-c", checks.GUARD, code]) for code in codes]
    assert checks.probe(probes) == [
        (True, "42"),
        (False, "ZeroDivisionError: division by zero"),
        (False, "was ended by signal 6"),
        (False, "gave no answer in 2 seconds"),
    ]


def test_missing_libraries_are_named_by_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "RENDERING", {"libc.so.6": "libc6"})
    monkeypatch.setattr(libraries, "EXTRAS", {"libno-such-thing.so.1": "libno-such-thing1"})
    monkeypatch.setattr(libraries, "_DRIVER_FILES", ("/no/such/driver.so",))
    assert libraries.missing_packages() == ["libgl1-mesa-dri", "libno-such-thing1"]


def test_libraries_run_before_anything_is_installed() -> None:
    """As scripts/setup.sh does: the file alone, with no package in reach."""
    subprocess.run([sys.executable, "-I", "-S", libraries.__file__], check=True)
