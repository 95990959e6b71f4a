"""The only reader of the test split: every run's saved weights on images that no choice has seen."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bythebook import statistics
from bythebook.documents import write_json
from bythebook.evaluation import cache
from bythebook.evaluation.evaluated_run import EvaluationTask, Settings, evaluate_run
from bythebook.files import new_directory
from bythebook.records.evaluation import EVALUATION
from bythebook.records.events import Observe, RunsAnnounced
from bythebook.records.suite import Entry, Suite
from bythebook.runs.executor import Executor
from bythebook.target import LABELS
from bythebook.transfer.verdicts import on_test

log = logging.getLogger(__name__)

AVERAGED = ("accuracy", "loss", "nll", "ece")


def evaluate(
    suites: Sequence[Suite],
    standardized: Path,
    tasks: Path,
    settings: Settings,
    executor: Executor,
    observe: Observe,
    before: Path,
    output: Path,
) -> None:
    """Evaluates every run that can be asked for classes and writes ``evaluation.json`` and ``sample_errors.npz``.

    Args:
        standardized: the folder with a folder for each standardized dataset, with its test split.
        tasks: the folder of the A/B tasks.
        observe: receives the events of the runs that are evaluated.
        before: the folder of what was evaluated before, and is not again.
        output: the folder to write.
    """
    entries = {path_of(suite, entry): entry for suite in suites for entry in suite.entries if _has_classes(entry)}
    # Of trials and of transfer nobody asks for more than plain predictions.
    further = {suite.suite for suite in suites if suite.kind in ("train", "champion")}
    champion = _champion(suites)
    work = {
        path: EvaluationTask(
            path,
            entry.record,
            entry.weights,
            standardized,
            tasks,
            settings if path.partition("/")[0] in further else None,
            before,
            path == champion,
        )
        for path, entry in entries.items()
        if entry.weights
    }
    found = _measured(work, executor, observe)
    errors = found[champion].pop("errors", None) if champion else None
    runs = {path: {"key": entries[path].key, **result} for path, result in found.items()}
    with new_directory(output) as building:
        write_json(
            building / EVALUATION,
            {
                "runs": runs,
                "recipes": _by_recipe(runs),
                "transfer": _transfer(suites, runs),
                "champion": {"run": champion, **runs[champion]} if champion else None,
            },
        )
        if errors:
            np.savez(building / "sample_errors.npz", **errors)


def _has_classes(entry: Entry) -> bool:
    """Whether a run has weights and was trained for labels, and not pretrained without them."""
    return entry.weights is not None and entry.record.recipe["target"] == LABELS


def path_of(suite: Suite, entry: Entry) -> str:
    """How the evaluation names a run: ``suite/recipe/seed-0``."""
    return f"{suite.suite}/{entry.name}/seed-{entry.seed}"


def _measured(work: dict[str, EvaluationTask], executor: Executor, observe: Observe) -> dict[str, dict[str, Any]]:
    """What every run is worth, by path, in the order of ``work``."""
    # One run may be part of several suites. The champion's mistakes are images, which are not kept.
    places = {path: str(task.kept or path) for path, task in work.items()}
    tasks = {places[path]: task for path, task in work.items()}
    looked_up = {place: cache.read(task.kept) if task.kept else None for place, task in tasks.items()}
    known = {place: found for place, found in looked_up.items() if found is not None}
    missing = {place: task for place, task in tasks.items() if place not in known}
    log.info("%d runs: %d already evaluated, %d to evaluate", len(tasks), len(known), len(missing))
    observe(RunsAnnounced({task.path: task.expected() for task in missing.values()}))
    known |= dict(zip(missing, executor.map(evaluate_run, list(missing.values()), observe), strict=True))
    return {path: known[places[path]] for path in work}


def _champion(suites: Sequence[Suite]) -> str | None:
    for suite in suites:
        if suite.suite == "champion":
            return f"champion/{suite.choice.chosen}/seed-{suite.choice.model_seed}"
    return None


def _by_recipe(runs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, result in runs.items():
        groups.setdefault(path.rsplit("/", 1)[0], []).append(result)
    return {
        path: {name: statistics.interval([result[name] for result in results]).as_json() for name in AVERAGED}
        for path, results in groups.items()
    }


def _transfer(suites: Sequence[Suite], runs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What each transfer study found, by the name of its suite."""
    studies = [suite for suite in suites if suite.kind == "transfer"]
    return {study.suite: on_test(study, partial(_measured_of, runs, study)).as_json() for study in studies}


def _measured_of(runs: dict[str, dict[str, Any]], suite: Suite, entry: Entry) -> dict[str, Any] | None:
    return runs.get(path_of(suite, entry))
