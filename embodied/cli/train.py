"""`embodied train`: a policy from words."""

from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embodied.errors import EmbodiedError, unknown

if TYPE_CHECKING:
    from embodied.policies.presets import Preset

DEFAULT_PRESET = "fast"


@dataclass(frozen=True)
class Hyper:
    """Overrides of the preset's learning parameters."""

    learning_rate: float | None = None
    gamma: float | None = None
    batch_size: int | None = None
    rollout_steps: int | None = None
    epochs: int | None = None
    gae_lambda: float | None = None
    clip_range: float | None = None
    entropy: float | None = None
    log_std: float | None = None
    log_std_final: float | None = None
    noise_hold: float | None = None
    sde: bool | None = None
    buffer_size: int | None = None
    learning_starts: int | None = None
    tau: float | None = None
    gradient_steps: int | None = None
    sac_entropy: float | None = None
    target_update: int | None = None
    exploration_fraction: float | None = None
    exploration_final: float | None = None


@dataclass(frozen=True)
class Train:
    """Train a policy whose reward comes from a VLM that looks at the simulation."""

    env: str = "humanoid-kneel"
    """Task, as `embodied list` shows them."""

    reward: str = "vlm"
    """Where the reward comes from: `vlm`, `goal-image`, or what a plug-in adds."""

    vlm: str = "embedded"
    """Encoder: `embedded` (the one that ships for this simulator), `embedded:FOLDER`,
    `hf:REPO_OR_FOLDER`."""

    prompt: str | None = None
    """Goal in your own words, instead of the task's."""

    goal_image: tuple[str, ...] = ()
    """Pictures of the goal, for `--reward goal-image`; the run keeps copies."""

    baseline_image: tuple[str, ...] = ()
    """Pictures of the ordinary state, for `--reward goal-image` with `--alpha` above 0."""

    vlm_budget: float | None = None
    """Share of the frames that the encoder scores, 0 < budget <= 1; 1 scores every frame."""

    alpha: float | None = None
    """Baseline regularisation of the reward, 0 to 1."""

    cameras: tuple[str, ...] | None = None
    """The simulator's cameras that the VLM looks through; of several, the mean is the reward."""

    algo: str | None = None
    """`ppo`, `sac` or `dqn`."""

    preset: str | None = None
    """Named configuration; the task's own where there is one, else `fast`."""

    total_steps: int | None = None
    """Environment steps over all simulations."""

    num_envs: int | None = None
    """Simulations side by side."""

    seed: int = 0
    """Decides everything random."""

    device: str = "auto"
    """Where the encoder runs: `auto`, `cpu`, `cuda`."""

    output_dir: str | None = None
    """Run folder; `runs/<env>-<date>` if not given. It must not exist."""

    resume: str | None = None
    """Go on with this run (a folder, or `runs/last`); its own settings count."""

    checkpoint_seconds: float = 30.0
    """Time between checkpoints; a kill loses no more than this."""

    hyper: Hyper = field(default_factory=Hyper)

    json: bool = False
    """Print the results as one JSON object on the last line."""


def run(config: Train) -> dict[str, Any]:
    """Train, or go on training; returns the numbers of `--json`."""
    from embodied.runs.folder import RunFolder, default_path

    if config.resume is not None:
        _refuse_settings(config)
        folder = RunFolder.open(config.resume)
        settings = folder.config
        return _train(folder, settings, config)
    settings = resolve(config)
    path = Path(config.output_dir) if config.output_dir else default_path(config.env)
    from embodied.cli.world import check_algorithm, load_reward

    # What cannot be trained or loaded leaves no folder behind.
    check_algorithm(settings)
    load_reward(settings, config.device)
    pictures = settings
    settings = settings | _places(settings)
    folder = RunFolder.create(path, settings)
    _copy_pictures(pictures, settings, folder.root)
    return _train(folder, settings, config)


def resolve(config: Train) -> dict[str, Any]:
    """Everything that decides the run, as it is written into its folder."""
    from embodied.registry import ALGORITHMS, ENVS, REWARDS

    if config.reward not in REWARDS.names():
        raise unknown("reward", config.reward, REWARDS.names())
    task = ENVS.load(config.env)
    preset = resolve_preset(config)
    if preset.algo not in ALGORITHMS.names():
        raise unknown("algorithm", preset.algo, ALGORITHMS.names())
    for camera in preset.cameras:
        task.simulator.check_camera(camera)
    if not 0 <= preset.noise_hold < 1:
        raise EmbodiedError(f"--hyper.noise-hold is a share below 1, got {preset.noise_hold}")
    if not 0 < preset.vlm_budget <= 1:
        raise EmbodiedError(f"--vlm-budget is a share above 0 and up to 1, got {preset.vlm_budget}")
    for name in ("total_steps", "num_envs"):
        if getattr(preset, name) < 1:
            raise EmbodiedError(f"--{name.replace('_', '-')} must be at least 1")
    if preset.vlm_budget * preset.total_steps < 1:
        raise EmbodiedError(
            f"--vlm-budget {preset.vlm_budget} of {preset.total_steps} steps is less than one "
            "frame: give a larger share"
        )
    if config.prompt and config.goal_image:
        raise EmbodiedError("the goal is in --prompt or in --goal-image: leave one of them out")
    pictures = {"goal_images": config.goal_image, "baseline_images": config.baseline_image}
    return {
        "command": "train",
        "env": config.env,
        "reward": config.reward,
        "vlm": task.simulator.encoder_named(config.vlm),
        "goal_prompts": [config.prompt] if config.prompt else list(task.goal_prompts),
        "baseline_prompts": list(task.baseline_prompts),
        "preset": asdict(preset) | {"hidden": list(preset.hidden), "cameras": list(preset.cameras)},
        "seed": config.seed,
    } | {name: list(paths) for name, paths in pictures.items() if paths}


