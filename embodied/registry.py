"""Everything that has a name: tables `name -> "module:attribute"`, imported only when asked for.

Other distributions extend the tables through the entry-point group `embodied.plugins`. Each entry
point is a callable that is given `REGISTRIES` once, before the first look-up:

    def plugin(registries: dict[str, Registry]) -> None:
        registries["envs"].register("my-env", "my_package.envs:MY_TASK")
"""

from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from embodied.errors import EXTRAS, EmbodiedError, MissingDependency, unknown

PLUGIN_GROUP = "embodied.plugins"


@dataclass(frozen=True)
class Registry:
    """One table of names.

    kind: what the table holds, in the singular, for messages (`environment`).
    table: name -> `"module:attribute"`.
    """

    kind: str
    table: dict[str, str] = field(default_factory=dict)

    def register(self, name: str, target: str) -> None:
        """Add `name`; a name that already has another target raises EmbodiedError."""
        module, colon, attribute = target.partition(":")
        if not (module and colon and attribute):
            raise EmbodiedError(
                f"{self.kind} {name!r}: write the target {target!r} as 'module:attribute'"
            )
        taken = self.table.setdefault(name, target)
        if taken != target:
            raise EmbodiedError(
                f"{self.kind} {name!r} is already registered as {taken!r}: "
                f"choose another name for {target!r}"
            )

    def names(self) -> tuple[str, ...]:
        """All names in alphabetical order, those of plug-ins among them."""
        _load_plugins()
        return tuple(sorted(self.table))

    def load(self, name: str) -> Any:
        """Import what `name` stands for.

        Raises:
            EmbodiedError: unknown name (lists the choices and the nearest), or a target that does
                not exist.
            MissingDependency: the target needs a package that is not installed.
        """
        _load_plugins()
        if name not in self.table:
            raise unknown(self.kind, name, self.table)
        target = self.table[name]
        module_name, _, attribute = target.partition(":")
        try:
            module = import_module(module_name)
        except ModuleNotFoundError as error:
            absent = error.name or ""
            package = absent.partition(".")[0]
            if f"{module_name}.".startswith(f"{absent}.") and package not in EXTRAS:
                raise self._broken(name, target) from error
            if package == __package__:  # a mistake inside this project: keep the traceback
                raise
            raise MissingDependency(package) from error
        if not hasattr(module, attribute):
            raise self._broken(name, target)
        return getattr(module, attribute)

    def _broken(self, name: str, target: str) -> EmbodiedError:
        return EmbodiedError(f"{self.kind} {name!r} points to {target!r}, which does not exist")


_HUMANOID = "embodied.envs.mujoco.humanoid.tasks"
_CLASSIC = "embodied.envs.mujoco.classic.tasks"

# Targets are `Task`s (embodied.envs.task).
ENVS = Registry(
    "environment",
    {
        "cartpole": f"{_CLASSIC}:CARTPOLE_CONTINUOUS",
        "cartpole-discrete": f"{_CLASSIC}:CARTPOLE_DISCRETE",
        "humanoid-arms-crossed": f"{_HUMANOID}:ARMS_CROSSED",
        "humanoid-arms-raised": f"{_HUMANOID}:ARMS_RAISED",
        "humanoid-hands-on-hips": f"{_HUMANOID}:HANDS_ON_HIPS",
        "humanoid-kneel": f"{_HUMANOID}:KNEEL",
        "humanoid-lotus": f"{_HUMANOID}:LOTUS",
        "humanoid-one-leg": f"{_HUMANOID}:ONE_LEG",
        "humanoid-splits": f"{_HUMANOID}:SPLITS",
        "humanoid-stand": f"{_HUMANOID}:STAND",
        "mountain-car": f"{_CLASSIC}:MOUNTAIN_CAR_TEXTURED",
        "mountain-car-plain": f"{_CLASSIC}:MOUNTAIN_CAR_BARE",
    },
)

# Names are the part of `--vlm` before the colon; targets load an encoder from the part after it.
ENCODERS = Registry(
    "encoder",
    {
        "adapted": "embodied.perception.adapt.folder:load",
        "embedded": "embodied.perception.embedded:load",
        "hf": "embodied.perception.huggingface:load",
    },
)

# Targets are classes of reward models (embodied.perception.reward_model).
REWARDS = Registry(
    "reward",
    {
        "goal-image": "embodied.perception.goal_image:GoalImageReward",
        "gvl": "embodied.perception.gvl:InContextProgress",
        "video": "embodied.perception.video_reward:VideoReward",
        "vlm": "embodied.perception.reward:GoalBaselineReward",
    },
)

