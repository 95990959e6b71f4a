"""The tables that ``dvc plots`` draws."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from bythebook.records.suite import Suite
from bythebook.report.arms import arms
from bythebook.report.searches import trials, valued, with_winner
from bythebook.report.sources import Sources

ACCURACY = "val_accuracy"
CURVES = ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate")


def plots(sources: Sources) -> dict[str, bytes]:
    """File name to CSV; each has at least its header, so that DVC always finds it."""
    return {
        "learning_curves.csv": _csv(("suite", "recipe", "seed", "epoch", *CURVES), _learning_curves(sources)),
        "recipes.csv": _csv(("suite", "recipe", "validation_accuracy", "test_accuracy"), _recipes(sources)),
        "search_history.csv": _csv(
            ("guideline", "trial", "state", "validation_accuracy", "best_so_far"), _search_history(sources)
        ),
        "confusion.csv": _csv(("actual", "predicted", "images"), _confusion(sources)),
    }


def _learning_curves(sources: Sources) -> Iterable[Sequence[Any]]:
    for suite in (*sources.of_stage("train"), *filter(_is_small, sources.of_stage("transfer"))):
        for entry in suite.entries:
            for epoch in entry.record.epochs:
                figures = (_short(epoch.values.get(metric)) for metric in CURVES)
                yield (suite.suite, entry.name, entry.seed, epoch.epoch + 1, *figures)


def _is_small(study: Suite) -> bool:
    """Whether a transfer study has few enough runs to draw each: none of many pairs or many numbers of labels."""
    return all(task.declared and len(task.labels) == 1 for task in study.study.tasks.values())


def _recipes(sources: Sources) -> Iterable[Sequence[Any]]:
    for suite in sources.of_stage("train"):
        for arm in arms(sources, suite):
            if arm.validation and arm.test:
                test = arm.test.accuracy.mean
                yield suite.suite, f"{suite.suite}/{arm.name}", _short(arm.validation.mean), _short(test)


def _search_history(sources: Sources) -> Iterable[Sequence[Any]]:
    """The searches by accuracy, whatever else they search by."""
    for _, found in with_winner(sources):
        reached: list[float] = []
        for trial in valued(trials(found)):
            if (value := (trial.values or {}).get(ACCURACY)) is not None:
                reached.append(value)
                yield found.guideline, trial.number, trial.state, _short(value), _short(max(reached))


def _confusion(sources: Sources) -> Iterable[Sequence[Any]]:
    champion = sources.evaluation.champion
    if champion:
        classes = champion["classes"]
        for actual, counts in zip(classes, champion["confusion"], strict=True):
            for predicted, count in zip(classes, counts, strict=True):
                yield actual, predicted, count


def _csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue().encode()


def _short(figure: float | None) -> str:
    return "" if figure is None else f"{figure:.6g}"
