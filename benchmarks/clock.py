"""CPU and wall time of a process, epoch by epoch."""

from __future__ import annotations

import time
from typing import Any

Times = dict[str, float]


class Clock:
    """Notes the time between marks: CPU seconds of all threads of this process, and wall seconds."""

    def __init__(self) -> None:
        self._last = _now()
        self.spans: list[Times] = []

    def mark(self) -> None:
        """Ends a span and begins the next."""
        now = _now()
        self.spans.append({"cpu": now[0] - self._last[0], "wall": now[1] - self._last[1]})
        self._last = now

    def callback(self) -> Any:
        """A Keras callback that marks the end of every epoch, its validation included."""
        import keras

        return keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: self.mark())

    def answer(self) -> dict[str, Any]:
        """The first epoch, which traces and compiles, apart from the steady ones."""
        return {"first": self.spans[0], "steady": self.spans[1:]}


def _now() -> tuple[float, float]:
    return time.process_time(), time.perf_counter()
