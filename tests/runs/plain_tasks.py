"""Functions that workers run in tests: they square, emit, fail, refuse and die."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

from bythebook.errors import UserError
from bythebook.records.events import Observe


def nothing() -> None:
    """Workers of these tests need no preparation."""


def leave_a_mark() -> None:
    """Shows in the worker's folder that it was prepared."""
    Path(f"prepared-{os.getpid()}").touch(exist_ok=False)


def square(number: int, emit: Observe) -> int:
    emit({"event": "squared", "number": number, "pid": os.getpid()})
    return number * number


def fail(number: int, emit: Observe) -> int:
    raise ValueError(f"no {number}")


def refuse(number: int, emit: Observe) -> int:
    raise UserError("first", "second")


def fill_the_disk(number: int, emit: Observe) -> int:
    raise OSError(28, "No space left on device")


def die_once(mark: str, emit: Observe) -> str:
    if not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "lived"


def die(_: Any, emit: Observe) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def look_around(_: Any, emit: Observe) -> dict[str, Any]:
    """Where a worker works, and with what."""
    prepared = sorted(path.name for path in Path.cwd().glob("prepared-*"))
    return {"folder": str(Path.cwd()), "pid": os.getpid(), "threads": os.environ["OMP_NUM_THREADS"], "marks": prepared}


def wait_for(mark: str, emit: Observe) -> int:
    """Says where it runs, and waits until there is a file."""
    emit({"event": "waiting", "pid": os.getpid(), "parent": os.getppid()})
    while not Path(mark).exists():
        time.sleep(0.02)
    return os.getpid()


def leave_a_file(_: Any, emit: Observe) -> str:
    """A temporary file that nobody removes."""
    return tempfile.mkstemp()[1]
