"""Suites of made-up runs, written as a stage writes them, and the events of training them."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bythebook.runs.suite import Heading
from bythebook.tracking import Execution, Planned

DATA_DIGEST = hashlib.sha256(b"the data").hexdigest()
STARTED = 1_767_225_600.0
EPOCHS = 4


def made_record(
    name: str, seed: int, epochs: int = EPOCHS, status: str = "finished", rate: float = 0.01
) -> dict[str, Any]:
    """A record by the format of run records; equal arguments give equal records."""
    identity = {
        "recipe": {
            "hidden": [300, 100],
            "activation": {"name": name, "negative_slope": 0.2} if name == "leaky_relu" else {"name": name},
            "initializer": {"name": "he_normal"},
            "regularizer": None,
            "optimizer": {"name": "sgd", "learning_rate": rate, "momentum": 0.9},
            "scaling": "standardized",
            "batch_size": 32,
            "epochs": epochs,
        },
        "seed": seed,
        "data": {"dataset": "digits", "task": None, "side": None, "digest": DATA_DIGEST},
        "code": hashlib.sha256(b"the code").hexdigest(),
        "environment": {"tensorflow": "2.21.0", "keras": "3.15.1", "numpy": "2.4.0", "machine": "x86_64"},
        "strategy": None,
        "source": None,
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
    last = {key: value for key, value in rows[-1].items() if key != "learning_rate"} if rows else None
    return {
        "schema": 1,
        "key": hashlib.sha256(json.dumps(identity).encode()).hexdigest(),
        "status": status,
        "reason": "loss became NaN in epoch 4" if status == "diverged" else None,
        "identity": identity,
        "parameters": 266610,
        "trainable_parameters": 266610,
        "phases": [{"name": "fit", "first_epoch": 0, "epochs": epochs}],
        "epochs": rows,
        "final": last,
        "best": last,
        "range_test": None,
        "shared": None,
        "weights_sha256": None,
    }


def made_timings(record: dict[str, Any]) -> dict[str, Any]:
    """When the run was trained."""
    seconds = 2.0 * len(record["epochs"]) + 1
    ended = [STARTED + 2 * (row["epoch"] + 1) for row in record["epochs"]]
    return {"started": STARTED, "seconds": seconds, "cpu_seconds": seconds - 0.5, "epoch_ended": ended}


def events(name: str, record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What a worker emits while it trains the run."""
    key, timings = record["key"], made_timings(record)
    started = {"event": "started", "key": key, "name": name, "seed": record["identity"]["seed"], "at": STARTED}
    yield started
    for row, at in zip(record["epochs"], timings["epoch_ended"], strict=True):
        yield {"event": "epoch", "key": key, "row": row, "at": at}
    yield {"event": "finished", "key": key, "record": record, "timings": timings}


def made_execution(records: dict[str, list[dict[str, Any]]], suite: str = "activations") -> Execution:
    """What a stage would plan before it trains the records."""
    planned = tuple(
        Planned(record["key"], name, record["identity"]["seed"], f"about {name}", {}, record["identity"])
        for name, group in records.items()
        for record in group
    )
    heading = Heading(suite, f"train@{suite}", "digits", f"which of the {suite}?")
    return Execution._of(heading, list(planned), None)


def write_suite_folder(
    directory: Path,
    records: dict[str, list[dict[str, Any]]],
    suite: str = "activations",
    extra: dict[str, Any] | None = None,
) -> Path:
    """A suite's folder by the format of suites."""
    listed = []
    for name, group in records.items():
        for record in group:
            seed = record["identity"]["seed"]
            path = Path(name) / f"seed-{seed}"
            (directory / path).mkdir(parents=True)
            (directory / path / "record.json").write_text(json.dumps(record))
            about, key = f"about {name}", record["key"]
            listed.append({"name": name, "about": about, "seed": seed, "key": key, "path": path.as_posix(), "tags": {}})
    heading = Heading(suite, f"train@{suite}", "digits", f"which of the {suite}?")
    index = {"schema": 1, **vars(heading), "runs": listed, "extra": extra or {}}
    (directory / "suite.json").write_text(json.dumps(index))
    return directory
