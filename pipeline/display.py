"""The live display of a stage in a terminal: one block below the log lines, gone when the stage ends."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import TextIO, cast

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from pipeline.progress_state import Tally, duration

MOST_LINES = 8
BAR_WIDTH = 24


def block(stage: str, tally: Tally, now: float) -> RenderableType:
    """What the display shows: a line for the stage, and one for every running run."""
    left = tally.left(now)
    head = Table.grid(padding=(0, 2))
    times = f"{duration(tally.elapsed(now))} so far" + ("" if left is None else f", about {duration(left)} left")
    bar = ProgressBar(total=1.0, completed=tally.share, width=BAR_WIDTH)
    head.add_row(stage, bar, f"{tally.done}/{tally.total} runs", times)
    rows = Table.grid(padding=(0, 2))
    running = list(tally.running.values())
    for run in running[:MOST_LINES]:
        accuracy = "" if run.accuracy is None else f"validation accuracy {run.accuracy:.4f}"
        rows.add_row(f"  {run.title}", f"epoch {run.epoch}/{run.epochs or '?'}", accuracy)
    if len(running) > MOST_LINES:
        rows.add_row(f"  and {len(running) - MOST_LINES} more", "", "")
    return Group(head, rows)


class Display:
    """A block that is drawn again several times a second, while log lines go on above it.

    Args:
        render: gives the block as it is now; called from another thread.
    """

    def __init__(self, console: Console, render: Callable[[], RenderableType]) -> None:
        self._live = Live(get_renderable=render, console=console, transient=True, redirect_stdout=False)
        # Writes lines as they are, unbroken whatever the terminal's width.
        self._above = cast(TextIO, SimpleNamespace(write=partial(console.out, end="", highlight=False)))
        self._moved: list[logging.StreamHandler[TextIO]] = []

    def start(self) -> None:
        """Shows the block, and moves what is logged to standard error above it."""
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.StreamHandler) and handler.stream is sys.stderr:
                self._moved.append(handler)
                handler.setStream(self._above)
        self._live.start(refresh=True)

    def stop(self) -> None:
        """Removes the block; the log lines stay."""
        self._live.stop()
        for handler in self._moved:
            handler.setStream(sys.stderr)
        self._moved.clear()
