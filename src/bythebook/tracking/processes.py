"""Which process writes a run, so that a run whose process is gone can be told from one that is being written."""

from __future__ import annotations

import os
import socket
from pathlib import Path

UNKNOWN = "0"


def own_process() -> str:
    """This process as ``host:pid:start``; the start tells it from a later process with the same number."""
    return f"{socket.gethostname()}:{os.getpid()}:{_start(os.getpid())}"


def is_alive(process: str) -> bool | None:
    """Whether the process still runs; None when it belongs to another host and cannot be asked."""
    host, pid, start = process.rsplit(":", 2)
    if host != socket.gethostname():
        return None
    now = _start(int(pid))
    return now is not None and start in (now, UNKNOWN)


def _start(pid: int) -> str | None:
    """Clock ticks from boot to the start of the process; None if it is gone, ``0`` where the system does not say."""
    try:
        # The second field is the command in brackets and may hold spaces; the third is the state.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if fields[0] == "Z" else fields[19]
    except FileNotFoundError:
        return None if Path("/proc/self/stat").exists() or not _signalled(pid) else UNKNOWN


def _signalled(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
