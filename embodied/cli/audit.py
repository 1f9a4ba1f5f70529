"""`embodied audit`: is this reward any good? A report in minutes, before any training."""

import os
import shlex
import shutil
import time
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embodied.errors import EmbodiedError

if TYPE_CHECKING:
    import numpy as np

    from embodied.cli.evidence import Scenes
    from embodied.perception.audit.findings import Findings

REPORT, NUMBERS = "report.html", "audit.json"
PICTURE_SIDE = 224
FEWEST_STATES = 40


@dataclass(frozen=True)
class Audit:
    """Measure a reward on states whose truth is known: verdict, numbers, pictures, one page."""

    env: str = "humanoid-kneel"
    """Task, as `embodied list` shows them."""

    vlm: str = "embedded"
    """Encoder: `embedded`, `embedded:FOLDER`, `hf:REPO_OR_FOLDER`."""

    prompt: str | None = None
    """Goal in your own words, instead of the task's."""

    alpha: float | None = None
    """Baseline regularisation of the reward, 0 to 1; the preset's if not given."""

    cameras: tuple[str, ...] | None = None
    """The simulator's cameras that the VLM looks through; the preset's if not given."""

    states: int = 1200
    """States to judge on; the intervals are narrower with more."""

    seed: int = 0
    """Decides the states."""

    device: str = "auto"
    """Where the encoder runs."""

    output_dir: str | None = None
    """Folder of the report; `audits/<env>-<date>` if not given. It must not exist."""

    json: bool = False
    """Print the results as one JSON object on the last line."""


def run(config: Audit) -> dict[str, Any]:
    """Audit and write the report; returns the numbers of `--json`."""
    from embodied.cli.evidence import draw_scenes, embed, list_prompts
    from embodied.cli.world import find_task, load_reward
    from embodied.perception.audit.findings import measure
    from embodied.perception.audit.report import Page, render
    from embodied.perception.audit.scores import score
    from embodied.perception.audit.verdict import judge
    from embodied.perception.reward import GoalBaselineReward
    from embodied.runs.progress import Progress

    started = time.monotonic()
    if config.states < FEWEST_STATES:
        raise EmbodiedError(f"--states must be at least {FEWEST_STATES}")
    folder = _free_folder(config)
    settings = _settings(config)
    task = find_task(settings)
    cameras = settings["preset"]["cameras"]
    task.simulator.vocabulary()  # what cannot be audited is refused before the encoder is loaded
    reward = load_reward(settings, config.device)
    assert isinstance(reward, GoalBaselineReward)  # the settings say so
    scenes = draw_scenes(task, config.states, config.seed)
    title = f"audit {config.env}"
    frames = scenes.frames() * max(len(cameras), 1)
    with Progress(frames, title=title, quiet=config.json, curve="") as progress:
        views = embed(scenes, [reward.encoder], cameras=cameras, report=progress.update)[0]
    prompts = list_prompts(task, settings["goal_prompts"])
    scores = score(reward, views, prompts)
    findings = measure(scores, scenes.truth, config.seed)
    verdict = judge(findings, scenes.truth.goal)
    result: dict[str, Any] = {
        "verdict": "healthy" if verdict.healthy else "flagged",
        "reasons": list(verdict.reasons),
        "rules": list(verdict.rules),
        "notes": list(verdict.notes),
        "env": config.env,
        "vlm": config.vlm,
        "encoder": reward.encoder.fingerprint,
        "goal_prompts": settings["goal_prompts"],
        "baseline_prompts": settings["baseline_prompts"],
        "alpha": reward.alpha,
        "seed": config.seed,
        "findings": findings.to_json(),
    }
    page = Page(
        title=config.env,
        prompts=settings["goal_prompts"],
        verdict=verdict,
        findings=findings,
        scores=scores,
        truth=scenes.truth,
        pictures=_draw_pictures(scenes, findings, next(iter(cameras), None)),
        settings={
            "command": _command(config),
            "encoder": f"{config.vlm} ({reward.encoder.fingerprint})",
            "goal prompts": " / ".join(settings["goal_prompts"]),
            "baseline prompts": " / ".join(settings["baseline_prompts"]),
            "cameras": ", ".join(cameras) or task.simulator.camera,
            "α": f"{reward.alpha:g}",
            "frames": f"{frames:,} of {reward.encoder.image_size} pixels",
            "seconds": f"{time.monotonic() - started:.0f}",
        },
    )
    result |= {"seconds": time.monotonic() - started, "report": str(folder / REPORT)}
    _write(folder, render(page), result)
    if not config.json:
        _print(result, findings)
    return result


