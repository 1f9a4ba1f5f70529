"""The command `embodied`: one module for each subcommand, with a frozen config and `run(config)`.

These modules import nothing heavy at the top, so that `embodied --help` answers at once.
"""

import json
import math
import sys
from collections.abc import Sequence
from functools import reduce
from importlib import import_module
from operator import or_
from typing import Annotated, Any

from embodied.errors import EmbodiedError, unknown

DESCRIPTION = (
    "Embodied agents that learn and plan from what vision-language models see. "
    "First steps: embodied doctor, embodied list, embodied train --env humanoid-kneel --reward vlm."
)

INTERRUPTED = 130  # 128 + SIGINT, as shells report it
USER_ERROR = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; returns the exit code.

    0 is success, 2 an error that the user can mend (one line on stderr), 130 an interrupt. Any
    other exception is a bug and passes through with its traceback.
    """
    try:
        config = parse(argv)
        result = import_module(type(config).__module__).run(config)
    except EmbodiedError as error:
        print(f"embodied: {error}", file=sys.stderr)
        return USER_ERROR
    except KeyboardInterrupt:
        print("embodied: interrupted", file=sys.stderr)
        return INTERRUPTED
    if config.json and result is not None:
        print(json.dumps(jsonable(result), allow_nan=False), flush=True)
    return 0


def parse(argv: Sequence[str] | None = None) -> Any:
    """The config of the subcommand that `argv` (default: the command line) names.

    Raises EmbodiedError for an unknown subcommand, SystemExit with code 0 for `--help` and 2 for
    arguments that do not fit (tyro has then said why on stderr).
    """
    import tyro
    from tyro.conf import FlagCreatePairsOff, subcommand

    from embodied.cli.adapt import Adapt
    from embodied.cli.align import Align
    from embodied.cli.audit import Audit
    from embodied.cli.doctor import Doctor
    from embodied.cli.eval import Eval
    from embodied.cli.goal import GoalCommand
    from embodied.cli.info import Info
    from embodied.cli.learn_goals import LearnGoals
    from embodied.cli.listing import List
    from embodied.cli.plan import PlanCommand
    from embodied.cli.score import Score
    from embodied.cli.train import Train
    from embodied.cli.view import View

    configs = {"train": Train, "eval": Eval, "align": Align, "adapt": Adapt, "audit": Audit}
    configs |= {"score": Score, "plan": PlanCommand, "view": View}
    configs |= {"goal": GoalCommand, "learn-goals": LearnGoals}
    configs |= {"list": List, "info": Info, "doctor": Doctor}
    args = list(sys.argv[1:] if argv is None else argv)
    if args and not args[0].startswith("-") and args[0] not in configs:
        raise unknown("command", args[0], configs)
    if args[:1] == ["align"] and any(a.split("=")[0] == "--vlm" for a in args):
        args[0] = "adapt"  # to align an encoder that is there already is to adapt it
    command: Any = reduce(or_, (Annotated[c, subcommand(name)] for name, c in configs.items()))
    return tyro.cli(
        command, prog="embodied", description=DESCRIPTION, args=args, config=(FlagCreatePairsOff,)
    )


def jsonable(value: Any) -> Any:
    """`value` with arrays as lists, and null for NaN and infinity, which JSON does not have."""
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    if hasattr(value, "tolist"):  # NumPy and torch, arrays and scalars
        return jsonable(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int | str) else str(value)
