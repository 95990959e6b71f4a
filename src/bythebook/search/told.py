"""What a study has been told: one file for each trial, in the order of numbers, written whole or not at all."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from bythebook.errors import UserError
from bythebook.records.search import ToldTrial
from bythebook.sealed import discard, look_up, write_sealed

LOCK = "lock"
DYING_SECONDS = 3.0  # that the process of another search has to end after it was killed


class ToldTrials:
    """The told trials of one study.

    Args:
        root: the folder with a folder for each study.
        study: its name.
    """

    def __init__(self, root: Path, study: str) -> None:
        self._folder, self._study = root / study, study

    def read(self) -> list[ToldTrial]:
        """Return the trials up to the first that is missing; a damaged file counts as missing."""
        found: list[ToldTrial] = []
        while (trial := self._look_up(len(found))) is not None:
            found.append(trial)
        return found

    def write(self, number: int, trial: ToldTrial) -> None:
        """Keep a trial.

        Raises:
            OSError: the disk is full or the folder cannot be written.
        """
        write_sealed(self._path(number), self._name(number), trial.as_json())

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let this process alone search the study while the block runs.

        Raises:
            UserError: another process searches it.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / LOCK).open("a+") as lock:
            if not _taken(lock.fileno()):
                lock.seek(0)
                who = lock.read().strip() or "unknown"
                raise UserError(
                    f"the study {self._study} is being searched by another process, {who}; wait for it or stop it."
                )
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            yield

    def _look_up(self, number: int) -> ToldTrial | None:
        path = self._path(number)
        value = look_up(path, self._name(number))
        try:
            return None if value is None else ToldTrial.of(value)
        except ValidationError:
            discard(path)
            return None

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:05d}.json"

    def _name(self, number: int) -> str:
        return f"{self._study}/{number}"


def _taken(descriptor: int) -> bool:
    """Return whether this process has the lock now; one whose holder is just dying is waited for."""
    end = time.monotonic() + DYING_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(0.1)
        except OSError:
            # The file system knows no locks.
            return True
        else:
            return True
