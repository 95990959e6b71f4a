"""How noisy the loss is from step to step, against the size of the batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from bythebook.report.figures.canvas import drawing, log_axis
from bythebook.report.figures.curves import Curve
from bythebook.report.theme import light

# Recipes with the same batch size stand side by side, by this factor.
APART = 1.22


def step_noise(name: str, lines: Sequence[Curve]) -> str:
    """The noise at the end of training, a dot for each seed, a mark for the mean, and a slope of -1/2 to compare with.

    Args:
        lines: recipes of which a finished run observed its steps.
    """
    sizes = [batch_size(line) for line in lines]
    label = "Noise of the loss from step to step by batch size: " + ", ".join(
        f"{line.name} {np.mean(noises(line)):.3g}" for line in lines
    )
    with drawing(name, label) as sheet:
        axes = sheet.axes
        axes.set_xscale("log")
        axes.set_yscale("log")
        _slope(axes, sizes, [float(np.log(noises(line)).mean()) for line in lines])
        for at, line in zip(_places(sizes), lines, strict=True):
            own, colour = noises(line), light(line.colour)
            axes.plot([at / 1.09, at * 1.09], [np.mean(own)] * 2, color=colour, linewidth=2.6)
            axes.plot([at] * len(own), own, "o", color=colour, markersize=6, mec=light("card"), mew=0.8)
        axes.set_xlabel("batch size")
        axes.set_ylabel("deviation of the loss")
        log_axis(axes.yaxis)
        axes.minorticks_off()
        axes.set_xticks(sorted(set(sizes)), [f"{size:,}" for size in sorted(set(sizes))])
    return sheet.svg


def batch_size(line: Curve) -> int:
    """The images of a step."""
    return int(line.entries[0].record.recipe["batch_size"])


def noises(line: Curve) -> list[float]:
    """Each finished seed's noise; without two steps in an epoch there is none, which no logarithm can show."""
    finals = [entry.record.final_metrics for entry in line.entries if entry.record.is_finished]
    return [final["step_noise"] for final in finals if final.get("step_noise")]


def _places(sizes: Sequence[int]) -> list[float]:
    alike, seen, places = Counter(sizes), Counter[int](), []
    for size in sizes:
        places.append(size * APART ** (seen[size] - (alike[size] - 1) / 2))
        seen[size] += 1
    return places


def _slope(axes: Axes, sizes: Sequence[int], logarithms: Sequence[float]) -> None:
    """What averaging over independent images would give, at the height that fits the recipes best."""
    height = float(np.mean(np.array(logarithms) + np.log(sizes) / 2))
    ends = np.array([min(sizes) / 1.5, max(sizes) * 1.5])
    axes.plot(ends, np.exp(height) / np.sqrt(ends), color=light("soft"), linewidth=1.2, linestyle=(0, (4, 3)))
