"""Measurements made up for claims: runs of recipes, and probes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from made_records import made_rows, run_record

from bythebook.claims.comparison import Comparison
from bythebook.claims.declaration import Claim
from bythebook.claims.kinds import KINDS
from bythebook.claims.measurements import Measurements
from bythebook.records.suite import Entry


def entry(
    delta: Mapping[str, Any], seed: int, curve: Sequence[float], status: str = "finished", dataset: str = "digits"
) -> Entry:
    """A run whose validation loss follows ``curve``; its accuracies are 1 minus the loss."""
    record = run_record(delta, seed, made_rows(curve), status, data={"dataset": dataset})
    return Entry("made", "", seed, "0" * 64, {}, Path(), record)


def measured(
    runs: Mapping[str, Sequence[Entry]] | None = None, probes: Mapping[str, Mapping[str, Sequence[float]]] | None = None
) -> Measurements:
    """Test accuracies are the validation accuracies plus 0.01."""
    tests = {
        f"{arm}/seed-{run.seed}": {"accuracy": run.record.final_metrics["val_accuracy"] + 0.01}
        for arm, entries in (runs or {}).items()
        for run in entries
        if run.record.is_finished
    }
    sides = {
        arm: {metric: dict(enumerate(values)) for metric, values in metrics.items()}
        for arm, metrics in (probes or {}).items()
    }
    return Measurements(runs or {}, tests, sides)


def grid(**accuracies: list[float | None]) -> Measurements:
    """Runs of several seeds whose validation accuracies are given; None diverges."""
    runs = {
        f"suite/{name}": [
            entry({}, seed, [1 - (value or 0)], "finished" if value else "diverged")
            for seed, value in enumerate(values)
        ]
        for name, values in accuracies.items()
    }
    return measured(runs)


def probe(**arms: Sequence[float]) -> Measurements:
    """Sides of one probe, with one metric called ``x``."""
    return measured(probes={f"probe/{name}": {"x": values} for name, values in arms.items()})


def comparison(kind: str, **fields: Any) -> Comparison:
    return KINDS[kind].model_validate({"kind": kind, **fields})


def claim(name: str, *comparisons: Comparison) -> Claim:
    return Claim(name, "something holds", "somebody", comparisons)
