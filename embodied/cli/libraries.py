"""System libraries that Python wheels expect, and the Debian packages that bring them.

Needs only the standard library: `scripts/setup.sh` runs this file before anything is installed.
"""

import ctypes
from glob import glob

# Shared library -> package on Debian and Ubuntu.
RENDERING = {
    "libEGL.so.1": "libegl1",
    "libEGL_mesa.so.0": "libegl-mesa0",
    "libGL.so.1": "libgl1",
}
EXTRAS = {  # Open3D, and OpenCV below ai2thor
    "libX11.so.6": "libx11-6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgomp.so.1": "libgomp1",
    "libidn2.so.0": "libidn2-0",
    "libudev.so.1": "libudev1",
    "libusb-1.0.so.0": "libusb-1.0-0",
    "libxcb.so.1": "libxcb1",
}
# Mesa's software renderer is loaded by path, not by name: either file will do.
_DRIVER = "libgl1-mesa-dri"
_DRIVER_FILES = ("/usr/lib/*/dri/swrast_dri.so", "/usr/lib/*/libgallium-*.so")


def missing_packages() -> list[str]:
    """Debian packages that are needed for rendering or by an extra, and are not here."""
    absent = {package for name, package in (RENDERING | EXTRAS).items() if not _loads(name)}
    if not any(glob(pattern) for pattern in _DRIVER_FILES):
        absent.add(_DRIVER)
    return sorted(absent)


def apt_line(packages: list[str]) -> str:
    """The command that installs `packages`, empty if there are none."""
    return f"sudo apt-get install -y {' '.join(packages)}" if packages else ""


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    print(*missing_packages())
