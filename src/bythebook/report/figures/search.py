"""How a search went, and which settings mattered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bythebook.report.figures.canvas import count_axis, drawing, percent_axis
from bythebook.report.theme import light
from bythebook.report.wording import percent, shortened


def history(name: str, trials: Sequence[Mapping[str, Any]]) -> str:
    """Every trial's value, the best so far, and the trials that were stopped or failed.

    Args:
        trials: as the search stage writes them, ascending by number.
    """
    complete = [trial for trial in trials if trial["state"] == "complete"]
    best = max((trial["value"] for trial in complete), default=None)
    with drawing(name, f"Search history over {len(trials)} trials; best {percent(best)}") as sheet:
        axes = sheet.axes
        numbers = [trial["number"] for trial in complete]
        values = [trial["value"] for trial in complete]
        so_far = [max(values[: index + 1]) for index in range(len(values))]
        if complete:
            axes.step([*numbers, trials[-1]["number"]], [*so_far, so_far[-1]], where="post", color=light("series-0"))
        axes.plot(numbers, values, "o", color=light("series-0"), markersize=7, mec=light("card"))
        _stopped(axes, trials, min(values, default=0.0) - 0.08 * (max(values, default=1.0) - min(values, default=0.0)))
        guideline = next((trial for trial in complete if trial["number"] == 0 and trial["enqueued"]), None)
        if guideline:
            axes.axhline(guideline["value"], color=light("series-1"), linewidth=1.2, linestyle=(0, (4, 3)))
            axes.plot([0], [guideline["value"]], "D", color=light("series-1"), markersize=8, mec=light("card"))
        axes.set_xlabel("trial")
        axes.set_ylabel("validation accuracy")
        axes.margins(x=0.03, y=0.08)
        count_axis(axes.xaxis)
        percent_axis(axes.yaxis)
    return sheet.svg


def _stopped(axes: Any, trials: Sequence[Mapping[str, Any]], floor: float) -> None:
    """Pruned and failed trials; on the floor, below all others, where they have no value."""
    for state, marker, colour in (("pruned", "v", "series-7"), ("failed", "X", "bad")):
        own = [trial for trial in trials if trial["state"] == state]
        heights = [floor if trial["value"] is None else trial["value"] for trial in own]
        axes.plot([trial["number"] for trial in own], heights, marker, color=light(colour), markersize=8,
                  mec=light(colour), linestyle="none")  # fmt: skip


def importance(name: str, shares: Mapping[str, float]) -> str:
    """The share of the variation between trials that each setting explains."""
    order = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    label = "Importance of settings: " + ", ".join(f"{key} {percent(share, 0)}" for key, share in order)
    with drawing(name, label, height=56 + 28 * len(order)) as sheet:
        axes = sheet.axes
        axes.barh(range(len(order)), [share for _, share in order], height=0.56, color=light("series-0"), alpha=0.8)
        for row, (_, share) in enumerate(order):
            axes.annotate(percent(share, 0), (share, row), xytext=(5, 0), textcoords="offset points", va="center",
                          fontsize=10.5, color=light("ink"))  # fmt: skip
        axes.set_yticks(range(len(order)), [shortened(key, 28) for key, _ in order], color=light("ink"), fontsize=11.5)
        axes.set_ylim(len(order) - 0.4, -0.6)
        axes.set_xlim(0, max(1.15 * order[0][1], 0.01))
        axes.grid(axis="y", visible=False)
        axes.set_xlabel("share of the variation explained")
        percent_axis(axes.xaxis, bins=4)
    return sheet.svg
