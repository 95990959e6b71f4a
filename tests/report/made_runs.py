"""Made-up runs: a record as training leaves it, and what evaluating it finds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from made_records import made_hex, run_record

from bythebook.metrics import describe
from bythebook.records.run import RunRecord

IMAGES = 1500


def made_record(
    random: np.random.Generator, key: str, seed: int, level: float, epochs: int, status: str, phases: Any
) -> RunRecord:
    """A run whose validation accuracy ends near ``level``; one that does not finish has three epochs."""
    final = min(level + random.normal(0, 0.004), 0.995)
    rows = [_row(random, epoch, final) for epoch in range(epochs if status == "finished" else 3)]
    phases = phases or [{"name": "fit", "first_epoch": 0, "epochs": epochs}]
    weights = made_hex(f"weights of {key}") if status == "finished" else None
    declared = {"initializer": "he_normal", "epochs": epochs}
    return run_record(declared, seed, rows, status, key=key, phases=phases, weights_sha256=weights)


def made_evaluation(random: np.random.Generator, accuracy: float, classes: list[str]) -> dict[str, Any]:
    """What evaluating a net of about this accuracy finds; classes 3 and 8 are harder, and 3 looks like 8."""
    labels = np.arange(IMAGES) % 10
    hard = np.where(np.isin(labels, (3, 8)), 2.2, 0.7)
    wrong = random.uniform(size=IMAGES) < (1 - accuracy) * hard
    other = np.where(labels == 3, 8, (labels + random.integers(1, 10, IMAGES)) % 10)
    predicted = np.where(wrong, other, labels)
    sure = random.uniform(0.55, 0.999, IMAGES)
    probabilities = np.repeat(((1 - sure) / 9)[:, None], 10, axis=1)
    probabilities[np.arange(IMAGES), predicted] = sure
    described = describe(probabilities, labels)
    return {"loss": described["nll"], "classes": classes, **described}


def _row(random: np.random.Generator, epoch: int, final: float) -> dict[str, Any]:
    accuracy = final - (final - 0.1) * math.exp(-0.55 * (epoch + 1)) * random.uniform(0.85, 1.15)
    return {
        "epoch": epoch,
        "loss": 2.3 * (1 - accuracy) + 0.02,
        "accuracy": accuracy,
        "val_loss": 2.3 * (1 - accuracy) + 0.03,
        "val_accuracy": accuracy,
        "learning_rate": 0.001,
    }
