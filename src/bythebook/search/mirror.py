"""Copying a study's trials to Optuna's database, which nothing depends on: files are the truth."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from optuna.exceptions import OptunaError
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bythebook.errors import UserError
from bythebook.records.search import Direction
from bythebook.search.storage import POSTGRESQL, opened, reason_of, shown_address
from bythebook.search.studies import kept

log = logging.getLogger(__name__)

# The advisory lock under which one process at a time adds trials to a PostgreSQL database.
ADVISORY = 7_290_816
SECONDS = 20.0  # between two times that trials are added while a search goes on


class Mirror:
    """One study in Optuna's database, which gets the trials that it lacks.

    A database that does not answer is told once, and tried again when the search ends.

    Args:
        address: an SQLAlchemy address.
        study: the study's name.
        directions: of each objective.

    Raises:
        UserError: studies cannot be kept at such an address.
    """

    def __init__(self, address: str, study: str, directions: Sequence[Direction]) -> None:
        self._address, self._study, self._directions = address, study, directions
        self._shown = shown_address(address)
        self._away, self._tried = False, time.monotonic()

    def add(self, trials: Sequence[FrozenTrial], last: bool = False) -> None:
        """Add those of a study's trials, from the first on, that the database lacks; now and then is enough.

        Args:
            last: whether it is done now, also in a database that was away.
        """
        if not last and (self._away or time.monotonic() - self._tried < SECONDS):
            return
        self._tried = time.monotonic()
        try:
            with opened(self._address) as storage, self._alone(storage):
                study = kept(storage, self._study, self._directions)
                there = len(study.get_trials(deepcopy=False))
                study.add_trials(trials[there:])
        except (UserError, OptunaError, SQLAlchemyError) as error:
            if not self._away:
                said = error.problems[0] if isinstance(error, UserError) else f"{self._shown}: {reason_of(error)}."
                log.warning("the dashboard's studies are not up to date; the search goes on without them: %s", said)
            self._away = True

    @contextmanager
    def _alone(self, storage: RDBStorage) -> Iterator[None]:
        """Let no other process add trials while the block runs; an SQLite file belongs to one project alone."""
        if not self._address.startswith(POSTGRESQL):
            yield
            return
        with storage.engine.connect() as connection:
            connection.execute(text("select pg_advisory_lock(:key)"), {"key": ADVISORY})
            try:
                yield
            finally:
                connection.execute(text("select pg_advisory_unlock(:key)"), {"key": ADVISORY})