def _print(result: dict[str, Any], findings: "Findings") -> None:
    mistakes = findings.mistakes
    low, high = findings.pairs_interval
    reasons = "".join(f"\n- {reason}" for reason in result["reasons"])
    print(
        f"{result['verdict']}: {result['env']} for {' / '.join(result['goal_prompts'])}{reasons}\n"
        f"pairs in order {findings.pairs:.1%} ({low:.1%} to {high:.1%}, chance 50 %), "
        f"right among the top {mistakes.top} {mistakes.precision:.0%} (chance {mistakes.base:.0%})"
        f"\nway to the goal {findings.order_mean:.2f} (chance 0), EPIC distance to success "
        f"{findings.epic_success:.2f}, to the graded truth {findings.epic_graded:.2f} (chance 0.71)"
        f"\nreport {result['report']} ({result['seconds']:.0f} s)"
    )


def _draw_pictures(
    scenes: "Scenes", findings: "Findings", camera: str | None
) -> "dict[int, np.ndarray]":
    """The mistakes as a person sees them, larger than the encoder does."""
    import numpy as np

    from embodied.cli.world import make_pool

    mistakes = findings.mistakes
    rows = np.concatenate([mistakes.best_right, mistakes.best_wrong, mistakes.missed])
    with make_pool(scenes.task.simulator, len(rows), PICTURE_SIDE, camera) as pool:
        return dict(zip(rows.tolist(), pool.render(scenes.qpos[rows]), strict=True))


def _command(config: Audit) -> str:
    """The command line that gives this audit again."""
    flags = {f.name: getattr(config, f.name) for f in fields(Audit)}
    skipped = ("json", "output_dir", "device")
    given = [(k, v) for k, v in flags.items() if v is not None and k not in skipped]
    return " ".join(["embodied audit", *(f"--{k} {shlex.quote(str(v))}" for k, v in given)])


def _write(folder: Path, html: str, result: dict[str, Any]) -> None:
    """Both files at once: the folder appears when it is whole, or not at all."""
    from embodied.cli import jsonable
    from embodied.runs.disk import clear_errors, json_text, tmp_path

    partial = tmp_path(folder)
    with clear_errors(folder):
        try:
            partial.mkdir(parents=True)
            (partial / REPORT).write_text(html, encoding="utf-8")
            (partial / NUMBERS).write_text(json_text(jsonable(result)), encoding="utf-8")
            os.rename(partial, folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def _free_folder(config: Audit) -> Path:
    if config.output_dir is None:
        name = f"{config.env}-{time.strftime('%Y%m%d-%H%M%S')}"
        folder = Path("audits") / name
    else:
        folder = Path(config.output_dir)
    if folder.exists():
        raise EmbodiedError(f"{folder} exists: choose another --output-dir")
    return folder


def _settings(config: Audit) -> dict[str, Any]:
    """The reward as `embodied train` would make it from the same flags."""
    from embodied.cli.train import Train, resolve

    return resolve(
        Train(
            env=config.env,
            vlm=config.vlm,
            prompt=config.prompt,
            alpha=config.alpha,
            cameras=config.cameras,
            seed=config.seed,
        )
    )
