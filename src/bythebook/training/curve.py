"""The learning curve of a run, and the ways a run stops before its end."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from bythebook.lazy import keras

Row = dict[str, Any]
OnEpoch = Callable[[Row], None]


class StopRun(Exception):
    """Ends a run early, from an epoch callback.

    Args:
        status: ``diverged`` or ``pruned``.
        reason: one sentence for people.
    """

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


class Curve:
    """Collects one row per epoch, over all phases of a run, and hands each to ``on_epoch``."""

    def __init__(self, on_epoch: OnEpoch) -> None:
        self.rows: list[Row] = []
        self._on_epoch = on_epoch

    def add(self, logs: dict[str, Any], learning_rate: float) -> None:
        """Notes the epoch that just ended.

        Raises:
            StopRun: the loss is no longer a number; or whatever ``on_epoch`` raises.
        """
        epoch = len(self.rows)
        row: Row = {"epoch": epoch, **{name: float(value) for name, value in logs.items()}}
        row["learning_rate"] = float(learning_rate)
        broken = sorted(name for name, value in row.items() if not math.isfinite(value))
        if broken:
            raise StopRun("diverged", f"{', '.join(broken)} became {row[broken[0]]} in epoch {epoch}")
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
