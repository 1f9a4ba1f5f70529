"""What works on this machine, as facts: one function for each thing that `embodied doctor` tells.

Whatever may crash or hang (OpenGL drivers, extensions that miss a system library) runs in a
subprocess with a time limit.
"""

import os
import platform
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from importlib.metadata import packages_distributions, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from embodied.cli.libraries import apt_line, missing_packages
from embodied.errors import EXTRAS, install_command

GL_BACKENDS = ("egl", "osmesa", "glfw")
PROBE_SECONDS = 60  # each needs one or two, more on a busy machine
HUB_SECONDS = 2

# Runs the code in its argument and says in one line how it failed. Leaves without clean-up, since
# OpenGL's may crash, and would hide what was said.
GUARD = """
import os, sys
try:
    exec(sys.argv[1], {})
except BaseException as error:
    print(f"{type(error).__name__}: {error}".partition("\\n")[0], flush=True)
    os._exit(1)
sys.stdout.flush()
os._exit(0)
"""

# Renders a red ball with MuJoCo and prints who drew it.
_RENDER = """
import mujoco
model = mujoco.MjModel.from_xml_string(
    "<mujoco><worldbody><light pos='0 0 3'/><geom size='.3' rgba='1 0 0 1'/></worldbody></mujoco>")
data = mujoco.MjData(model)
mujoco.mj_forward(model, data)
with mujoco.Renderer(model, 64, 64) as renderer:
    renderer.update_scene(data)
    frame = renderer.render()
    from OpenGL import GL
    drawn_by = GL.glGetString(GL.GL_RENDERER).decode()
if not frame.any():
    raise RuntimeError("the picture is black")
print(drawn_by)
"""

# Prints the GPUs on one line, "none" if there are none, and torch's version.
_GPU = """
import torch
found = "none"
if torch.cuda.is_available():
    device = torch.cuda.get_device_properties(0)
    found = f"{torch.cuda.device_count()} × {device.name}, {device.total_memory / 2**30:.0f} GiB"
print(f"{found}; torch {torch.__version__}")
"""

# Embeds a text and a frame.
_EMBEDDED = """
import torch
from embodied.perception.encoder import load_encoder
encoder = load_encoder("embedded", "cpu")
frame = torch.zeros(1, encoder.image_size, encoder.image_size, 3, dtype=torch.uint8)
encoder.encode_images(frame) @ encoder.encode_texts(["a robot"]).T
print(f"{encoder.image_size}x{encoder.image_size} pixels -> {encoder.dim} numbers")
"""


@dataclass(frozen=True)
class Check:
    """One line of the doctor's report.

    status: `ok`; `missing` is needed and does not work; `optional` is not here and not needed.
    fix: what to type, empty if there is nothing to do.
    """

    name: str
    status: Literal["ok", "missing", "optional"]
    detail: str
    fix: str = ""


def machine() -> Check:
    """Interpreter, cores and system."""
    try:
        system = platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:  # no Linux distribution, or one that does not say its name
        system = platform.system()
    here = f"{system}, {platform.machine()}, {os.cpu_count()} cores"
    return Check("python", "ok", f"{platform.python_version()} on {here}")


def rendering() -> list[Check]:
    """Render a frame with each OpenGL back end; the first check is the summary of the rest."""
    tries = probe([_python(_RENDER, MUJOCO_GL=gl) for gl in GL_BACKENDS])
    each = [
        Check(f"MUJOCO_GL={gl}", "ok" if works else "optional", said)
        for gl, (works, said) in zip(GL_BACKENDS, tries, strict=True)
    ]
    working = [gl for gl, (works, _) in zip(GL_BACKENDS, tries, strict=True) if works]
    chosen = os.environ.get("MUJOCO_GL", "")
    if not working:
        fix = apt_line(missing_packages())
        return [Check("rendering", "missing", "no OpenGL back end draws a frame", fix), *each]
    if chosen and chosen not in working:
        fix = f"export MUJOCO_GL={working[0]}"
        return [Check("rendering", "missing", f"MUJOCO_GL={chosen} is set and fails", fix), *each]
    return [Check("rendering", "ok", f"works with MUJOCO_GL={' or '.join(working)}"), *each]


