"""Addresses of tracking stores: made absolute and checked."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from bythebook.errors import UserError
from bythebook.passwords import hide

DATABASE = "mlflow.db"
ARTIFACTS = "mlruns"
PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433}
ALLOWED = "sqlite:///PATH, postgresql://, mysql://, mssql://, http:// or https://"
CONNECT_SECONDS = 3.0
SQLITE = "sqlite"
SQLITE_HEADER = b"SQLite format 3\0"


def resolve(address: str | None, root: Path) -> str:
    """The absolute address of a tracking store.

    Args:
        address: what the user gave; None or empty means a SQLite file in ``root``.
        root: the folder that relative SQLite paths start from.

    Raises:
        UserError: MLflow cannot track at such an address.
    """
    if not address:
        return sqlite_address(root.resolve() / DATABASE)
    kind = scheme(address)
    if kind in (*PORTS, "http", "https"):
        if not urlsplit(address).netloc and not urlsplit(address).query:
            raise UserError(f"the MLflow address '{hide(address)}' names no host. Allowed: {ALLOWED}.")
        return address
    if kind != SQLITE:
        raise UserError(f"the MLflow address '{hide(address)}' cannot be used. Allowed: {ALLOWED}.")
    path = sqlite_file(address)
    if path is None:
        raise UserError(f"the MLflow address '{address}' names no file; give sqlite:///PATH.")
    return sqlite_address((root / path).resolve())


def sqlite_address(file: Path) -> str:
    """Return the address of a SQLite file, whose path is percent-encoded in it as SQLAlchemy reads it."""
    path = quote(str(file))
    # With the driver named, MLflow does not make a folder of the encoded name.
    return f"{SQLITE}:///{path}" if path == str(file) else f"{SQLITE}+pysqlite:///{path}"


def scheme(address: str) -> str:
    """The kind of store, without the name of a database driver."""
    return urlsplit(address).scheme.split("+")[0]


def sqlite_file(address: str) -> Path | None:
    """The file of a SQLite address; None for other kinds, and for a database in memory."""
    path = address.partition(":///")[2].partition("?")[0]
    return Path(unquote(path)) if scheme(address) == SQLITE and path and not path.startswith(":") else None


def check_reachable(address: str) -> None:
    """Fails at once where MLflow would repeat for minutes: a database server that does not listen, a file that is none.

    Raises:
        UserError: with the address, its password hidden.
    """
    file, parts = sqlite_file(address), urlsplit(address)
    if file is not None:
        _check_file(file)
    elif scheme(address) in PORTS and parts.hostname:
        try:
            port = parts.port or PORTS[scheme(address)]
            socket.create_connection((parts.hostname, port), CONNECT_SECONDS).close()
        except OSError as error:
            raise UserError(f"the tracking store {hide(address)} does not answer: {error.strerror or error}.") from None


def _check_file(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("ab+") as content:
            content.seek(0)
            start = content.read(len(SQLITE_HEADER))
    except OSError as error:
        raise UserError(f"the tracking store {file} cannot be written: {error.strerror}.") from None
    if start not in (b"", SQLITE_HEADER):
        raise UserError(f"the tracking store {file} is not an SQLite database.")
