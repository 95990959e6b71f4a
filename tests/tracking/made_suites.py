"""Suites of made-up runs, written as a stage writes them, and the events of training them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from made_records import made_hex, made_timings, run_record

from bythebook.records.events import EpochEnded, Event, RunEnded, RunStarted
from bythebook.records.run import RunRecord
from bythebook.records.suite import Heading
from bythebook.tracking import Execution, Planned

DATA_DIGEST = made_hex("data")
STARTED = 1_767_225_600.0
EPOCHS = 4


def made_record(name: str, seed: int, epochs: int = EPOCHS, status: str = "finished", rate: float = 0.01) -> RunRecord:
    """The record of a recipe with this activation; equal arguments give equal records."""
    declared = {
        "activation": {"name": name, "negative_slope": 0.2} if name == "leaky_relu" else name,
        "initializer": "he_normal",
        "optimizer": {"name": "momentum", "learning_rate": rate, "momentum": 0.9},
        "epochs": max(1, epochs),
    }
    rows = [
        {
            "epoch": epoch,
            "loss": 2.3 * math.exp(-0.3 * epoch) + 0.01 * seed,
            "accuracy": 1 - 0.8 * math.exp(-0.4 * epoch) - 0.001 * seed,
            "val_loss": 2.3 * math.exp(-0.25 * epoch) + 0.02 * seed,
            "val_accuracy": 1 - 0.85 * math.exp(-0.35 * epoch) - 0.002 * seed,
            "learning_rate": rate,
        }
        for epoch in range(epochs)
    ]
    return run_record(declared, seed, rows, status)


def events(name: str, record: RunRecord) -> Iterator[Event]:
    """What a worker emits while it trains the run."""
    key, timings = record.key, made_timings(record, STARTED)
    yield RunStarted(key, name, record.identity.seed, STARTED)
    for epoch, at in zip(record.epochs, timings.epoch_ended, strict=True):
        yield EpochEnded(key, epoch, at)
    yield RunEnded(key, record, timings)


def made_execution(records: dict[str, list[RunRecord]], suite: str = "activations") -> Execution:
    """What a stage would plan before it trains the records."""
    planned = tuple(
        Planned(record.key, name, record.identity.seed, f"about {name}", {}, record.identity)
        for name, group in records.items()
        for record in group
    )
    heading = Heading(suite, f"train@{suite}", "digits", f"which of the {suite}?")
    return Execution.of(heading, planned)


def write_suite_folder(
    directory: Path,
    records: dict[str, list[RunRecord]],
    suite: str = "activations",
    extra: dict[str, Any] | None = None,
) -> Path:
    """A suite's folder by the format of suites."""
    listed = []
    for name, group in records.items():
        for record in group:
            seed = record.identity.seed
            path = Path(name) / f"seed-{seed}"
            (directory / path).mkdir(parents=True)
            (directory / path / "record.json").write_text(json.dumps(record.as_json()))
            about, key = f"about {name}", record.key
            listed.append({"name": name, "about": about, "seed": seed, "key": key, "path": path.as_posix(), "tags": {}})
    heading = Heading(suite, f"train@{suite}", "digits", f"which of the {suite}?")
    index = {"schema": 1, **vars(heading), "runs": listed, "extra": extra or {}}
    (directory / "suite.json").write_text(json.dumps(index))
    return directory
