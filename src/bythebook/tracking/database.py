"""MLflow's databases: a new SQLite file that is either complete or absent, and a server that lets one in."""

from __future__ import annotations

import glob
import os
import sqlite3
from pathlib import Path

from bythebook.files import remove_abandoned, scratch_beside
from bythebook.tracking.addresses import sqlite_address
from bythebook.tracking.library import mlflow


def create(file: Path) -> None:
    """Creates MLflow's database at ``file``, unless there is one.

    MLflow makes its tables in dozens of steps. If the process is killed among them, a database is left that MLflow
    refuses for good; so the tables are made elsewhere, and the file appears once it is complete.
    """
    remove_abandoned(file.parent.glob(f".{glob.escape(file.name)}.*.part"))
    if file.exists() and file.stat().st_size:
        return
    with scratch_beside(file) as folder:
        made, complete = folder / "made.db", folder / "complete.db"
        mlflow("mlflow.tracking").MlflowClient(sqlite_address(made)).search_experiments(max_results=1)
        connection = sqlite3.connect(made)
        try:
            # MLflow keeps its connection; this copy is whole whatever that one still holds back.
            connection.execute("VACUUM INTO ?", (str(complete),))
        finally:
            connection.close()
        _place(complete, file)


def log_in(address: str) -> None:
    """Opens a connection with a database server: what a wrong password gets, MLflow would ask for again for minutes.

    Raises:
        SQLAlchemyError: the server lets nobody in.
    """
    from sqlalchemy import create_engine

    engine = create_engine(address)
    try:
        engine.connect().close()
    finally:
        engine.dispose()


def _place(complete: Path, file: Path) -> None:
    if file.exists() and not file.stat().st_size:
        file.unlink(missing_ok=True)
    try:
        # Unlike a rename, a link never replaces what another process has put there in the meantime.
        os.link(complete, file)
    except FileExistsError:
        return
    except OSError:
        # A file system without links.
        os.replace(complete, file)
