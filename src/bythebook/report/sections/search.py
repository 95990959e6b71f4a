"""A search: its history, what mattered, and the best configuration beside the guideline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bythebook.report.figures.search import history, importance
from bythebook.report.sections.runs import RunTable, run_table
from bythebook.report.sources import Sources
from bythebook.report.wording import NONE, slug, value
from bythebook.runs.suite import Suite

STATES = ("complete", "pruned", "failed")


@dataclass(frozen=True)
class Setting:
    """One setting of the space: what the guideline says and what the best trial has."""

    name: str
    guideline: str
    best: str

    @property
    def differs(self) -> bool:
        """Whether the search moved away from the guideline here."""
        return self.guideline != self.best


@dataclass(frozen=True)
class SearchSection:
    """What a search's section shows.

    Attributes:
        guideline_trial: trial 0 where it is the enqueued guideline, else None.
        best_trial: None while no trial is complete.
    """

    anchor: str
    guideline: str
    question: str
    study: str
    counts: tuple[tuple[str, int], ...]
    guideline_trial: Mapping[str, Any] | None
    best_trial: Mapping[str, Any] | None
    settings: tuple[Setting, ...]
    history: str
    importance: str
    trials: tuple[Mapping[str, Any], ...]
    runs: RunTable


def search_section(sources: Sources, suite: Suite) -> SearchSection:
    """One study."""
    extra, anchor = suite.extra, slug(suite.suite)
    trials: Sequence[Mapping[str, Any]] = sorted(extra["trials"], key=lambda trial: trial["number"])
    guideline = guideline_trial(extra)
    best = best_trial(extra)
    counts = Counter(trial["state"] for trial in trials)
    return SearchSection(
        anchor,
        extra["guideline"],
        suite.question,
        extra["study"],
        tuple((state, counts[state]) for state in STATES if counts[state]),
        guideline,
        best,
        _settings(guideline, best),
        history(f"{anchor}-history", trials),
        importance(f"{anchor}-importance", extra["importance"]) if extra["importance"] else "",
        tuple(trials),
        run_table(sources, suite),
    )


def best_trial(extra: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The trial a study found best, or None."""
    return next((trial for trial in extra["trials"] if trial["number"] == extra["best"]), None)


def guideline_trial(extra: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Trial 0 when it is the guideline itself, enqueued before the search began."""
    return next((trial for trial in extra["trials"] if trial["number"] == 0 and trial["enqueued"]), None)


def _settings(guideline: Mapping[str, Any] | None, best: Mapping[str, Any] | None) -> tuple[Setting, ...]:
    own = guideline["params"] if guideline else {}
    found = best["params"] if best else {}
    # A setting that applies only beside certain others is missing where it does not apply.
    return tuple(
        Setting(name, *(value(side[name]) if name in side else NONE for side in (own, found)))
        for name in sorted({*own, *found})
    )
