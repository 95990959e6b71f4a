"""Where studies are kept: a database that one process, the search's own, writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from optuna.storages import RDBStorage

from bythebook.errors import UserError

LOCK_TIMEOUT = 60.0  # seconds to wait for another reader or writer of an SQLite file


def sqlite_address(folder: Path) -> str:
    """The address of the studies' SQLite file in ``folder``: absolute, so that no working folder matters."""
    return f"sqlite:///{(folder / 'studies.db').absolute()}"


@contextmanager
def opened(address: str) -> Iterator[RDBStorage]:
    """The study storage at ``address``, an SQLAlchemy address; an SQLite file and its folder are made when missing.

    Raises:
        UserError: the database cannot be opened, or another version of Optuna made it.
    """
    options = {}
    shown = address.split("@")[-1]  # without a user's name and password
    try:
        if address.startswith("sqlite:///"):
            Path(address.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
            options = {"connect_args": {"timeout": LOCK_TIMEOUT}}
        storage = RDBStorage(address, engine_kwargs=options)
    except Exception as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"the studies at {shown} cannot be opened: {reason}") from None
    try:
        yield storage
    finally:
        storage.remove_session()
        storage.engine.dispose()
