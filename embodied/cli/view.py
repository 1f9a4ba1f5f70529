"""`embodied view`: watch a simulation and what a VLM thinks of it, in the browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embodied.errors import EmbodiedError

if TYPE_CHECKING:
    from embodied.envs.task import Task
    from embodied.perception.reward import GoalBaselineReward
    from embodied.viewer.gate import Address
    from embodied.viewer.page import Page
    from embodied.viewer.simulation import Source


@dataclass(frozen=True)
class View:
    """Open a page that shows the scene, what the VLM sees, and the reward of your words."""

    env: str | None = None
    """Task, as `embodied list` shows them; by default the run's, or `humanoid-kneel`."""

    policy: str | None = None
    """Run whose policy acts, for example `runs/last`."""

    episode: str | None = None
    """Recorded episodes to play, as `embodied eval --save-episodes` writes them."""

    trace: str | None = None
    """Plan that was carried out, as `embodied plan --env kitchen --trace` writes it."""

    vlm: str | None = None
    """Encoder: `embedded`, `embedded:FOLDER`, `hf:REPO_OR_FOLDER`; the run's own if not given."""

    prompt: str | None = None
    """Goal to begin with, instead of the task's."""

    host: str = "127.0.0.1"
    """Where to listen; anything but this machine needs a token, which is part of the page's
    address."""

    port: int = 8080
    """Port to listen on."""

    token: str | None = None
    """Token that the page must present; one is made up where it is needed."""

    record: str | None = None
    """Write what was shown to this mp4 at the end."""

    rerun: str | None = None
    """Also log pictures, scores and states to this .rrd file, for rerun.io."""

    seconds: float | None = None
    """End by itself after so many seconds; otherwise Ctrl-C ends it."""

    seed: int = 0
    """Decides the starts of the episodes and random actions."""

    device: str = "auto"
    """Where the encoder runs."""

    json: bool = False
    """Print how it went as one JSON object on the last line."""


def run(config: View) -> dict[str, Any]:
    """Serve the page until it is time to end; returns the numbers of `--json`."""
    if config.seconds is not None and config.seconds <= 0:
        raise EmbodiedError("--seconds must be above 0")
    if config.trace is not None:
        from embodied.cli.view_trace import show_trace

        return show_trace(config, _address(config))
    from embodied.runs.interrupt import GracefulInterrupt
    from embodied.viewer.recorder import Recorder

    with open_page(config) as page, GracefulInterrupt() as interrupt:
        recorder = Recorder(page.task.simulator)
        if config.record:
            page.simulation.watchers.append(recorder.watch)
        if config.rerun:
            from embodied.viewer.rerun_log import log_to

            page.refreshers.append(log_to(Path(config.rerun), page))
        if not config.json:
            print(f"{page.task.name} at {page.address.url} (Ctrl-C ends it)", flush=True)
        serve(page, config.seconds, lambda: interrupt.requested)
    if config.record:
        film = recorder.write(Path(config.record), page.task.simulator.film_camera)
        if not config.json:
            print(f"video {film}")
    return numbers(page)


@contextmanager
def open_page(config: View) -> Iterator[Page]:
    """The page with its simulation and scoring at work; `serve` keeps it up to date."""
    address = _address(config)
    settings = _settings(config)
    from embodied.perception.scorer import spare_threads
    from embodied.registry import ENVS
    from embodied.viewer.gate import check_free
    from embodied.viewer.page import Page
    from embodied.viewer.scoring import Scoring
    from embodied.viewer.simulation import Simulation

    check_free(address.host, address.port)
    task = ENVS.load(settings["env"])
    source = _source(config, task)
    scoring = Scoring(
        _reward(settings, config.device),
        task.simulator,
        spare_threads(),
        next(iter(settings["preset"].get("cameras", ())), None),
    )
    simulation = Simulation(source, task.simulator.fps, [scoring.offer])
    with ExitStack() as stack:
        page = stack.enter_context(closing(Page(address, task, simulation, scoring)))
        for part in (scoring, simulation):
            part.start()
            stack.callback(part.close)
        yield page


def serve(page: Page, seconds: float | None, ended: Callable[[], bool]) -> None:
    """Keep the page up to date for `seconds`, or until `ended()`."""
    end = None if seconds is None else time.perf_counter() + seconds
    while not ended() and (end is None or time.perf_counter() < end):
        for part in (page.simulation, page.scoring):
            if part.error is not None:
                raise part.error
        time.sleep(page.refresh())


def numbers(page: Page) -> dict[str, Any]:
    """How it went: what `--json` prints."""
    simulation, scoring = page.simulation, page.scoring
    latest = scoring.latest
    return {
        "env": page.task.name,
        "steps": simulation.pace.steps,
        "late_share": simulation.pace.late_share,
        "loop_ms": simulation.pace.loop_ms,
        "rewards": scoring.tally.scored,
        "rewards_per_second": scoring.tally.per_second,
        "dropped": scoring.tally.dropped,
        "reward": latest.reward if latest else None,
    }


def _settings(config: View) -> dict[str, Any]:
    """What the run, the episode file or the flags say: env, prompts, encoder, α."""
    from embodied.cli.train import Train, resolve

    if config.policy and config.episode:
        raise EmbodiedError("--policy acts and --episode was acted: leave one of them out")
    if config.policy:
        from embodied.runs.folder import RunFolder

        settings = RunFolder.open(config.policy).config
        known = settings["env"]
    else:
        known = _episodes(config).env if config.episode else config.env or "humanoid-kneel"
        settings = resolve(Train(env=known, vlm=config.vlm or "embedded"))
    if config.env not in (None, known):
        raise EmbodiedError(f"--env {config.env} is not what was recorded, {known}: leave it out")
    if config.vlm:
        settings = settings | {"vlm": config.vlm}
    return settings | ({"goal_prompts": [config.prompt]} if config.prompt else {})


def _episodes(config: View) -> Any:
    from embodied.runs.episodes import read_episodes

    return read_episodes(config.episode or "")


def _source(config: View, task: Task) -> Source:
    from embodied.viewer.live import Live
    from embodied.viewer.playback import Playback

    if config.episode:
        recorded = _episodes(config)
        if recorded.qpos.shape[-1] != (nq := task.simulator.load().nq):
            raise EmbodiedError(
                f"{config.episode} holds states of {recorded.qpos.shape[-1]} numbers, and "
                f"{task.name} has {nq}: it is of another environment"
            )
        return Playback(recorded)
    if not config.policy:
        return Live(task, seed=config.seed)
    from embodied.cli.eval import load_policy
    from embodied.runs.folder import RunFolder

    folder = RunFolder.open(config.policy)
    return Live(task, load_policy(folder, folder.config), config.seed)


def _reward(settings: dict[str, Any], device: str) -> GoalBaselineReward:
    """The reward from words, also for runs that were rewarded by something else."""
    from embodied.perception.encoder import load_encoder
    from embodied.perception.reward import GoalBaselineReward

    return GoalBaselineReward(
        load_encoder(settings["vlm"], device),
        settings["goal_prompts"],
        settings["baseline_prompts"],
        settings["preset"]["alpha"],
    )


def _address(config: View) -> Address:
    import secrets

    from embodied.viewer.gate import Address, is_loopback

    token = config.token
    if token is None and not is_loopback(config.host):
        token = secrets.token_urlsafe(24)
    if token is not None and (
        len(token) < 8 or not token.replace("-", "").replace("_", "").isalnum()
    ):
        raise EmbodiedError("--token needs at least 8 letters and digits (and - or _)")
    return Address(config.host, config.port, token)
