"""Optuna's database of studies: a mirror of what searches keep in files, for the dashboard and for teams."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from optuna.exceptions import StorageInternalError
from optuna.storages import RDBStorage
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError, ProgrammingError

from bythebook.errors import UserError

SQLITE, POSTGRESQL = "sqlite:///", "postgresql://"
ALLOWED = f"{SQLITE}PATH or {POSTGRESQL}USER:PASSWORD@HOST/DATABASE"
LOCK_TIMEOUT = 60.0  # seconds to wait for another reader or writer of an SQLite file
# A server that is not reached, or no longer, is noticed in seconds.
CONNECTION = {
    **{"connect_timeout": 10, "tcp_user_timeout": 30_000},
    **{"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3},
}
ATTEMPTS = 3
USER = re.compile(r"^[^:/]*(:[^@]*)?@")  # user and password where SQLAlchemy sees them


def sqlite_address(folder: Path) -> str:
    """The address of the studies' SQLite file in ``folder``: absolute, so that no working folder matters.

    Its path is percent-encoded, as SQLAlchemy reads it.
    """
    return f"{SQLITE}{quote(str((folder / 'studies.db').absolute()))}"


@contextmanager
def opened(address: str) -> Iterator[RDBStorage]:
    """Open the studies at ``address``, an SQLAlchemy address; an SQLite file and its folder are made when missing.

    Raises:
        UserError: the database cannot be opened, or another version of Optuna made it; a password is never shown.
    """
    shown = shown_address(address)
    # The rest of its words says what a failed connection says again.
    logging.getLogger("optuna.storages._rdb.storage").setLevel(logging.ERROR)
    try:
        storage = _made(address, shown)
    except ImportError:
        needed = 'the module psycopg, which is not installed: run `pip install "psycopg[binary]"`'
        raise UserError(f"the studies at {shown} cannot be opened without {needed}.") from None
    except Exception as error:
        raise UserError(f"the studies at {shown} cannot be opened: {reason_of(error)}.") from None
    try:
        yield storage
    finally:
        storage.remove_session()
        storage.engine.dispose()


def _made(address: str, shown: str) -> RDBStorage:
    options: dict[str, Any] = {"pool_pre_ping": True, "connect_args": CONNECTION}
    if address.startswith(SQLITE):
        Path(shown).parent.mkdir(parents=True, exist_ok=True)
        options = {"connect_args": {"timeout": LOCK_TIMEOUT}}
    for attempt in range(ATTEMPTS):
        try:
            return RDBStorage(_for_optuna(address), options)
        except (IntegrityError, OperationalError, ProgrammingError) as error:
            # Of two processes that make the tables at the same time, one fails.
            if "exist" not in str(error) and not isinstance(error, IntegrityError) or attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def reason_of(error: BaseException) -> str:
    """Return what an error says, in one line and without SQL."""
    cause = error.__cause__ if isinstance(error, StorageInternalError) and error.__cause__ else error
    told = cause.orig if isinstance(cause, DBAPIError) else cause
    return next(iter(str(told).strip().splitlines()), type(told).__name__).rstrip(".")


def _for_optuna(address: str) -> str:
    """The address with its driver named; Optuna would fill in what stands in braces."""
    return address.replace(POSTGRESQL, "postgresql+psycopg://", 1).replace("{", "{{").replace("}", "}}")


def shown_address(address: str) -> str:
    """Return an address without user and password.

    Raises:
        UserError: studies cannot be kept at such an address.
    """
    if not address.startswith((SQLITE, POSTGRESQL)):
        kind = address.partition(":")[0] if "://" in address else "no address"
        raise UserError(f"studies cannot be kept there ({kind}). Allowed: {ALLOWED}.")
    if address.startswith(SQLITE):
        return unquote(address.removeprefix(SQLITE))
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise UserError(f"the address of the studies is no address. Allowed: {ALLOWED}.") from None
    if "@" in USER.sub("", address.removeprefix(POSTGRESQL), count=1):
        # SQLAlchemy would take the rest of the password for the host or the database, which are shown.
        raise UserError(
            "the address of the studies has an '@' that does not end user and password;"
            f" write %40 for every '@' inside them. Allowed: {ALLOWED}."
        )
    return f"{url.host}:{url.port or 5432}/{url.database}"
