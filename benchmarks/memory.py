"""How much memory a process and its descendants hold together, looked at again and again."""

from __future__ import annotations

import threading
from typing import Any

import psutil

INTERVAL = 0.5


class Peak:
    """Watches a process and its descendants from :meth:`watch` to :meth:`stop`.

    Memory that processes share counts once in PSS, which Linux tells, and in each of them in RSS.
    """

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._highest: dict[str, Any] = {"pss": 0, "rss": 0, "processes": []}

    def watch(self, pid: int) -> None:
        """Begins to look at the process."""
        self._thread = threading.Thread(target=self._look_on, args=(psutil.Process(pid),), daemon=True)
        self._thread.start()

    def stop(self) -> dict[str, Any]:
        """The highest sums in bytes, and what each process held at the highest PSS, the watched one first."""
        self._ended.set()
        if self._thread:
            self._thread.join()
        return self._highest

    def _look_on(self, root: psutil.Process) -> None:
        while not self._ended.wait(INTERVAL):
            try:
                self._look(root)
            except psutil.NoSuchProcess:
                return

    def _look(self, root: psutil.Process) -> None:
        held = [pair for process in [root, *root.children(recursive=True)] if (pair := _held(process))]
        pss, rss = sum(pair[0] for pair in held), sum(pair[1] for pair in held)
        if pss > self._highest["pss"]:
            self._highest |= {"pss": pss, "processes": [pair[0] for pair in held]}
        self._highest["rss"] = max(self._highest["rss"], rss)


def _held(process: psutil.Process) -> tuple[int, int] | None:
    """PSS and RSS in bytes; None for a process that has just ended."""
    try:
        info = process.memory_full_info()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None
    return getattr(info, "pss", info.rss), info.rss
