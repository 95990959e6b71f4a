"""How much memory a process and its descendants hold together, looked at again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import psutil

INTERVAL = 0.5
# Who asks for PSS stops the process for as long as the kernel counts its pages, so it is asked for where RSS has grown.
GROWN = 1.03


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
        """The highest sums in bytes, to 3 percent, and what each process held then, the watched one first."""
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
        processes = [root, *root.children(recursive=True)]
        rss = sum(info.rss for process in processes if (info := _told(process.memory_info)))
        if rss < GROWN * self._highest["rss"]:
            return
        held = [getattr(info, "pss", info.rss) for process in processes if (info := _told(process.memory_full_info))]
        if sum(held) > self._highest["pss"]:
            self._highest |= {"pss": sum(held), "processes": held}
        self._highest["rss"] = rss


def _told(ask: Callable[[], Any]) -> Any | None:
    """What a process tells of itself; None of one that has just ended."""
    try:
        return ask()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None
