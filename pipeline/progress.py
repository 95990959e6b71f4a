"""How a stage comes along: a live display in a terminal, log lines everywhere."""

from __future__ import annotations

import logging
import sys
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING

from bythebook.records.events import Event, RunEnded, RunEvaluated, RunStarted
from pipeline.progress_state import Tally, duration

if TYPE_CHECKING:
    from rich.console import RenderableType

    from pipeline.display import Display

log = logging.getLogger("pipeline")

QUIET_SECONDS = 60.0


class Progress:
    """An observer that tells the user how a stage comes along, for the time of a block.

    A finished run is one log line. In a terminal a live display stands below them; elsewhere a line says that the
    stage still works when it has said nothing for a while. At the end one line sums up.

    Args:
        stage: its name.
        quiet_seconds: how long it may say nothing outside a terminal.
    """

    def __init__(self, stage: str, quiet_seconds: float = QUIET_SECONDS) -> None:
        self._stage, self._quiet_seconds = stage, quiet_seconds
        self._tally = Tally()
        # The display and the signs of life come from threads of their own.
        self._lock = threading.RLock()
        self._display: Display | None = None
        self._said, self._ended = threading.Event(), False
        self._sign: threading.Thread | None = None

    def __enter__(self) -> Progress:
        return self

    def __call__(self, event: Event) -> None:
        """Takes an event of a run."""
        with self._lock:
            self._tally.take(event, time.monotonic())
        if isinstance(event, RunStarted) and self._display is None and self._sign is None:
            self._begin()
        if isinstance(event, RunEnded | RunEvaluated):
            self._say(self._tally.title(event.key), _result(event))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended = True
        self._said.set()
        if self._display:
            self._display.stop()
        if self._sign:
            self._sign.join()
        if kind is None and self._tally.done:
            log.info("%s: %s", self._stage, self._summary())

    def _begin(self) -> None:
        if sys.stderr.isatty():
            from rich.console import Console

            from pipeline.display import Display

            console = Console(stderr=True)
            if not console.is_dumb_terminal:
                self._display = Display(console, self._block)
                self._display.start()
                return
        self._sign = threading.Thread(target=self._give_signs, daemon=True)
        self._sign.start()

    def _block(self) -> RenderableType:
        from pipeline.display import block

        with self._lock:
            return block(self._stage, self._tally, time.monotonic())

    def _give_signs(self) -> None:
        while not self._ended:
            self._said.clear()
            if not self._said.wait(self._quiet_seconds):
                with self._lock:
                    running = "; ".join(str(run) for run in self._tally.running.values())
                self._say("running", running or "nothing yet")

    def _say(self, *parts: str) -> None:
        with self._lock:
            place = self._tally.place(time.monotonic())
        log.info("  ".join([self._stage, place, *parts]))
        self._said.set()

    def _summary(self) -> str:
        tally = self._tally
        text = f"{tally.done} runs in {duration(tally.elapsed(time.monotonic()))}"
        if tally.compiled is None or not tally.worked:
            return text
        return f"{text}; {100 * tally.compiled / tally.worked:.0f} % of the workers' time went into compiling"


def _result(event: RunEnded | RunEvaluated) -> str:
    if isinstance(event, RunEvaluated):
        return f"test accuracy {event.accuracy:.4f}"
    record = event.record
    if record.status == "diverged":
        return f"diverged: {record.reason}"
    word = "pruned at" if record.status == "pruned" else "reached"
    metric = "accuracy" if "val_accuracy" in record.final_metrics else "loss"
    value = record.final_metrics[f"val_{metric}"]
    return f"{word} validation {metric} {value:.4f} in {event.timings.seconds:.1f} s"
