"""Samplers compared on the same budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bythebook.records.search import SamplerComparison
from bythebook.records.suite import Suite
from bythebook.report import searches
from bythebook.report.arms import number
from bythebook.report.figures.samplers import progress
from bythebook.report.formatting import NONE, slug
from bythebook.report.searches import ReportedObjective
from bythebook.report.sections.runs import RunTable, run_table
from bythebook.report.sources import Sources
from bythebook.report.theme import dash, series
from bythebook.statistics import interval, paired_difference, verdict


@dataclass(frozen=True)
class Sampler:
    """One sampler over its repetitions, in words: a mean and its interval each."""

    name: str
    colour: str
    dash: str
    best: str
    best_interval: str
    mean: str
    mean_interval: str


@dataclass(frozen=True)
class Pair:
    """By how much one sampler is ahead of the one before it, by the mean of the best so far; paired."""

    name: str
    other: str
    change: str
    interval: str
    verdict: str


@dataclass(frozen=True)
class SamplersSection:
    """What a comparison of samplers shows."""

    anchor: str
    suite: str
    guideline: str
    question: str
    objective: ReportedObjective
    budget: int
    seeds: int
    samplers: tuple[Sampler, ...]
    pairs: tuple[Pair, ...]
    picture: str
    runs: RunTable


def samplers_section(sources: Sources, suite: Suite, found: SamplerComparison) -> SamplersSection:
    """One comparison."""
    (objective,), anchor = searches.objectives(found), slug(suite.suite)
    names, arms = list(found.samplers), found.measured.arms
    pairs = zip(names, names[1:], strict=False) if found.measured.seeds else ()
    return SamplersSection(
        anchor,
        suite.suite,
        found.guideline,
        suite.question,
        objective,
        found.budget,
        len(found.measured.seeds),
        tuple(_sampler(objective, place, name, arms[name]) for place, name in enumerate(names)),
        tuple(_pair(objective, name, other, arms) for other, name in pairs),
        progress(f"{anchor}-progress", objective, found.samplers),
        run_table(sources, suite),
    )


def _sampler(objective: ReportedObjective, place: int, name: str, metrics: Mapping[str, Sequence[float]]) -> Sampler:
    described: list[str] = []
    for metric in ("best", "mean_best_so_far"):
        found = interval(metrics[metric]) if metrics[metric] else None
        ends = found.ends if found else None
        described += [objective.text(number(found)), " to ".join(map(objective.text, ends)) if ends else NONE]
    return Sampler(name, series(place), dash(place), *described)


def _pair(
    objective: ReportedObjective, name: str, other: str, arms: Mapping[str, Mapping[str, Sequence[float]]]
) -> Pair:
    sign = 1 if objective.maximized else -1
    own, before = ([sign * value for value in arms[side]["mean_best_so_far"]] for side in (name, other))
    gain = paired_difference(before, own)
    change = f"{objective.change(gain.mean)} {objective.unit}".strip()
    return Pair(name, other, change, objective.changes(gain), verdict(gain))
