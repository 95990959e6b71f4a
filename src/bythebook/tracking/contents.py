"""What MLflow shows of a run record: parameters, metrics, tags and data. Pure functions, no MLflow."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bythebook.records.run import Epoch, Identity, RunRecord, Timings

TEST_PREFIX = "test_"
NONE = "none"
LONGEST_PARAMETER = 6000
LONGEST_DIGEST = 36
STATUSES = {"finished": "FINISHED", "diverged": "FAILED", "pruned": "KILLED"}


def parameters(identity: Identity) -> dict[str, str]:
    """The recipe and its surroundings as flat parameters.

    A technique stands under its family's name, its arguments under ``family.argument``.
    """
    flat = dict(_flatten("", identity.recipe))
    data = identity.data
    flat |= {"seed": str(identity.seed), "dataset": data.dataset}
    if data.task:
        flat |= {"task": data.task, "side": str(data.side)}
    if data.labels:
        flat["labels"] = str(data.labels)
    if identity.strategy:
        flat |= dict(_flatten("strategy", identity.strategy))
    return {name: value[:LONGEST_PARAMETER] for name, value in flat.items()}


def identity_tags(identity: Identity) -> dict[str, str]:
    """The digests that, with the recipe, decide a run's result."""
    tags = {"digest.data": identity.data.digest, "digest.code": identity.code}
    tags["environment"] = ", ".join(f"{name} {value}" for name, value in identity.environment.items())
    if identity.source:
        tags["bythebook.source"] = identity.source
    return tags


def data_input(identity: Identity) -> dict[str, str]:
    """The data a run was trained on, as the fields of an MLflow dataset."""
    data = identity.data
    name = "-".join(str(part) for part in (data.dataset, data.task, data.side) if part)
    source = {"url": f"data/standardized/{data.dataset}", "sha256": data.digest}
    return {
        "name": name,
        "digest": data.digest[:LONGEST_DIGEST],
        "source_type": "dvc",
        "source": json.dumps(source, sort_keys=True),
    }


def epoch_metrics(epoch: Epoch) -> dict[str, float]:
    """An epoch's metrics by name; what was seen of its layers under ``layers/<statistic>/<number of the layer>``."""
    metrics = {**epoch.values, **_layer_metrics(epoch.layers or {})}
    return {name: value for name, value in metrics.items() if value is not None}


def closing_metrics(record: RunRecord, timings: Timings | None) -> dict[str, float]:
    """What is known once a run has ended: its best epoch, and the seconds it took.

    MLflow shows what begins with ``system/`` on a page of its own, away from what the run has learned.
    """
    metrics: dict[str, float] = {}
    if best := record.best:
        metrics["best_epoch"] = float(best.epoch)
        metrics |= {f"best_{name}": best.metrics[name] for name in ("val_loss", "val_accuracy") if name in best.metrics}
    if timings:
        metrics |= {"system/seconds": timings.seconds, "system/cpu_seconds": timings.cpu_seconds}
    return metrics


def parent_metrics(records: Sequence[RunRecord]) -> dict[str, float]:
    """The best validation accuracy among the parent's runs; a net that reconstructs pixels has none."""
    best = [record.best.metrics for record in records if record.best]
    reached = [metrics["val_accuracy"] for metrics in best if "val_accuracy" in metrics]
    return {"best_val_accuracy": max(reached)} if reached else {}


def parent_tags(records: Sequence[RunRecord]) -> dict[str, str]:
    """How many of the parent's runs ended how."""
    counts: Counter[str] = Counter(record.status for record in records)
    return {"runs": ", ".join(f"{counts[status]} {status}" for status in STATUSES if counts[status])}


def closing_tags(record: RunRecord) -> dict[str, str]:
    """How a run ended. The outcome tag says that MLflow has everything of the record."""
    tags = {"bythebook.outcome": record.status, "parameters": str(record.parameters)}
    if record.trainable_parameters != record.parameters:
        tags["parameters.trainable"] = str(record.trainable_parameters)
    if record.reason:
        tags["reason"] = record.reason
    if len(record.phases) > 1:
        tags["phases"] = ", ".join(
            f"{phase.name} {phase.first_epoch}-{phase.first_epoch + phase.epochs - 1}" for phase in record.phases
        )
    return tags


def test_metrics(measured: Mapping[str, Any]) -> dict[str, float]:
    """The single numbers of a run's evaluation on the test split, but for its size, which is the same for all."""
    numbers = {name: float(value) for name, value in measured.items() if _is_number(value) and name != "images"}
    return {f"{TEST_PREFIX}{name}": value for name, value in numbers.items()}


def moments(record: RunRecord, timings: Timings | None, unknown: float) -> tuple[float, list[float], float]:
    """When the run started, when each epoch ended, and when the run ended, in unix seconds.

    Args:
        timings: what this machine noted, or None; then everything happened at ``unknown``, a millisecond per epoch.
    """
    count = len(record.epochs)
    if timings is None:
        ended = [unknown + index / 1000 for index in range(1, count + 1)]
        return unknown, ended, ended[-1] if ended else unknown
    finished = timings.started + timings.seconds
    ended = [*timings.epoch_ended, *[finished] * count][:count]
    return timings.started, ended, max(finished, *ended) if ended else finished


def _layer_metrics(layers: Mapping[str, Sequence[float | None]]) -> dict[str, float | None]:
    """Numbered from 1 on, from the inputs, with leading zeros: MLflow sorts metrics by name."""
    return {
        f"layers/{statistic}/{number:0{len(str(len(values)))}}": value
        for statistic, values in layers.items()
        for number, value in enumerate(values, start=1)
    }


def _flatten(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            is_name = name == "name" and prefix
            yield from _flatten(prefix if is_name else f"{prefix}.{name}" if prefix else name, part)
    elif isinstance(value, str):
        yield prefix, value
    else:
        yield prefix, NONE if value is None else json.dumps(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
