"""The memo: every finished run, in a folder named by its key, its files with their digests.

It lies outside DVC's outputs, because DVC deletes those before a stage runs. A killed stage resumes, an edited recipe
trains alone and a rerun is cheap, all by the same look-up.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from bythebook.errors import DataError
from bythebook.files import new_directory, sha256_of, write_bytes
from bythebook.records.layout import look_up_record
from bythebook.records.run import RECORD, SCHEMA, WEIGHTS, RunRecord, Timings
from bythebook.runs.dvc_cache import restored
from bythebook.sealed import discard, read_sealed, write_sealed

log = logging.getLogger(__name__)

LAYOUT, TIMINGS = "layout", "timings.json"


class Memo:
    """Finished runs by key."""

    def __init__(self, directory: Path) -> None:
        self._root = directory

    def directory(self, key: str) -> Path:
        """Where a run's files are, or would be.

        Raises:
            ValueError: the key is none, and would name the folder of all runs.
        """
        if not key:
            raise ValueError("a run's key is not empty")
        return self._root / key[:2] / key

    def tell_of_earlier_layouts(self) -> None:
        """Say, once, that runs were kept under keys of another layout, which nobody will look up again."""
        mark, now = self._root / LAYOUT, str(SCHEMA).encode()
        if mark.is_file() and mark.read_bytes() == now:
            return
        if next(self._root.glob("??/*"), None):
            log.warning(
                "the runs in %s are of an earlier version, whose keys were made otherwise: they are trained again."
                " The folder can be removed.",
                self._root,
            )
        write_bytes(mark, now)

    def record(self, key: str) -> RunRecord | None:
        """Return the record of a finished run, or None if it has to be trained; a damaged entry counts as none.

        A run that is not here but in DVC's cache is taken over.
        """
        directory = self.directory(key)
        if not directory.exists():
            return self._take_over(key)
        try:
            record = RunRecord.of(read_sealed(directory / RECORD, key))
            weights = record.weights_sha256
            if weights is None or sha256_of(directory / WEIGHTS) == weights:
                return record
        except (DataError, ValidationError, OSError):
            pass
        discard(directory)
        return self._take_over(key)

    def timings(self, key: str) -> Timings | None:
        """Return when and how long the run was trained on this machine, if it was; damaged ones count as none."""
        return look_up_record(self.directory(key) / TIMINGS, key, Timings)

    def keep(
        self, record: RunRecord, timings: Timings | None, save_weights: Callable[[Path], None] | None
    ) -> RunRecord:
        """Keep a finished run, complete or not at all, and return its record with the digest of its weights.

        Args:
            timings: None where another machine trained it.
        """
        with new_directory(self.directory(record.key)) as building:
            digest = None
            if save_weights is not None:
                save_weights(building / WEIGHTS)
                digest = sha256_of(building / WEIGHTS)
            record = record.model_copy(update={"weights_sha256": digest})
            write_sealed(building / RECORD, record.key, record.as_json())
            if timings is not None:
                write_sealed(building / TIMINGS, record.key, timings.as_json())
        return record

    def _take_over(self, key: str) -> RunRecord | None:
        """Keep a run that DVC's cache has; return its record."""
        found = restored(self._root.parent, key)
        if found is None:
            return None
        record, weights = found
        return self.keep(record, None, partial(shutil.copyfile, weights) if weights else None)
