"""The champion: how it was picked, and where it errs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bythebook.records.recipe import Recipe
from bythebook.records.suite import Suite
from bythebook.report.arms import Arm, arms, behind, level, ranked
from bythebook.report.figures.classes import per_class
from bythebook.report.figures.pictures import picture
from bythebook.report.sections.runs import RunTable, run_table
from bythebook.report.sources import Mistakes, Sources
from bythebook.statistics import proportion_interval

CONFUSED = 8


@dataclass(frozen=True)
class Cell:
    """One cell of the confusion matrix: images, how dark to show them in [0, 1], and whether the class was met."""

    count: int
    shade: float
    right: bool


@dataclass(frozen=True)
class Mistake:
    """One test image the champion got wrong; ``source`` is a data URI."""

    source: str
    truth: str
    predicted: str
    probability: float


@dataclass(frozen=True)
class ChampionSection:
    """What the champion's section shows; everything measured on the test split is empty until it was evaluated.

    Attributes:
        seed: of the run whose weights are the champion.
        order: the whole shortlist after its refit, best first.
    """

    name: str
    seed: int
    recipe: Recipe
    order: tuple[Arm, ...]
    level: tuple[str, ...]
    runs: RunTable
    test: Mapping[str, Any] | None
    classes: tuple[str, ...]
    confusion: tuple[tuple[Cell, ...], ...]
    confused: tuple[tuple[int, str, str], ...]
    picture: str
    mistakes: tuple[Mistake, ...]


def champion_section(sources: Sources, suite: Suite) -> ChampionSection:
    """The champion stage's choice, and its figures on the test split."""
    test = sources.evaluation.champion
    order = ranked(arms(sources, suite))
    classes = list(test["classes"]) if test else list(sources.card["classes"])
    matrix = test["confusion"] if test else []
    return ChampionSection(
        suite.choice.chosen,
        suite.choice.model_seed,
        suite.choice.recipe,
        tuple(order),
        tuple(level(behind(order))),
        run_table(sources, suite),
        test,
        tuple(classes),
        tuple(_row(index, counts) for index, counts in enumerate(matrix)),
        _confused(matrix, classes),
        _per_class(matrix, classes),
        _mistakes(sources.mistakes, classes),
    )


def _row(index: int, counts: Sequence[int]) -> tuple[Cell, ...]:
    total = max(sum(counts), 1)
    # Mistakes are few: the root makes a share of one in a hundred visible.
    return tuple(
        Cell(count, count / total if column == index else math.sqrt(count / total), column == index)
        for column, count in enumerate(counts)
    )


def _confused(matrix: Sequence[Sequence[int]], classes: Sequence[str]) -> tuple[tuple[int, str, str], ...]:
    pairs = [
        (count, row, column)
        for row, counts in enumerate(matrix)
        for column, count in enumerate(counts)
        if row != column and count
    ]
    worst = sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2]))[:CONFUSED]
    return tuple((count, classes[row], classes[column]) for count, row, column in worst)


def _per_class(matrix: Sequence[Sequence[int]], classes: Sequence[str]) -> str:
    seen = [index for index, counts in enumerate(matrix) if sum(counts)]
    if not seen:
        return ""
    shares = [proportion_interval(matrix[index][index], sum(matrix[index])) for index in seen]
    return per_class("champion-classes", [classes[index] for index in seen], shares)


def _mistakes(found: Mistakes | None, classes: Sequence[str]) -> tuple[Mistake, ...]:
    if found is None:
        return ()
    return tuple(
        Mistake(picture(image[None]), classes[int(truth)], classes[int(predicted)], float(probability))
        for image, truth, predicted, probability in zip(
            found.images, found.truth, found.predicted, found.probability, strict=True
        )
    )
