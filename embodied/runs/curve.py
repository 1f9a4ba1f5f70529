"""The reward curve of a run as a picture."""

from pathlib import Path

from embodied.runs.folder import RunFolder
from embodied.runs.metrics import read_metrics


def draw_curve(run: RunFolder, title: str) -> Path:
    """Draw `curve.png` from the run's metrics: mean reward and share of successful steps."""
    from matplotlib.figure import Figure  # the object interface: no global state, no display

    rows = read_metrics(run.metrics)
    steps = [row["step"] / 1000 for row in rows]
    figure = Figure(figsize=(7, 3.2), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(steps, [row["reward"] for row in rows], color="#c0392b", label="VLM reward")
    axes.set(xlabel="thousand environment steps", ylabel="mean VLM reward", title=title)
    axes.title.set_fontsize(10)
    held = axes.twinx()
    share = [100 * row["success_steps"] for row in rows]
    held.plot(steps, share, color="#2c6fbb", alpha=0.7, label="success (not used for training)")
    held.set(ylabel="steps with success, %", ylim=(-2, 102))
    lines = [*axes.get_lines(), *held.get_lines()]
    axes.legend(lines, [str(line.get_label()) for line in lines], loc="lower right", fontsize=8)
    axes.spines["top"].set_visible(False)
    held.spines["top"].set_visible(False)
    path = run.root / "curve.png"
    figure.savefig(path, dpi=110)
    return path
