"""The PostgreSQL server that tests use: its programs from the system's packages, its data in a folder that vanishes.

``python -m tests.postgresql`` sees to it that the programs are there.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

USER = "book"
# Debian keeps a version's programs together and out of the path; Homebrew does the same.
DEBIAN, HOMEBREW = "usr/lib/postgresql/*/bin", ("opt/homebrew/opt/postgresql*/bin", "usr/local/opt/postgresql*/bin")
# Tests kill processes and no machine: what was committed has to reach the system, and not the disk.
HASTY = ("fsync=off", "full_page_writes=off")
START_SECONDS = 60.0


def programs() -> Path | None:
    """The folder of a server's programs, or None."""
    found = [path for place in (*HOMEBREW, DEBIAN) for path in sorted(Path("/").glob(f"{place}/initdb"))]
    if in_path := shutil.which("initdb"):
        found.append(Path(in_path).resolve())
    return found[-1].parent if found else None


class Server:
    """A server on loopback that asks for a password, and can be killed and started again.

    Attributes:
        password: of the one user.
    """

    def __init__(self, folder: Path) -> None:
        found = programs()
        assert found is not None, "PostgreSQL is not installed: python -m tests.postgresql installs it"
        self._programs, self._folder, self.password = found, folder, secrets.token_hex(16)
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        secret = folder / "password"
        secret.write_text(self.password)
        # It refuses to run as root.
        self._user = _other_user() if os.geteuid() == 0 else None
        if self._user:
            for path in (folder, secret):
                shutil.chown(path, self._user)
        options = ("--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync", "--encoding=UTF8", "--locale=C")
        self._run("initdb", "-D", str(folder / "data"), "-U", USER, *options)

    def address(self, database: str, password: str | None = None) -> str:
        """The address of a database, by SQLAlchemy's rules."""
        return f"postgresql://{USER}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str) -> str:
        """Makes an empty database and returns its address."""
        import psycopg

        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f'create database "{database}"')
        return self.address(database)

    def start(self) -> None:
        """Starts it, and returns when it answers."""
        settings = ("listen_addresses=127.0.0.1", f"port={self.port}", "unix_socket_directories=", *HASTY)
        command = ["postgres", "-D", str(self._folder / "data"), *(part for one in settings for part in ("-c", one))]
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            assert time.monotonic() < end, (self._folder / "log").read_text()
            if self._process is None or self._process.poll() is not None:
                # After a kill it does not start before the last of its processes has noticed.
                self._process = self._begin(command)
            time.sleep(0.1)

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Ends it, as a crash would."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.address("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _begin(self, command: list[str]) -> subprocess.Popen[bytes]:
        with (self._folder / "log").open("ab") as log:
            program = str(self._programs / command[0])
            return subprocess.Popen([program, *command[1:]], stdout=log, stderr=log, cwd="/", **self._as_user())

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **self._as_user())

    def _as_user(self) -> dict[str, Any]:
        return {"user": self._user, "extra_groups": []} if self._user else {}


@contextmanager
def served() -> Iterator[Server]:
    """A running server, for the time of the block."""
    # Below the folder that pytest makes for root nobody else may look.
    with tempfile.TemporaryDirectory(prefix="postgresql-", ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder))
        try:
            server.start()
            yield server
        finally:
            # At once, but with everything that belongs to it.
            server.kill(signal.SIGQUIT)


def _other_user() -> str:
    """Whoever is no root: the packages make a user for it."""
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


def main() -> None:
    """Installs PostgreSQL where there is none: Debian's as root; everyone else is told what to do."""
    if programs() is not None:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SystemExit(
            "test: PostgreSQL is not installed, and its tests need it. Install it (Debian and Ubuntu: sudo apt-get "
            "install postgresql; macOS: brew install postgresql), then go on; it need not be started."
        )
    print("test: installing PostgreSQL, which the tests of studies on several machines need", flush=True)
    apt = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    for command in ([*apt, "update"], [*apt, "install", "--yes", "--no-install-recommends", "postgresql"]):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        if subprocess.run(command, stdout=subprocess.DEVNULL, env=environment, check=False).returncode:
            raise SystemExit(f"test: `{' '.join(command)}` failed; install PostgreSQL yourself, then go on.")


if __name__ == "__main__":
    main()
