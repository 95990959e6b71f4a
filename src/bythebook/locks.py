"""Locks that one process at a time has: files that say who that is, and that end with their process."""

from __future__ import annotations

import fcntl
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bythebook.errors import UserError
from bythebook.process import Process

# A process that is told to end still sends MLflow what it has, for twenty seconds at most.
ENDING_SECONDS = 40.0

log = logging.getLogger(__name__)


@contextmanager
def locked(path: Path, name: str, busy: str) -> Iterator[None]:
    """Keep other processes out of a block; one that is about to end is waited for.

    Args:
        path: of the lock, which stays there.
        name: of what is locked.
        busy: what its holder does, such as ``is still running``.

    Raises:
        UserError: another process has it, and is not about to end.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as lock:
        _wait_for(lock, name, busy)
        lock.truncate(0)
        lock.write(f"{Process.here()}\n{Process.parent()}\n")
        lock.flush()
        yield


def _wait_for(lock: IO[str], name: str, busy: str) -> None:
    """Take the lock; while a holder that is being ended still has it, wait: that takes it seconds."""
    end = time.monotonic() + ENDING_SECONDS
    told = False
    while not _take(lock):
        lock.seek(0)
        written = lock.read()
        # What has ended itself held it before, and the present holder is about to say who it is.
        if time.monotonic() > end or (written and not any(one.has_ended() for one in _processes(written))):
            who = ", ".join(one.told() for one in _processes(written)[:1]) or "another process"
            raise UserError(f"{name} {busy} in {who}; wait for it or stop it.")
        if not told:
            log.info("%s: waiting for its last process, which is ending", name)
            told = True
        time.sleep(0.1)


def _take(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _processes(written: str) -> list[Process]:
    """Return who holds a lock and the process that started it; nothing if that is not what is written there."""
    try:
        return [Process.of(line) for line in written.splitlines()]
    except ValueError:
        return []