def resolve_preset(config: Train) -> "Preset":
    """The named preset with the command line's overrides."""
    from embodied.registry import PRESETS

    own = config.env if config.env in PRESETS.names() else DEFAULT_PRESET
    preset: Preset = PRESETS.load(config.preset or own)
    flags = {
        name: getattr(config, name)
        for name in ("vlm_budget", "alpha", "cameras", "algo", "total_steps", "num_envs")
    }
    overrides = {k: v for k, v in (flags | asdict(config.hyper)).items() if v is not None}
    return replace(preset, **overrides)


PICTURES = ("goal_images", "baseline_images")


def _places(settings: dict[str, Any]) -> dict[str, list[str]]:
    """Where a run keeps its pictures, relative to its folder: `goal_images/1-kneel.png`."""
    return {
        name: [f"{name}/{i}-{Path(path).name}" for i, path in enumerate(settings[name], 1)]
        for name in PICTURES
        if name in settings
    }


def _copy_pictures(given: dict[str, Any], placed: dict[str, Any], root: Path) -> None:
    """Copy the pictures to their places, so that the run needs nothing outside its folder."""
    from embodied.runs.disk import write_bytes

    for name in PICTURES:
        for source, place in zip(given.get(name, ()), placed.get(name, ()), strict=True):
            (root / place).parent.mkdir(exist_ok=True)
            write_bytes(root / place, Path(source).read_bytes())


def _train(folder: Any, settings: dict[str, Any], config: Train) -> dict[str, Any]:
    from embodied.cli.world import goal_of, make_scorer, make_world, preset_of
    from embodied.policies.online.train import Session
    from embodied.runs.interrupt import GracefulInterrupt
    from embodied.runs.progress import Progress

    preset = preset_of(settings)
    progress = Progress(preset.total_steps, title=settings["env"], quiet=config.json)
    with (
        folder.lock(),
        make_scorer(settings, config.device, folder.root) as scorer,
        progress,
        GracefulInterrupt() as interrupt,
    ):
        world = make_world(settings)
        progress.note(
            f"{folder.root}: {preset.algo} on {preset.num_envs} simulations, reward "
            f"{settings['reward']} from {settings['vlm']} for {goal_of(settings)}, "
            f"{preset.vlm_budget:.0%} of the frames scored"
        )
        session = Session(
            folder,
            world,
            scorer,
            preset,
            settings["seed"],
            "cpu" if config.device == "auto" else config.device,
            progress,
            interrupt,
            config.checkpoint_seconds,
        )
        session.learn()
        if interrupt.requested:
            raise EmbodiedError(f"stopped; go on with: embodied train --resume {folder.root}")
        result = session.result()
    return _finish(folder, settings, session, result, quiet=config.json)


def _finish(
    folder: Any, settings: dict[str, Any], session: Any, result: dict[str, Any], *, quiet: bool
) -> dict[str, Any]:
    """Judge the policy on fresh episodes and draw the reward curve."""
    from embodied.cli.world import goal_of, make_measured_env
    from embodied.policies.online.evaluate import play
    from embodied.runs.curve import draw_curve

    env = make_measured_env(settings, 64)
    episodes = play(session.learner.policy, env, seed=settings["seed"] + 1)
    env.close()
    result |= {"success": float(episodes.succeeded().mean())}
    curve = draw_curve(folder, f"{settings['env']}: {goal_of(settings)}")
    if not quiet:
        print(
            f"\n{result['steps']:,} steps in {result['seconds']:.0f} s "
            f"({result['frames_per_second']:,.0f} rewarded frames/s, "
            f"{result['vlm_calls']:,} of them scored by the VLM)\n"
            f"reward {result['reward_first']:.3f} -> {result['reward_last']:.3f}, "
            f"success in {result['success']:.0%} of 64 episodes\n"
            f"curve  {curve}\n"
            f"next   embodied eval {folder.root}"
        )
    return result


def _refuse_settings(config: Train) -> None:
    """A resumed run keeps its settings: another value would not be the same run."""
    free = {"resume", "json", "device", "checkpoint_seconds"}
    given = [f.name for f in fields(Train) if f.name not in free]
    default = Train()
    changed = [name for name in given if getattr(config, name) != getattr(default, name)]
    if changed:
        flags = ", ".join(f"--{name.replace('_', '-')}" for name in changed)
        raise EmbodiedError(f"--resume takes its settings from the run: leave out {flags}")
