"""Drawing where there is no display."""

import os
import sys


def draw_without_display() -> None:
    """Let MuJoCo draw through EGL on a Linux without a display; call it before it is imported."""
    if sys.platform == "linux" and not os.environ.get("DISPLAY"):
        os.environ.setdefault("MUJOCO_GL", "egl")
