"""Planning engines by name: which engine of unified-planning, in which package.

Fast Downward and SymK are GPL-3: they run as programs of their own and are no part of this project.
"""

from dataclasses import dataclass
from importlib.util import find_spec

from embodied.errors import EmbodiedError, MissingDependency, unknown

DEFAULT = "fast-downward"


@dataclass(frozen=True)
class Engine:
    """name: in unified-planning. package: import name. optimal: whether its plans are cheapest."""

    name: str
    package: str
    optimal: bool = False


_SYMK = Engine("symk-opt", "up_symk", optimal=True)

ENGINES = {
    "aries": Engine("aries", "up_aries"),
    "enhsp": Engine("enhsp", "up_enhsp"),
    "fast-downward": Engine("fast-downward", "up_fast_downward"),
    "fast-downward-opt": Engine("fast-downward-opt", "up_fast_downward", optimal=True),
    "lpg": Engine("lpg", "up_lpg"),
    "optimal": _SYMK,
    "pyperplan": Engine("pyperplan", "up_pyperplan"),
    "symk": _SYMK,
    "tamer": Engine("tamer", "up_tamer"),
}


def find_engine(name: str) -> Engine:
    """The engine called `name`, installed.

    Raises EmbodiedError for an unknown name or an installation that cannot work, MissingDependency
    if a package is not there.
    """
    if name not in ENGINES:
        raise unknown("planner", name, ENGINES)
    engine = ENGINES[name]
    for package in ("unified_planning", engine.package):
        if find_spec(package) is None:
            raise MissingDependency(package)
    # TextWorld's and ALFWorld's packages bring a `fast_downward` of their own, which hides this one.
    if engine.package == "up_fast_downward" and find_spec("fast_downward.translate") is None:
        raise EmbodiedError(
            "Fast Downward's translator is missing or hidden by another package 'fast_downward': "
            "uninstall fast-downward-textworld (ALFWorld brings it), or use another environment"
        )
    return engine
