"""What a search works with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bythebook.records.events import Observe
from bythebook.runs.executor import Executor


@dataclass(frozen=True)
class Resources:
    """Where a search keeps what it has, and who trains for it.

    Attributes:
        memo: the folder of finished runs.
        told: the folder of the trials that studies have been told.
        dashboard: the SQLAlchemy address of the database that shows studies, as
            :func:`bythebook.search.storage.sqlite_address` gives it.
        observe: receives the events of runs that are trained now.
    """

    memo: Path
    told: Path
    dashboard: str
    executor: Executor
    observe: Observe
