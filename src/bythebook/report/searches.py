"""What a search's suite says of what it tried: trials, objectives, and how values are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bythebook.records.interval import Interval
from bythebook.records.search import SamplerComparison, SearchFindings, Trial
from bythebook.records.suite import Suite
from bythebook.report.formatting import MINUS, NONE, decimal, percent, points
from bythebook.report.sources import Sources


@dataclass(frozen=True)
class ReportedObjective:
    """What was searched by.

    Attributes:
        kind: ``share``, ``count`` or ``number``; it decides how values are written.
    """

    name: str
    label: str
    direction: str
    kind: str
    about: str

    @property
    def maximized(self) -> bool:
        """Whether more is better."""
        return self.direction == "maximize"

    def text(self, value: float | None) -> str:
        """A value as readers see it."""
        if value is None:
            return NONE
        return {"share": percent(value), "count": f"{value:,.0f}"}.get(self.kind) or decimal(value, 4)

    def change(self, gain: float) -> str:
        """A difference with its sign, from by how much something is better; without the unit."""
        value = gain if self.maximized else 0.0 - gain
        if self.kind == "share":
            return points(value)
        return (f"{round(value):+,}" if self.kind == "count" else f"{value:+.4f}").replace("-", MINUS)

    def changes(self, gain: Interval) -> str:
        """The two ends of an interval of gains, ascending as differences; empty for one that has none."""
        if not gain.ends:
            return ""
        ends = [self.change(end) for end in gain.ends]
        return " to ".join(ends if self.maximized else reversed(ends)) + (f" {self.unit}" if self.unit else "")

    @property
    def unit(self) -> str:
        """Of differences."""
        return "points" if self.kind == "share" else ""

    def best(self, values: Sequence[float]) -> float:
        """The best of several values, at least one."""
        return max(values) if self.maximized else min(values)


def with_winner(sources: Sources) -> list[tuple[Suite, SearchFindings]]:
    """Return the searches that handed on a winner, with what they found."""
    return [(suite, suite.search) for suite in sources.of_stage("search") if isinstance(suite.search, SearchFindings)]


def comparisons(sources: Sources) -> list[tuple[Suite, SamplerComparison]]:
    """Return the searches that compared samplers, with what they found."""
    searches = sources.of_stage("search")
    return [(suite, suite.search) for suite in searches if isinstance(suite.search, SamplerComparison)]


def objectives(found: SearchFindings | SamplerComparison) -> tuple[ReportedObjective, ...]:
    """What was searched by, the most important first."""
    return tuple(ReportedObjective(**dict(objective)) for objective in found.objectives)


def trials(found: SearchFindings) -> list[Trial]:
    """The trials, ascending by number."""
    return sorted(found.trials, key=lambda trial: trial.number)


def valued(found: Sequence[Trial]) -> list[Trial]:
    """Those that are complete."""
    return [trial for trial in found if trial.values is not None]


def best_trial(found: SearchFindings) -> Trial | None:
    """The trial a search found best, or None."""
    return next((trial for trial in found.trials if trial.number == found.best), None)


def guideline_trial(found: SearchFindings) -> Trial | None:
    """Trial 0 when it is the guideline itself, enqueued before the search began."""
    return next((trial for trial in found.trials if trial.number == 0 and trial.enqueued), None)


def moved(found: SearchFindings) -> bool:
    """Whether the winner is another one than the guideline."""
    best, own = best_trial(found), guideline_trial(found)
    return best is not None and (own is None or best.number != own.number)


def settings(found: SearchFindings, most: int) -> list[str]:
    """The settings that a search varied, the most important first, at most so many."""
    (first, *_) = objectives(found)
    shares: Mapping[str, float] = found.importance[first.name]
    varied = {name for trial in found.trials for name in trial.params if _varies(name, found.trials)}
    return sorted(varied, key=lambda name: (-shares.get(name, 0.0), name))[:most]


def _varies(name: str, found: Sequence[Trial]) -> bool:
    return len({str(trial.params.get(name)) for trial in found}) > 1
