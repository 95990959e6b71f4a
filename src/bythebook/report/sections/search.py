"""A search: how it went, what mattered, the winner beside the guideline, and what was left when both were refitted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from bythebook.records.search import SearchFindings
from bythebook.records.suite import Suite
from bythebook.report import searches
from bythebook.report.figures.search import front, history, importance
from bythebook.report.figures.settings import parallel, slice_of
from bythebook.report.formatting import NONE, slug, value
from bythebook.report.searches import ReportedObjective, Trial
from bythebook.report.sections.confirmed import Confirmed, confirmed, diverged
from bythebook.report.sections.runs import RunTable, run_table
from bythebook.report.sources import Sources
from bythebook.report.theme import series

STATES = ("complete", "pruned", "failed")
MOST = 6  # settings that are drawn


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
        moved: whether the winner is another one than the guideline.
        colours: of the objectives, by their order.
        history: empty where there are several objectives, as ``front`` is where there is one.
        diverged: how many refits are left out, in a sentence; empty for none.
        slices: a figure for each of the settings that mattered most.
    """

    anchor: str
    suite: str
    guideline: str
    question: str
    study: str
    how: str
    objectives: tuple[ReportedObjective, ...]
    colours: tuple[str, ...]
    counts: tuple[tuple[str, int], ...]
    pareto: tuple[int, ...]
    guideline_trial: Trial | None
    best_trial: Trial | None
    moved: bool
    settings: tuple[Setting, ...]
    confirmed: tuple[Confirmed, ...]
    diverged: str
    history: str
    front: str
    importance: str
    parallel: str
    slices: tuple[str, ...]
    trials: tuple[Trial, ...]
    runs: RunTable


def search_section(sources: Sources, suite: Suite, findings: SearchFindings) -> SearchSection:
    """One search."""
    anchor = slug(suite.suite)
    trials = searches.trials(findings)
    counts: Counter[str] = Counter(trial.state for trial in trials)
    objectives = searches.objectives(findings)
    drawn = figures(anchor, findings)
    return SearchSection(
        anchor,
        suite.suite,
        findings.guideline,
        suite.question,
        findings.study,
        f"sampler {findings.sampler}, {'pruner ' + findings.pruner if findings.pruner else 'no pruner'}",
        objectives,
        tuple(series(place) for place, _ in enumerate(objectives)),
        tuple((state, counts[state]) for state in STATES if counts[state]),
        tuple(findings.pareto),
        searches.guideline_trial(findings),
        searches.best_trial(findings),
        searches.moved(findings),
        _settings(searches.guideline_trial(findings), searches.best_trial(findings)),
        confirmed(sources, suite, findings),
        diverged(findings),
        drawn.get("history", ""),
        drawn.get("front", ""),
        drawn.get("importance", ""),
        drawn.get("parallel", ""),
        tuple(drawn[name] for name in drawn if name.startswith("slice")),
        tuple(trials),
        run_table(sources, suite),
    )


def figures(anchor: str, findings: SearchFindings) -> dict[str, str]:
    """The pictures of a search, by name; those that its trials do not suffice for are left out.

    Args:
        anchor: keeps the figures of several searches on a page apart.
    """
    trials, objectives = searches.trials(findings), searches.objectives(findings)
    guideline, best, first = searches.guideline_trial(findings), searches.best_trial(findings), objectives[0]
    complete, found = searches.valued(trials), {}
    if len(objectives) == 1:
        found["history"] = history(f"{anchor}-history", first, trials, guideline)
    elif complete:
        both = objectives[0], objectives[1]
        found["front"] = front(f"{anchor}-front", both, trials, findings.pareto, guideline, best)
    if findings.importance[first.name]:
        found["importance"] = importance(f"{anchor}-importance", objectives, findings.importance)
    varied = searches.settings(findings, MOST) if len(complete) > 1 else []
    if varied:
        found["parallel"] = parallel(f"{anchor}-parallel", varied, first, trials, best)
    for place, setting in enumerate(varied):
        found[f"slice-{place}"] = slice_of(f"{anchor}-slice-{place}", setting, first, trials, guideline)
    return found


def _settings(guideline: Trial | None, best: Trial | None) -> tuple[Setting, ...]:
    own = guideline.params if guideline else {}
    found = best.params if best else {}
    # A setting that applies only beside certain others is missing where it does not apply.
    return tuple(
        Setting(name, *(value(side[name]) if name in side else NONE for side in (own, found)))
        for name in sorted({*own, *found})
    )
