"""A study's findings from its runs, on the images of either split."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from bythebook.records.run import RunRecord
from bythebook.records.study import StudyFindings, StudyOutline, TransferStudy
from bythebook.records.suite import Entry, Suite
from bythebook.runs.run import Run
from bythebook.transfer.findings import Arm, findings

One = TypeVar("One", Run, Entry)


def on_validation(outline: StudyOutline, runs: Sequence[Run], records: Mapping[str, RunRecord]) -> TransferStudy:
    """Return the study with what its finished runs found on validation images."""

    def accuracy(run: Run) -> float | None:
        record = records[run.key]
        return record.final_metrics["val_accuracy"] if record.is_finished else None

    images = {name: task.validation for name, task in outline.tasks.items()}
    found = findings(outline, "val_accuracy", _by_arm(runs, accuracy), images)
    return TransferStudy(name=outline.name, strategies=outline.strategies, tasks=outline.tasks, validation=found)


def on_test(suite: Suite, measured: Callable[[Entry], Mapping[str, Any] | None]) -> StudyFindings:
    """Return what the saved weights of a study found on test images.

    Args:
        suite: as a transfer stage wrote it.
        measured: a run's figures, or None for a run without any.
    """

    def accuracy(entry: Entry) -> float | None:
        found = measured(entry)
        return found["accuracy"] if found else None

    found = ((entry.tags["task"], measured(entry)) for entry in suite.entries if entry.tags["arm"])
    images = {task: own["images"] for task, own in found if own}
    return findings(suite.study, "accuracy", _by_arm(suite.entries, accuracy), images)


def _by_arm(runs: Iterable[One], accuracy: Callable[[One], float | None]) -> dict[Arm, dict[int, float]]:
    """Accuracies by task, strategy and labels, and seed; sources are no arms."""
    found: dict[Arm, dict[int, float]] = {}
    for run in runs:
        value = accuracy(run) if run.tags["arm"] else None
        if value is not None:
            arm = run.tags["task"], run.tags["arm"], int(run.tags["labels"])
            found.setdefault(arm, {})[run.seed] = float(value)
    return found
