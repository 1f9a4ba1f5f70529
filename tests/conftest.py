"""What every test needs: a renderer that works without a display."""

import os

import pytest

# Before anything imports mujoco, which reads it once.
os.environ.setdefault("MUJOCO_GL", "egl")


@pytest.fixture(scope="session")
def gl() -> None:
    """Frames can be drawn here; without OpenGL the test is skipped, and says why."""
    import mujoco

    model = mujoco.MjModel.from_xml_string("<mujoco><worldbody/></mujoco>")
    try:
        mujoco.Renderer(model, 8, 8).close()
    except (ImportError, AttributeError, RuntimeError, mujoco.FatalError) as error:
        pytest.skip(f"no OpenGL: {type(error).__name__}: {error}")
