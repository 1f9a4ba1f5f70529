"""Planning engines: which engine of unified-planning, in which package, under which licence.

Those under the GPL run as programs of their own and are no part of this project.
"""

from dataclasses import dataclass
from importlib.util import find_spec

from embodied.errors import EmbodiedError, MissingDependency
from embodied.registry import PLANNERS

DEFAULT = "fast-downward"


@dataclass(frozen=True)
class Engine:
    """What stands behind the name of a planner.

    engine: its name in unified-planning. package: import name of what brings it. licence: what that
    package says. optimal: whether no plan is cheaper than the ones it finds.
    """

    engine: str
    package: str
    licence: str
    optimal: bool = False


ARIES = Engine("aries", "up_aries", "MIT")
ENHSP = Engine("enhsp", "up_enhsp", "Apache-2.0 (the wrapper); needs Java")
FAST_DOWNWARD = Engine("fast-downward", "up_fast_downward", "GPL-3")
FAST_DOWNWARD_OPT = Engine("fast-downward-opt", "up_fast_downward", "GPL-3", optimal=True)
PYPERPLAN = Engine("pyperplan", "up_pyperplan", "Apache-2.0 (the wrapper)")
SYMK = Engine("symk-opt", "up_symk", "GPL-3", optimal=True)
TAMER = Engine("tamer", "up_tamer", "free for education only")


def find_engine(name: str) -> Engine:
    """The engine called `name`, installed.

    Raises EmbodiedError for an unknown name or an installation that cannot work, MissingDependency
    if a package is not there.
    """
    engine: Engine = PLANNERS.load(name)
    for package in ("unified_planning", engine.package):
        if find_spec(package) is None:
            raise MissingDependency(package)
    # TextWorld and ALFWorld bring a package `fast_downward` of their own, which hides this one.
    if engine.package == "up_fast_downward" and find_spec("fast_downward.translate") is None:
        raise EmbodiedError(
            "Fast Downward's translator is missing or hidden by another package 'fast_downward': "
            "uninstall fast-downward-textworld (ALFWorld brings it), or use another environment"
        )
    return engine
