"""Which settings a search tried, and what came of them: one by one, and all together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from bythebook.report.figures.canvas import WIDTH, count_axis, drawing, log_axis
from bythebook.report.figures.search import marked
from bythebook.report.formatting import NONE, magnitude, shortened, value
from bythebook.report.searches import ReportedObjective, Trial, valued
from bythebook.report.theme import light

LARGE = 20.0  # a range that reaches so many times further is drawn on a log scale
TOP = 0.25  # the best quarter stands out


@dataclass(frozen=True)
class Scale:
    """How the values of a setting are laid out: numbers in order of size, anything else as names.

    Attributes:
        names: of a setting whose values are no numbers, from the bottom up.
    """

    names: tuple[str, ...]
    low: float
    high: float
    log: bool

    @classmethod
    def of(cls, found: Sequence[Any]) -> Scale:
        """The scale of the values that trials had; None is "does not apply"."""
        numbers = [float(one) for one in found if isinstance(one, int | float) and not isinstance(one, bool)]
        if len(numbers) == len(found):
            low, high = min(numbers), max(numbers)
            return cls((), low, high, low > 0 and high > LARGE * low)
        names = sorted({value(one) for one in found}, key=lambda name: (name == NONE, name))
        return cls(tuple(names), 0.0, float(max(len(names) - 1, 1)), False)

    def at(self, one: Any) -> float:
        """Where a value stands, in the unit of the scale."""
        return float(self.names.index(value(one))) if self.names else float(one)

    def share(self, one: Any) -> float:
        """Where a value stands between the ends, in [0, 1]."""
        at = self.at(one)
        if self.high == self.low:
            return 0.5
        if self.log:
            return log(at / self.low) / log(self.high / self.low)
        return (at - self.low) / (self.high - self.low)


def slice_of(
    name: str, setting: str, objective: ReportedObjective, trials: Sequence[Trial], guideline: Trial | None
) -> str:
    """One setting's values against the objective; trials to which it does not apply are left out."""
    found = [trial for trial in valued(trials) if setting in trial.params]
    values = [trial.params[setting] for trial in found]
    reached = [trial.value(objective.name) for trial in found]
    scale = Scale.of(values)
    with drawing(name, f"{setting} against {objective.label} in {len(found)} trials", height=200) as sheet:
        axes = sheet.axes
        axes.plot([scale.at(one) for one in values], reached, "o", color=light("series-0"), markersize=6,
                  mec=light("card"), alpha=0.85)  # fmt: skip
        if guideline and guideline in found:
            own = guideline.params[setting], guideline.value(objective.name)
            axes.plot([scale.at(own[0])], [own[1]], "D", color=light("series-1"), markersize=8, mec=light("card"))
        axes.margins(0.06)
        axes.set_xlabel(setting)
        axes.set_ylabel(shortened(objective.label, 26))
        if scale.names:
            axes.set_xticks(range(len(scale.names)), [shortened(text, 12) for text in scale.names])
            axes.set_xlim(-0.5, len(scale.names) - 0.5)
        elif scale.log:
            axes.set_xscale("log")
            log_axis(axes.xaxis)
        elif all(isinstance(one, int) for one in values):
            count_axis(axes.xaxis)
        marked(axes.yaxis, objective, reached)
    return sheet.svg


def parallel(
    name: str, settings: Sequence[str], objective: ReportedObjective, trials: Sequence[Trial], winner: Trial | None
) -> str:
    """Every complete trial as a line across its settings to what it reached; the best quarter stands out.

    A line is broken where a setting does not apply.
    """
    found = sorted(valued(trials), key=lambda trial: trial.value(objective.name), reverse=not objective.maximized)
    scales = [Scale.of([trial.params[setting] for trial in found if setting in trial.params])
              for setting in settings]  # fmt: skip
    reached = Scale.of([trial.value(objective.name) for trial in found])
    first_of_top = len(found) - max(1, round(TOP * len(found)))
    label = f"{len(found)} trials across {', '.join(settings)} to {objective.label}"
    with drawing(name, label, height=290) as sheet:
        axes = sheet.axes
        for place, trial in enumerate(found):
            heights = [scale.share(trial.params[setting]) if setting in trial.params else float("nan")
                       for setting, scale in zip(settings, scales, strict=True)]  # fmt: skip
            heights.append(reached.share(trial.value(objective.name)))
            own = winner is not None and trial.number == winner.number
            colour = "series-1" if own else "series-0" if place >= first_of_top else "series-7"
            axes.plot(range(len(heights)), heights, color=light(colour), linewidth=2.4 if own else 1.2,
                      alpha=1.0 if own else 0.8 if place >= first_of_top else 0.3)  # fmt: skip
        for at, scale in enumerate([*scales, reached]):
            _ends(axes, at, scale, objective if at == len(scales) else None)
        _bare(axes, [*settings, objective.label])
    return sheet.svg


def _ends(axes: Any, at: int, scale: Scale, objective: ReportedObjective | None) -> None:
    """An upright axis, with what stands at its ends."""
    axes.axvline(at, color=light("line"), linewidth=1.0, zorder=0)
    names = scale.names or tuple(objective.text(end) if objective else _short(end) for end in (scale.low, scale.high))
    marks = [(0.0, names[0]), (1.0, names[-1])] if len(names) > 1 else [(0.5, names[0])]
    for height, text in marks:
        axes.annotate(shortened(text, 9), (at, height), xytext=(0, 7 if height else -7), textcoords="offset points",
                      ha="center", va="bottom" if height else "top", fontsize=9.5, color=light("ink"))  # fmt: skip


def _bare(axes: Any, names: Sequence[str]) -> None:
    axes.grid(visible=False)
    axes.set_yticks([])
    axes.set_ylim(-0.14, 1.14)
    axes.set_xlim(-0.4, len(names) - 0.6)
    room = max(6, WIDTH // (6 * len(names)))
    shown = [shortened(name.rpartition(".")[2] if "." in name else name, room) for name in names]
    axes.set_xticks(range(len(names)), shown, fontsize=10)


def _short(number: float) -> str:
    whole = number == int(number) and abs(number) < 10_000
    return f"{number:g}" if whole or number <= 0 else magnitude(number)
