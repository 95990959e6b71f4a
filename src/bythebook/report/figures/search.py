"""How a search went: its history, the front of several objectives, and which settings mattered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.ticker import FuncFormatter, MaxNLocator

from bythebook.report.figures.canvas import count_axis, drawing, log_axis, percent_axis
from bythebook.report.formatting import percent, shortened
from bythebook.report.searches import ReportedObjective, Trial, valued
from bythebook.report.theme import light, series

WIDE = 20.0  # a count that reaches so many times further is drawn on a log scale
Guideline = Trial | None


def history(name: str, objective: ReportedObjective, trials: Sequence[Trial], guideline: Guideline) -> str:
    """Every trial's value, the best so far, and the trials that were stopped or failed.

    Args:
        trials: ascending by number.
    """
    complete = valued(trials)
    values = [trial.value(objective.name) for trial in complete]
    told = objective.text(objective.best(values) if values else None)
    with drawing(name, f"Search history over {len(trials)} trials by {objective.label}; best {told}") as sheet:
        axes = sheet.axes
        numbers = [trial.number for trial in complete]
        so_far = [objective.best(values[: index + 1]) for index in range(len(values))]
        if complete:
            axes.step([*numbers, trials[-1].number], [*so_far, so_far[-1]], where="post", color=light("series-0"))
        axes.plot(numbers, values, "o", color=light("series-0"), markersize=7, mec=light("card"))
        _stopped(axes, trials, _below(values, objective))
        if guideline and guideline.values:
            own = guideline.value(objective.name)
            axes.axhline(own, color=light("series-1"), linewidth=1.2, linestyle=(0, (4, 3)))
            axes.plot([0], [own], "D", color=light("series-1"), markersize=8, mec=light("card"))
        axes.set_xlabel("trial")
        axes.set_ylabel(objective.label)
        axes.margins(x=0.03, y=0.08)
        count_axis(axes.xaxis)
        marked(axes.yaxis, objective)
    return sheet.svg


def front(
    name: str,
    both: tuple[ReportedObjective, ReportedObjective],
    trials: Sequence[Trial],
    pareto: Sequence[int],
    guideline: Guideline,
    winner: Trial | None,
) -> str:
    """Every complete trial by two objectives, and the front of those that no other trial beats.

    Args:
        pareto: the numbers of the trials on the front.
    """
    across, up = both[1], both[0]
    complete = valued(trials)

    def place(found: Sequence[Trial]) -> tuple[list[float], list[float]]:
        return [trial.value(across.name) for trial in found], [trial.value(up.name) for trial in found]

    best = sorted((trial for trial in complete if trial.number in pareto), key=lambda trial: place([trial])[0])
    label = f"{len(complete)} trials by {up.label} and {across.label}; {len(best)} of them are beaten by none"
    with drawing(name, label) as sheet:
        axes = sheet.axes
        axes.plot(*place(complete), "o", color=light("series-7"), markersize=6, mec=light("card"), alpha=0.8)
        axes.plot(*place(best), "o-", color=light("series-0"), markersize=7, linewidth=1.4, mec=light("card"))
        if guideline and guideline.values:
            axes.plot(*place([guideline]), "D", color=light("series-1"), markersize=8, mec=light("card"))
        if winner and winner.values:
            axes.plot(*place([winner]), "o", markersize=13, mfc="none", mec=light("ink"), mew=1.6)
        axes.set_xlabel(across.label)
        axes.set_ylabel(up.label)
        axes.margins(0.06)
        for objective, axis, values in ((across, axes.xaxis, place(complete)[0]), (up, axes.yaxis, place(complete)[1])):
            marked(axis, objective, values)
    return sheet.svg


def importance(name: str, objectives: Sequence[ReportedObjective], shares: Mapping[str, Mapping[str, float]]) -> str:
    """The share of the variation between trials that each setting explains, a bar for each objective.

    Args:
        shares: by objective.
    """
    first = shares[objectives[0].name]
    order = sorted(first, key=lambda key: (-first[key], key))
    label = "Importance of settings: " + ", ".join(f"{key} {percent(first[key], 0)}" for key in order)
    several = len(objectives)
    with drawing(name, label, height=56 + (14 + 14 * several) * len(order)) as sheet:
        axes = sheet.axes
        for place, objective in enumerate(objectives):
            own = [shares[objective.name].get(key, 0.0) for key in order]
            rows = [row + (place - (several - 1) / 2) * 0.56 / several for row in range(len(order))]
            axes.barh(rows, own, height=0.56 / several, color=light(series(place)), alpha=0.8)
            for row, share in zip(rows, own, strict=True):
                axes.annotate(percent(share, 0), (share, row), xytext=(5, 0), textcoords="offset points", va="center",
                              fontsize=10.5, color=light("ink"))  # fmt: skip
        axes.set_yticks(range(len(order)), [shortened(key, 28) for key in order], color=light("ink"), fontsize=11.5)
        axes.set_ylim(len(order) - 0.4, -0.6)
        axes.set_xlim(0, max(1.15 * max(max(own.values(), default=0.0) for own in shares.values()), 0.01))
        axes.grid(axis="y", visible=False)
        axes.set_xlabel("share of the variation explained")
        percent_axis(axes.xaxis, bins=4)
    return sheet.svg


def marked(axis: Any, objective: ReportedObjective, values: Sequence[float] = ()) -> None:
    """Marks an axis in an objective's own unit; counts that reach far are on a log scale.

    Args:
        values: what is drawn.
    """
    if objective.kind == "share":
        percent_axis(axis)
    elif objective.kind == "count" and values and 0 < WIDE * min(values) < max(values):
        axis.axes.set(**{f"{axis.axis_name}scale": "log"})
        log_axis(axis)
    else:
        axis.set_major_locator(MaxNLocator(5))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))


def _below(values: Sequence[float], objective: ReportedObjective) -> float:
    """The worse end of the figure, where trials stand that have no value."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    return low - 0.08 * (high - low) if objective.maximized else high + 0.08 * (high - low)


def _stopped(axes: Any, trials: Sequence[Trial], floor: float) -> None:
    """Pruned and failed trials, which have no value, beyond all others."""
    for state, marker, colour in (("pruned", "v", "series-7"), ("failed", "X", "bad")):
        numbers = [trial.number for trial in trials if trial.state == state]
        axes.plot(numbers, [floor] * len(numbers), marker, color=light(colour), markersize=8, mec=light(colour),
                  linestyle="none")  # fmt: skip
