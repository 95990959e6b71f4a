"""``python -m benchmarks.studies``: how many trials a minute one study takes, by database and number of workers.

A trial is a formula that lasts a quarter of a second, so that what is missing to the most that the workers could do is
what proposing trials and telling results costs. PostgreSQL takes part if it is installed, on this machine. What is
measured is printed and kept nowhere.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import machine
from bythebook.records.events import Event
from bythebook.search.storage import sqlite_address
from bythebook.search.trials import TrialResult, TrialTask
from tests import postgresql
from tests.search import synthetic_search as synthetic

TRIALS, WORKERS, SECONDS = 200, (2, 4), 0.25


class Warned(logging.Handler):
    """Counts what a search warns of, which is that its database did not answer."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.times = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Counts."""
        self.times += 1


def train(task: TrialTask, emit: Callable[[Event], None]) -> TrialResult:
    """A formula that takes its time."""
    time.sleep(SECONDS)
    return synthetic.train(task, emit)


def main() -> int:
    """Searches each study and prints a line for it."""
    machine.warn_if_busy()
    warned = Warned()
    logging.getLogger("bythebook").addHandler(warned)
    print(f"{'database':<12}{'workers':>8}{'trials/min':>12}{'of the most':>13}{'warnings':>10}")
    with tempfile.TemporaryDirectory() as folder, _server() as server:
        for workers in WORKERS:
            for database in ("SQLite", *(["PostgreSQL"] if server else [])):
                name = f"studies-{workers}"
                address = server.create(name) if database != "SQLite" and server else sqlite_address(Path(folder, name))
                before, rate = warned.times, _rate(Path(folder, database, name), address, workers)
                share = rate * SECONDS / 60 / workers
                print(f"{database:<12}{workers:>8}{rate:>12.0f}{share:>13.0%}{warned.times - before:>10}", flush=True)
    return 0


def _rate(folder: Path, address: str, workers: int) -> float:
    """Trials per minute."""
    settings = synthetic.SETTINGS.model_copy(update={"trials": TRIALS, "in_flight": 2 * workers})
    began = time.monotonic()
    trials = synthetic.run(folder, settings, synthetic.with_workers(workers, train), address=address)
    assert [trial.number for trial in trials] == list(range(TRIALS))
    return 60 * TRIALS / (time.monotonic() - began)


@contextmanager
def _server() -> Iterator[postgresql.Server | None]:
    if postgresql.programs() is None:
        yield None
        return
    with postgresql.served() as server:
        yield server


if __name__ == "__main__":
    sys.exit(main())
