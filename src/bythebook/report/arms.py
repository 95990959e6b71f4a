"""A recipe with all its seeds, and how the recipes of a suite compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bythebook.records.evaluation import RecipeFigures
from bythebook.records.interval import Interval
from bythebook.records.suite import Entry, Suite
from bythebook.report.sources import Sources
from bythebook.statistics import interval

METRIC = "val_accuracy"


@dataclass(frozen=True)
class Arm:
    """One recipe of a suite.

    Attributes:
        position: its place in the suite, which fixes its colour.
        validation: mean and interval of the validation accuracy over the seeds that finished, or None.
        test: the recipe's figures on the test split: intervals ``accuracy`` and ``loss``, numbers ``nll`` and ``ece``.
    """

    position: int
    name: str
    about: str
    entries: tuple[Entry, ...]
    validation: Interval | None
    test: RecipeFigures | None

    @property
    def finished(self) -> tuple[Entry, ...]:
        """The runs that reached their end."""
        return tuple(entry for entry in self.entries if entry.record.is_finished)

    @property
    def stopped(self) -> tuple[Entry, ...]:
        """The runs that diverged or were pruned; their figures enter no mean."""
        return tuple(entry for entry in self.entries if not entry.record.is_finished)

    @property
    def parameters(self) -> int:
        """How many numbers the net learns and keeps."""
        return int(self.entries[0].record.parameters)

    def by_seed(self, metric: str = METRIC) -> dict[int, float]:
        """Each finished seed's final value of a metric."""
        finals = {entry.seed: entry.record.final_metrics for entry in self.finished}
        return {seed: final[metric] for seed, final in finals.items() if metric in final}


@dataclass(frozen=True)
class Gap:
    """How far a recipe is behind the best.

    Attributes:
        values: the best's accuracy minus the recipe's, for each seed that both finished.
        interval: of their mean; None for fewer than two seeds, because one pair says nothing about chance.
    """

    arm: Arm
    values: tuple[float, ...]
    interval: Interval | None


def arms(sources: Sources, suite: Suite) -> tuple[Arm, ...]:
    """The recipes of a suite, in the order it declares them."""
    found = []
    for position, (name, entries) in enumerate(suite.by_name().items()):
        finals = [entry.record.final_metrics for entry in entries if entry.record.is_finished]
        # A net that reconstructs pixels has a loss, and no accuracy.
        values = [final[METRIC] for final in finals if METRIC in final]
        test = sources.evaluation.recipes.get(f"{suite.suite}/{name}")
        about = entries[0].about
        found.append(Arm(position, name, about, tuple(entries), interval(values) if values else None, test))
    return tuple(found)


def ranked(found: Sequence[Arm]) -> list[Arm]:
    """Best validation mean first; behind all whose seeds finished those of which some did not, and none at the end."""

    def place(arm: Arm) -> tuple[bool, float, float, str]:
        mean = arm.validation.mean if arm.validation else 0.0
        return arm.validation is None, len(arm.stopped) / len(arm.entries), -mean, arm.name

    return sorted(found, key=place)


def behind(order: Sequence[Arm]) -> list[Gap]:
    """How far the best recipe is ahead of each other one.

    Args:
        order: what :func:`ranked` gave.
    """
    best = order[0].by_seed()
    gaps = []
    for arm in order[1:]:
        own = arm.by_seed()
        shared = sorted(own.keys() & best.keys())
        values = tuple(best[seed] - own[seed] for seed in shared)
        gaps.append(Gap(arm, values, interval(values) if len(shared) > 1 else None))
    return gaps


def level(gaps: Sequence[Gap]) -> list[str]:
    """The recipes that these data cannot tell from the best: the interval of the differences includes zero."""
    return [gap.arm.name for gap in gaps if gap.interval and gap.interval.ends and gap.interval.ends[0] <= 0]


def number(given: Interval | None) -> float | None:
    """Return the mean of an interval, None where there is none."""
    return None if given is None else given.mean
