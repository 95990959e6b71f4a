"""A suite of recipes: the picture, the curves, the table, and every run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bythebook.records.suite import Suite
from bythebook.report.arms import Arm, Gap, arms, behind, level, ranked
from bythebook.report.figures.comparison import behind_best, comparison
from bythebook.report.figures.curves import Curve, curves
from bythebook.report.formatting import listed, percent, slug
from bythebook.report.sections.observed import Panels, observed
from bythebook.report.sections.runs import RunTable, run_table
from bythebook.report.sources import Sources
from bythebook.report.theme import dash, series

PANELS = ("val_accuracy", "loss")


@dataclass(frozen=True)
class SuiteSection:
    """What a suite's section shows."""

    anchor: str
    name: str
    dataset: str
    question: str
    answer: str
    picture: str
    behind: str
    panels: tuple[str, ...]
    legend: tuple[Curve, ...]
    observed: tuple[Panels, ...]
    order: tuple[Arm, ...]
    level: tuple[str, ...]
    runs: RunTable


def suite_section(sources: Sources, suite: Suite) -> SuiteSection:
    """One suite of the train stage."""
    found = arms(sources, suite)
    order, anchor = ranked(found), slug("suite", suite.suite)
    gaps = behind(order)
    lines = [Curve(arm.name, series(arm.position), dash(arm.position), arm.entries) for arm in found]
    return SuiteSection(
        anchor,
        suite.suite,
        suite.dataset,
        suite.question,
        answer(order, gaps),
        comparison(f"{anchor}-comparison", order),
        behind_best(f"{anchor}-behind", order, gaps) if any(gap.interval for gap in gaps) else "",
        tuple(curves(f"{anchor}-{metric.replace('_', '-')}", lines, metric) for metric in _panels(suite)),
        tuple(lines),
        observed(anchor, lines),
        tuple(order),
        tuple(level(gaps)),
        run_table(sources, suite),
    )


def _panels(suite: Suite) -> tuple[str, ...]:
    """What is drawn by epoch; the learning rate too where a schedule moves it."""
    rates = ({epoch.learning_rate for epoch in entry.record.epochs} for entry in suite.entries)
    return (*PANELS, "learning_rate") if any(len(own) > 1 for own in rates) else PANELS


def answer(order: Sequence[Arm], gaps: Sequence[Gap]) -> str:
    """What the validation figures say, in a sentence.

    Args:
        order: best first.
        gaps: of all recipes but the first.
    """
    best = order[0]
    if not best.validation:
        return "No recipe finished."
    text = f"{best.name} comes first with {percent(best.validation.mean, 1)} on validation"
    if not gaps:
        return f"{text}."
    if not any(gap.interval for gap in gaps):
        return f"{text}; without two finished seeds to compare, that may be chance."
    near = level(gaps)
    if near:
        names = listed(near) if len(near) <= 4 else f"{len(near)} others"
        return f"{text}; on these seeds it cannot be told apart from {names}."
    return f"{text}, ahead of every recipe that finished two seeds or more."
