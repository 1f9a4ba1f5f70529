"""What every test needs: a renderer that works without a display."""

import os

# Before anything imports mujoco, which reads it once.
os.environ.setdefault("MUJOCO_GL", "egl")