# Names are the part of `--chat` before the colon; targets load a chat model from the part after it.
CHAT_MODELS = Registry(
    "chat model",
    {
        "http": "embodied.perception.chat_http:load_http",
        "https": "embodied.perception.chat_http:load_https",
        "replay": "embodied.perception.chat_recording:load",
    },
)

# Targets build a learner: (preset, environment, seed, device) -> BaseAlgorithm.
ALGORITHMS = Registry(
    "algorithm",
    {
        "dqn": "embodied.policies.online.algorithms:dqn",
        "ppo": "embodied.policies.online.algorithms:ppo",
        "sac": "embodied.policies.online.algorithms:sac",
    },
)

# Targets are frozen dataclasses of embodied.policies.presets.
PRESETS = Registry(
    "preset",
    {
        "cartpole": "embodied.policies.presets:CARTPOLE",
        "cartpole-discrete": "embodied.policies.presets:CARTPOLE_DISCRETE",
        "fast": "embodied.policies.presets:FAST",
        "humanoid-arms-crossed": "embodied.policies.presets:HUMANOID_ARMS",
        "humanoid-arms-raised": "embodied.policies.presets:HUMANOID_ARMS_RAISED",
        "humanoid-hands-on-hips": "embodied.policies.presets:HUMANOID_STANDING",
        "humanoid-kneel": "embodied.policies.presets:HUMANOID_FLOOR",
        "humanoid-lotus": "embodied.policies.presets:HUMANOID_FLOOR",
        "humanoid-one-leg": "embodied.policies.presets:HUMANOID_STANDING",
        "humanoid-splits": "embodied.policies.presets:HUMANOID_FLOOR",
        "humanoid-stand": "embodied.policies.presets:HUMANOID_STANDING",
        "mountain-car": "embodied.policies.presets:MOUNTAIN_CAR",
        "mountain-car-plain": "embodied.policies.presets:MOUNTAIN_CAR",
        "sac": "embodied.policies.presets:SAC",
        "vlm-rm": "embodied.policies.presets:VLM_RM",
        "vlm-rm-classic-sac": "embodied.policies.presets:VLM_RM_CLASSIC_SAC",
        "vlm-rm-dqn": "embodied.policies.presets:VLM_RM_DQN",
    },
)

# Targets are engines of unified-planning (embodied.planners.engines).
PLANNERS = Registry(
    "planner",
    {
        "aries": "embodied.planners.engines:ARIES",
        "enhsp": "embodied.planners.engines:ENHSP",
        "fast-downward": "embodied.planners.engines:FAST_DOWNWARD",
        "fast-downward-opt": "embodied.planners.engines:FAST_DOWNWARD_OPT",
        "optimal": "embodied.planners.engines:SYMK",
        "pyperplan": "embodied.planners.engines:PYPERPLAN",
        "symk": "embodied.planners.engines:SYMK",
        "tamer": "embodied.planners.engines:TAMER",
    },
)

# Targets make an `Actor` of embodied.planners.executive that also has `reset(seed)` and `close()`;
# their parameters are those options of `embodied plan` that the environment takes.
ACTORS = Registry(
    "environment to act in",
    {
        "kitchen": "embodied.envs.mujoco.kitchen.actor:make_actor",
        "thor": "embodied.envs.thor.actor:make_actor",
    },
)

REGISTRIES = {"envs": ENVS, "encoders": ENCODERS, "algorithms": ALGORITHMS, "presets": PRESETS}
REGISTRIES |= {"rewards": REWARDS, "chat_models": CHAT_MODELS, "planners": PLANNERS}
REGISTRIES |= {"actors": ACTORS}

_plugins_loaded = False


def _load_plugins() -> None:
    """Call every entry point of the group once; one that fails raises EmbodiedError each time."""
    global _plugins_loaded
    if _plugins_loaded:
        return
    _plugins_loaded = True  # first, so that a plug-in may itself look names up
    for entry in entry_points(group=PLUGIN_GROUP):
        try:
            entry.load()(REGISTRIES)
        except Exception as error:
            _plugins_loaded = False
            source = entry.dist.name if entry.dist else entry.value
            raise EmbodiedError(
                f"the plug-in {entry.name!r} of {source} failed: {type(error).__name__}: {error}; "
                f"mend it, or remove it with: pip uninstall {source}"
            ) from error
