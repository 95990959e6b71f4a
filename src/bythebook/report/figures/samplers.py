"""Samplers compared: the best that each had found after every trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from bythebook.report.figures.canvas import count_axis, drawing
from bythebook.report.figures.search import marked
from bythebook.report.searches import ReportedObjective
from bythebook.report.theme import dash, light, series


def progress(name: str, objective: ReportedObjective, curves: Mapping[str, Sequence[Sequence[float]]]) -> str:
    """The mean over repetitions, and a band from the worst to the best of them.

    Args:
        curves: for each sampler and repetition the best so far, by trial; empty for one that nothing came of.
    """
    label = f"Best {objective.label} so far by trial, for {', '.join(curves)}"
    with drawing(name, label) as sheet:
        axes, shown = sheet.axes, []
        for place, repetitions in enumerate(curves.values()):
            by_trial = list(zip(*(curve for curve in repetitions if curve), strict=True))
            numbers, colour = range(1, len(by_trial) + 1), light(series(place))
            axes.step(numbers, [fmean(values) for values in by_trial], where="post", color=colour,
                      linestyle=dash(place))  # fmt: skip
            axes.fill_between(numbers, [min(values) for values in by_trial], [max(values) for values in by_trial],
                              color=colour, alpha=0.12, linewidth=0, step="post")  # fmt: skip
            shown += [value for values in by_trial for value in values]
        axes.set_xlabel("trials")
        axes.set_ylabel(f"best {objective.label}")
        axes.margins(x=0.02)
        count_axis(axes.xaxis)
        marked(axes.yaxis, objective, shown)
    return sheet.svg
