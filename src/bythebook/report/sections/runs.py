"""Every run of a stage's suite, and where MLflow shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bythebook.records.suite import Suite
from bythebook.report.sources import Sources


@dataclass(frozen=True)
class RunRow:
    """One run: where it belongs, how it ended, and its figures."""

    name: str
    seed: int
    key: str
    status: str
    reason: str | None
    epochs: int
    validation: float | None
    test: Mapping[str, Any] | None


@dataclass(frozen=True)
class RunTable:
    """All runs of a suite, in its order.

    Attributes:
        experiment: the name of their experiment in MLflow.
        address: the page of the MLflow UI that leads to it. By name: its number differs from store to store.
    """

    rows: tuple[RunRow, ...]
    experiment: str
    address: str


def run_table(sources: Sources, suite: Suite) -> RunTable:
    """The runs of one suite."""
    rows = tuple(
        RunRow(
            entry.name,
            entry.seed,
            entry.key,
            entry.record.status,
            entry.record.reason,
            len(entry.record.epochs),
            entry.record.final_metrics.get("val_accuracy"),
            sources.test(suite.suite, entry.name, entry.seed),
        )
        for entry in suite.entries
    )
    # Without the type of work the page lists experiments among the views for language models.
    query = f"workflowType=machine_learning&experimentSearchFilter={quote(suite.experiment, safe='')}"
    return RunTable(rows, suite.experiment, f"{sources.mlflow_ui.rstrip('/')}/#/experiments?{query}")
