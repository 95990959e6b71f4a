"""Where searches are kept."""

from __future__ import annotations

import os

from bythebook.search.storage import sqlite_address
from pipeline import stage
from pipeline.params import Params


def address(params: Params) -> str:
    """The user's ``BYTHEBOOK_STUDIES``, the parameters' database, or the project's own SQLite file."""
    return os.environ.get("BYTHEBOOK_STUDIES") or params.studies or own()


def own() -> str:
    """The SQLite file in the project's folder."""
    return sqlite_address(stage.STUDIES)
