"""The learning curve of a run, and the ways a run stops before its end."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from bythebook.lazy import keras
from bythebook.records.run import Status
from bythebook.training.observation import Look

Row = dict[str, Any]
OnEpoch = Callable[[Row], None]


def measures(row: Row) -> Row:
    """One epoch's losses and accuracies, without what is only looked at over time."""
    return {name: value for name, value in row.items() if name not in ("learning_rate", "layers")}


class StopRun(Exception):
    """Ends a run early, from an epoch callback.

    Args:
        status: ``diverged`` or ``pruned``.
        reason: one sentence for people.
    """

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


class LearningCurve:
    """Collects one row per epoch, over all phases of a run, and hands each to ``on_epoch``.

    Args:
        look: gives what a row says of the hidden layers.
    """

    def __init__(self, on_epoch: OnEpoch, look: Look | None = None) -> None:
        self.rows: list[Row] = []
        self._on_epoch, self._look = on_epoch, look

    def add(self, logs: dict[str, Any], learning_rate: float) -> None:
        """Notes the epoch that just ended.

        Raises:
            StopRun: the loss is no longer a number; or whatever ``on_epoch`` raises.
        """
        epoch = len(self.rows)
        # Keras asks every metric about the validation images too; how noisy steps are is said of training alone.
        row: Row = {"epoch": epoch, **{name: float(value) for name, value in logs.items() if name != "val_step_noise"}}
        row["learning_rate"] = float(learning_rate)
        broken = sorted(name for name, value in row.items() if not math.isfinite(value))
        if broken:
            raise StopRun("diverged", f"{', '.join(broken)} became {row[broken[0]]} in epoch {epoch}")
        if self._look:
            row["layers"] = self._look()
        self.take(row)

    def take(self, row: Row) -> None:
        """Takes a finished row, and raises whatever ``on_epoch`` raises."""
        self.rows.append(row)
        self._on_epoch(row)

    def callback(self) -> Any:
        """The Keras callback that keeps this curve."""
        curve = self

        class Keeper(keras.callbacks.Callback):
            def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
                curve.add(dict(logs or {}), float(self.model.optimizer.learning_rate))

        return Keeper()