def gpu() -> Check:
    """The CUDA device that torch sees, if any."""
    [(works, said)] = probe([_python(_GPU)])
    if not works:
        return Check("gpu", "missing", f"torch does not start: {said}", "pip install torch")
    if not said.startswith("none"):
        return Check("gpu", "ok", said)
    if not Path("/proc/driver/nvidia").exists():
        return Check("gpu", "optional", f"{said} runs on the CPU")
    fix = "pip install --upgrade --force-reinstall torch"
    return Check("gpu", "optional", f"an NVIDIA driver is here, but {said} does not see it", fix)


def embedded_encoder() -> Check:
    """Load the encoder of `--vlm embedded`, whose weights ship with the project."""
    [(works, said)] = probe([_python(_EMBEDDED, HF_HUB_OFFLINE="1")])
    return Check(
        "--vlm embedded", "ok" if works else "missing", said, "" if works else "embodied align"
    )


def huggingface() -> Check:
    """Whether `--vlm hf:REPO` can fetch a model, or only load one from a folder or the cache."""
    return Check("--vlm hf:", "ok", f"transformers {version('transformers')}; {_hub()}")


def ffmpeg() -> Check:
    """The program that writes videos."""
    import imageio_ffmpeg

    fix = "sudo apt-get install -y ffmpeg"
    try:
        executable = imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError as error:
        return Check("ffmpeg", "missing", str(error).partition("\n")[0], fix)
    [(works, said)] = probe([Probe([executable, "-hide_banner", "-h"])])
    if not works:
        return Check("ffmpeg", "missing", said, fix)
    return Check("ffmpeg", "ok", executable)


def extras() -> list[Check]:
    """The optional packages; each one that is installed is imported, to see that it starts."""
    installed = [package for package in EXTRAS if find_spec(package) is not None]
    tries = probe([_python(f"import {package}; print()") for package in installed])
    outcome = dict(zip(installed, tries, strict=True))
    return [_extra(package, outcome.get(package)) for package in EXTRAS]


def _extra(package: str, outcome: tuple[bool, str] | None) -> Check:
    name = f"extra {EXTRAS[package]}"
    if outcome is None:
        return Check(name, "optional", f"{package} is not installed", install_command(package))
    works, said = outcome
    if not works:
        detail = f"{package} does not start: {said}"
        return Check(name, "missing", detail, apt_line(missing_packages()))
    return Check(name, "ok", f"{package} {version(packages_distributions()[package][0])}")


def _hub() -> str:
    """Whether a model hub can be asked, in words; honours huggingface_hub's own settings."""
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        return "HF_HUB_OFFLINE is set: models come from folders and the cache"
    hub = urlsplit(os.environ.get("HF_ENDPOINT") or "https://huggingface.co")
    port = hub.port or (80 if hub.scheme == "http" else 443)
    try:
        socket.create_connection((hub.hostname, port), timeout=HUB_SECONDS).close()
    except OSError:
        return f"{hub.hostname} cannot be reached: models come from folders and the cache"
    return f"{hub.hostname} can be reached"


@dataclass(frozen=True)
class Probe:
    """A command, and what its environment has beside ours."""

    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


def _python(code: str, **environment: str) -> Probe:
    return Probe([sys.executable, "-c", GUARD, code], environment)


def probe(probes: list[Probe]) -> list[tuple[bool, str]]:
    """Run probes side by side; for each, whether it exited with 0 and the last line it wrote."""
    running = [
        subprocess.Popen(
            each.command,
            env=os.environ | each.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        for each in probes
    ]
    try:
        return [_outcome(process) for process in running]
    finally:
        for process in running:
            process.kill()


def _outcome(process: subprocess.Popen[str]) -> tuple[bool, str]:
    try:
        output, _ = process.communicate(timeout=PROBE_SECONDS)
    except subprocess.TimeoutExpired:
        return False, f"gave no answer in {PROBE_SECONDS} seconds"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    if process.returncode < 0:
        return False, f"was ended by signal {-process.returncode}"
    return process.returncode == 0, lines[-1] if lines else "printed nothing"
