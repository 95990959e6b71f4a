"""A real MLflow server on loopback, started and killed by tests."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bythebook.tracking import user_interface


@contextmanager
def served(address: str, port: int, folder: Path) -> Iterator[int]:
    """A server for the store; yields the id of its process group once it answers."""
    server = user_interface(address, folder / "served", port=port)
    variables = {**os.environ, **server.settings}
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            server.command, env=variables, stdout=log, stderr=log, start_new_session=True, cwd=folder
        )
    try:
        while not _answers(port):
            assert process.poll() is None, (folder / "server.log").read_text()
            time.sleep(0.1)
        yield process.pid
    finally:
        kill(process.pid)
        process.wait()


def kill(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1) as answer:
            return answer.status == 200
    except OSError:
        return False
