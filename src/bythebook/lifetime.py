"""Processes that end with the one that started them."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

SET_PARENT_DEATH_SIGNAL = 1


def die_with_parent(sent: signal.Signals, parent: int | None = None) -> None:
    """Ask the kernel to send this process a signal when its parent dies, so that a killed stage leaves no orphan.

    Only Linux can do it; elsewhere a worker ends when it next speaks to its parent.

    Args:
        sent: the signal.
        parent: the parent's number as the parent itself knows it; one that has died before the kernel was asked is
            noticed by it, and the signal is sent at once.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(SET_PARENT_DEATH_SIGNAL, sent)
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), sent)
