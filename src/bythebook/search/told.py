"""What a study has been told: one file for each trial, in the order of numbers, written whole or not at all."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from bythebook.locks import locked
from bythebook.records.layout import look_up_record
from bythebook.records.search import ToldTrial
from bythebook.sealed import write_sealed

LOCK = "lock"


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
        while trial := look_up_record(self._path(len(found)), self._name(len(found)), ToldTrial):
            found.append(trial)
        return found

    def write(self, number: int, trial: ToldTrial) -> None:
        """Keep a trial.

        Raises:
            OSError: the disk is full or the folder cannot be written.
        """
        write_sealed(self._path(number), self._name(number), trial.as_json())

    def held(self) -> AbstractContextManager[None]:
        """Let this process alone search the study while the block runs.

        Raises:
            UserError: another process searches it.
        """
        return locked(self._folder / LOCK, f"the study {self._study}", "is being searched")

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:05d}.json"

    def _name(self, number: int) -> str:
        return f"{self._study}/{number}"
