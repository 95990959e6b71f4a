"""Made-up records of runs, whole as training leaves them; equal arguments give equal records."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from bythebook import recipe
from bythebook import techniques as techniques  # fills the register
from bythebook.records.run import SCHEMA, RunRecord, Timings

ENVIRONMENT = {"tensorflow": "2.21.0", "keras": "3.15.1", "numpy": "2.4.0", "machine": "x86_64"}
REASONS = {"diverged": "loss became NaN in epoch 4", "pruned": "stopped by the pruner after epoch 3"}
PARAMETERS = 266_610
RATE = 0.001


def made_hex(text: str) -> str:
    """What stands for a digest."""
    return hashlib.sha256(text.encode()).hexdigest()


def made_rows(losses: Sequence[float], rate: float = RATE) -> list[dict[str, Any]]:
    """Rows of a curve whose losses are given; accuracies are 1 minus the loss."""
    return [
        {
            "epoch": epoch,
            "loss": loss,
            "accuracy": 1 - loss,
            "val_loss": loss,
            "val_accuracy": 1 - loss,
            "learning_rate": rate,
        }
        for epoch, loss in enumerate(losses)
    ]


def without_curves(row: Mapping[str, Any]) -> dict[str, Any]:
    """An epoch's losses and accuracies, as ``final`` and ``best`` have them."""
    return {name: value for name, value in row.items() if name not in ("learning_rate", "layers")}


def run_record(
    declared: Mapping[str, Any] | None = None,
    seed: int = 0,
    rows: Sequence[Mapping[str, Any]] | None = None,
    status: str = "finished",
    *,
    data: Mapping[str, Any] | None = None,
    identity: Mapping[str, Any] | None = None,
    **fields: Any,
) -> RunRecord:
    """A run record.

    Args:
        declared: the recipe, as what differs from the defaults.
        rows: of the curve; without any, two epochs.
        data: what differs of the data that it saw.
        identity: what differs of its identity.
        fields: what differs of the record itself.
    """
    curve = made_rows([0.5, 0.25]) if rows is None else list(rows)
    seen = {"dataset": "digits", "task": None, "side": None, "labels": None, "digest": made_hex("data")}
    whole: dict[str, Any] = {
        "schema": SCHEMA,
        "recipe": recipe.resolve(declared or {}, "made"),
        "seed": seed,
        "data": seen | dict(data or {}),
        "code": made_hex("code"),
        "environment": ENVIRONMENT,
        "strategy": None,
        "source": None,
        "source_view": None,
        "loop": "fused",
        **(identity or {}),
    }
    last = without_curves(curve[-1]) if curve else None
    record = {
        "schema": SCHEMA,
        "key": made_hex(json.dumps(whole)),
        "status": status,
        "reason": REASONS.get(status),
        "identity": whole,
        "input_shape": [8, 8],
        "classes": 10,
        "parameters": PARAMETERS,
        "trainable_parameters": PARAMETERS,
        "loop": whole["loop"],
        "phases": [{"name": "fit", "first_epoch": 0, "epochs": len(curve)}],
        "epochs": curve,
        "final": last,
        "best": last,
        "range_test": None,
        "shared": None,
        "weights_sha256": None,
        **fields,
    }
    return RunRecord.of(record)


def made_timings(record: RunRecord, started: float) -> Timings:
    """When the run was trained: two seconds for each epoch, and one more."""
    count = len(record.epochs)
    return Timings(
        started=started,
        seconds=2.0 * count + 1,
        cpu_seconds=2.0 * count + 0.5,
        compile_seconds=0.5,
        epoch_ended=[started + 2 * (epoch + 1) for epoch in range(count)],
    )


def changed(record: RunRecord, **fields: Any) -> RunRecord:
    """The record with other fields, given as its file has them."""
    return RunRecord.of({**record.as_json(), **fields})
