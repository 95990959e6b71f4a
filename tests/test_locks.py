"""Locks: one process at a time; a killed one's is free, and one that is about to end is waited for."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from bythebook.errors import UserError
from bythebook.locks import locked
from bythebook.process import Process

HOLD = (
    "import sys; from pathlib import Path; from bythebook.locks import locked\n"
    "with locked(Path(sys.argv[1]), 'study x', 'is being searched'): print(flush=True); input()"
)


def test_a_second_process_is_refused_without_waiting_until_the_first_is_killed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    path = tmp_path / "x" / "lock"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None and holder.stdout.readline()
        said = f"study x is being searched in process {holder.pid}; wait for it or stop it."
        with pytest.raises(UserError) as caught, locked(path, "study x", "is being searched"):
            raise AssertionError("taken")
        assert str(caught.value) == said and not caplog.messages
        holder.kill()
    with locked(path, "study x", "is being searched"):
        assert path.read_text().startswith(f"{Process.here()}\n")


def test_a_holder_that_is_about_to_end_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    # A process that has ended, of which a child still has the lock.
    path.write_text(f"{replace(Process.here(), start='1')}\n")
    ending = threading.Timer(0.5, os.close, [descriptor])
    ending.start()
    with caplog.at_level("INFO"), locked(path, "study x", "is being searched"):
        assert not ending.is_alive()
    assert caplog.messages == ["study x: waiting for its last process, which is ending"]
