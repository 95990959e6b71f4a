"""Errors by number of labels, and how many labels from scratch they are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from bythebook.records.study import LabelWorth
from bythebook.report.figures.canvas import drawing
from bythebook.report.theme import light

MARGIN = 1.4  # a factor, left and right of the budgets
SPREAD = 0.05  # of a decade between the bars of two strategies, so that they do not hide each other


@dataclass(frozen=True)
class LabelLine:
    """One strategy of a task.

    Attributes:
        colour: a name of the theme.
        dash: a matplotlib line style.
        errors: for each budget, the errors of its seeds; empty where none finished.
        worth: for each budget, how many labels from scratch give the same error, or None; empty for the baseline.
        has_band: whether a band shows its seeds; the bands of many strategies would hide each other.
    """

    name: str
    colour: str
    dash: str
    errors: Sequence[Sequence[float]]
    worth: Sequence[LabelWorth | None] = ()
    has_band: bool = True


def label_curve(name: str, budgets: Sequence[int], lines: Sequence[LabelLine], split: str) -> str:
    """The mean error of each strategy by number of labels, on logarithmic axes, with bands from lowest to highest seed.

    Args:
        budgets: ascending.
        split: the name of the split that was measured.
    """
    positive = [error for line in lines for errors in line.errors for error in errors if error > 0]
    # A net without a mistake has no place on a logarithmic axis: it stands below all others.
    floor = min(positive, default=0.01) / 2
    label = f"Error on {split} by number of labels for " + ", ".join(line.name for line in lines)
    with drawing(name, label, height=330) as sheet:
        for line in lines:
            shown = [(labels, errors) for labels, errors in zip(budgets, line.errors, strict=True) if errors]
            labels = [labels for labels, _ in shown]
            means = [max(sum(errors) / len(errors), floor) for _, errors in shown]
            low, high = ([max(end(errors), floor) for _, errors in shown] for end in (min, max))
            colour = light(line.colour)
            if line.has_band:
                sheet.axes.fill_between(labels, low, high, color=colour, alpha=0.15, linewidth=0)
            sheet.axes.plot(labels, means, color=colour, linestyle=line.dash, marker="o", markersize=5)
        _labels(sheet.axes, budgets)
        sheet.axes.set_yscale("log")
        sheet.axes.set_ylabel(f"{split} error")
        sheet.axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=12))
        sheet.axes.yaxis.set_minor_locator(NullLocator())
        sheet.axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.3g}%"))
    return sheet.svg


def worth_curve(name: str, budgets: Sequence[int], lines: Sequence[LabelLine]) -> str:
    """How many labels from scratch the labels of each strategy are worth; on the diagonal they are worth themselves.

    Args:
        budgets: ascending.
        lines: without the baseline.
    """
    label = "Labels from scratch that give the same error, by labels of " + ", ".join(line.name for line in lines)
    with drawing(name, label, height=330) as sheet:
        axes = sheet.axes
        ends = [budgets[0], budgets[-1]]
        axes.plot(ends, ends, color=light("soft"), linewidth=1.2)
        for number, line in enumerate(lines):
            shift = 10 ** (SPREAD * (number - (len(lines) - 1) / 2))
            _worth(axes, [labels * shift for labels in budgets], line)
        _labels(axes, budgets)
        axes.set_yscale("log")
        axes.set_ylim(budgets[0] / 1.25, budgets[-1] * 1.25)
        axes.yaxis.set_major_locator(FixedLocator(list(budgets)))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.set_ylabel("labels from scratch for the same error")
    return sheet.svg


def _worth(axes: Axes, places: Sequence[float], line: LabelLine) -> None:
    """Bars and marks of one strategy; a mark at either end of the axis is an arrow, as the true one may lie beyond."""
    colour = light(line.colour)
    for at, worth in zip(places, line.worth, strict=True):
        if worth is None:
            continue
        if worth.ends:
            axes.plot([at, at], worth.ends, color=colour, alpha=0.35, linewidth=5,
                      solid_capstyle="butt")  # fmt: skip
        beyond = "^" if worth.labels >= worth.largest else "v" if worth.labels <= worth.smallest else "o"
        axes.plot([at], [worth.labels], beyond, color=colour, markersize=7, mec=light("card"))


def _labels(axes: Axes, budgets: Sequence[int]) -> None:
    axes.set_xscale("log")
    axes.set_xlim(budgets[0] / MARGIN, budgets[-1] * MARGIN)
    axes.xaxis.set_major_locator(FixedLocator(list(budgets)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.set_xlabel("labels of task B")
