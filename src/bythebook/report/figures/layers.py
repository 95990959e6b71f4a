"""What the hidden layers look like, from the inputs to the output, after the first epoch and after the last one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from bythebook.records.suite import Entry
from bythebook.report.figures.canvas import count_axis, drawing, log_axis, percent_axis
from bythebook.report.figures.curves import Curve
from bythebook.report.theme import light

# As the rows of a run's epochs name them, in the order of the panels.
STATISTICS = {
    "gradient_norm": "norm of the gradient",
    "activation_deviation": "deviation of the activations",
    "dead_share": "dead units",
}
LOGARITHMIC = ("gradient_norm",)
# Indices into each run's epochs: the last one is that of each run, wherever it stopped.
EPOCHS = {"first": 0, "last": -1}


def layers(name: str, lines: Sequence[Curve], statistic: str, epoch: str) -> str:
    """A statistic of every hidden layer, a line for each recipe; the panels of both epochs have the same height.

    Args:
        lines: recipes whose runs observed their layers.
        statistic: one of :data:`STATISTICS`.
        epoch: one of :data:`EPOCHS`.
    """
    names = ", ".join(line.name for line in lines)
    label = f"{STATISTICS[statistic].capitalize()} by hidden layer after the {epoch} epoch for {names}"
    with drawing(name, label, 240) as sheet:
        axes = sheet.axes
        if statistic in LOGARITHMIC:
            axes.set_yscale("log")
        for line in lines:
            own = profile(line, statistic, epoch)
            marker = "o" if len(own) == 1 else ""
            axes.plot(_numbers(own), own, color=light(line.colour), linestyle=line.dash, marker=marker)
        _reach(axes, lines, statistic)
        axes.set_title(f"after the {epoch} epoch", fontsize=10.5, color=light("soft"))
        axes.set_xlabel("hidden layer, from the inputs on")
        axes.set_ylabel(STATISTICS[statistic])
        axes.margins(x=0.02)
        axes.set_xlim(left=0.5)
        count_axis(axes.xaxis, bins=5)
        if statistic in LOGARITHMIC:
            log_axis(axes.yaxis)
        elif statistic == "dead_share":
            percent_axis(axes.yaxis)
    return sheet.svg


def profile(line: Curve, statistic: str, epoch: str) -> np.ndarray:
    """The mean over seeds for each hidden layer; NaN where no seed has a number that can be shown."""
    rows = [(entry.record.epochs[EPOCHS[epoch]].layers or {})[statistic] for entry in shown(line.entries)]
    means = np.ma.masked_invalid(np.array(rows, float)).mean(axis=0)
    return np.ma.masked_equal(means, 0).filled(np.nan) if statistic in LOGARITHMIC else means.filled(np.nan)


def shown(entries: Sequence[Entry]) -> list[Entry]:
    """The runs that observed their layers and finished, or, where none finished, those that got through an epoch."""
    observed = [entry for entry in entries if entry.record.epochs and entry.record.epochs[0].layers]
    return [entry for entry in observed if entry.record.is_finished] or observed


def _numbers(own: np.ndarray) -> np.ndarray:
    return np.arange(1, len(own) + 1)


def _reach(axes: Axes, lines: Sequence[Curve], statistic: str) -> None:
    """Makes room for both epochs, so that what moves from one panel to the other has moved."""
    for line in lines:
        for epoch in EPOCHS:
            own = profile(line, statistic, epoch)
            axes.update_datalim(np.column_stack([_numbers(own), own]))
    axes.autoscale_view()
