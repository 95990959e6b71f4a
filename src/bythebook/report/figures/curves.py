"""Learning curves: the mean over seeds, in a band from the lowest to the highest seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from bythebook.records.run import PhaseRecord
from bythebook.records.suite import Entry
from bythebook.report.figures.canvas import count_axis, drawing, percent_axis
from bythebook.report.theme import light

FAR_ABOVE = 20  # times the median of final losses: what lies beyond that learned nothing
METRICS = {
    "val_accuracy": "validation accuracy",
    "accuracy": "training accuracy",
    "val_loss": "validation loss",
    "loss": "training loss",
    "learning_rate": "learning rate",
}


@dataclass(frozen=True)
class Curve:
    """One line: all seeds of a recipe.

    Attributes:
        colour: a name of the theme.
        dash: a matplotlib line style.
    """

    name: str
    colour: str
    dash: str
    entries: Sequence[Entry]


def curves(name: str, lines: Sequence[Curve], metric: str, phases: Sequence[PhaseRecord] = ()) -> str:
    """The epochs of several recipes in one picture.

    Args:
        metric: a column of the runs' epochs.
        phases: where more than one, each is marked on the epoch axis with its name.
    """
    label = f"{METRICS[metric].capitalize()} by epoch for " + ", ".join(line.name for line in lines)
    with drawing(name, label) as sheet:
        axes = sheet.axes
        if len(phases) > 1:
            _mark_phases(axes, phases)
        for line in lines:
            _line(axes, line, metric)
        _fit(axes, lines, metric)
        axes.set_xlabel("epoch")
        axes.set_ylabel(METRICS[metric])
        axes.margins(x=0.02)
        count_axis(axes.xaxis)
        if metric.endswith("accuracy"):
            percent_axis(axes.yaxis)
    return sheet.svg


def series_of(entry: Entry, metric: str) -> list[float]:
    """A run's values of a metric, epoch by epoch."""
    return [epoch.values[metric] for epoch in entry.record.epochs]


def _line(axes: Axes, line: Curve, metric: str) -> None:
    colour = light(line.colour)
    complete = [series_of(entry, metric) for entry in line.entries if entry.record.is_finished]
    if complete:
        # Seeds may stop early: each epoch's mean is over the seeds that reached it.
        columns = [np.array([row[at] for row in complete if at < len(row)]) for at in range(max(map(len, complete)))]
        epochs = range(1, len(columns) + 1)
        if len(complete) > 1:
            low, high = [column.min() for column in columns], [column.max() for column in columns]
            axes.fill_between(epochs, low, high, color=colour, alpha=0.16, linewidth=0)
        marker = "o" if len(columns) == 1 else ""
        axes.plot(epochs, [column.mean() for column in columns], color=colour, linestyle=line.dash, marker=marker)
    for entry in line.entries:
        values = series_of(entry, metric)
        if entry.record.status == "diverged" and values:
            axes.plot(range(1, len(values) + 1), values, color=colour, linestyle=":", linewidth=1.2)
            axes.plot([len(values)], [values[-1]], "X", color=light("bad"), markersize=7, mec=light("card"))


def _mark_phases(axes: Axes, phases: Sequence[PhaseRecord]) -> None:
    for index, phase in enumerate(phases):
        start = phase.first_epoch + 0.5
        if index % 2 == 0:
            axes.axvspan(start, start + phase.epochs, color=light("faint"), linewidth=0, zorder=0)
        axes.text(start + phase.epochs / 2, 1.01, phase.name.replace("_", " "), ha="center", va="bottom",
                  transform=axes.get_xaxis_transform(), fontsize=10.5, color=light("soft"))  # fmt: skip


def _fit(axes: Axes, lines: Sequence[Curve], metric: str) -> None:
    """Keeps a loss that explodes, even one that goes on to the end, from flattening all others."""
    final = [values[-1] for line in lines for entry in line.entries if (values := series_of(entry, metric))
             and entry.record.is_finished]  # fmt: skip
    highest = max((max(series_of(entry, metric), default=0.0) for line in lines for entry in line.entries), default=0.0)
    if not metric.endswith("loss") or not final:
        return
    usual = max(value for value in final if value <= FAR_ABOVE * np.median(final))
    if highest > 8 * usual:
        axes.set_ylim(0, 3 * usual)
