"""Processes that end with the one that started them."""

from __future__ import annotations

import ctypes
import signal
import sys

SET_PARENT_DEATH_SIGNAL = 1


def die_with_parent(sent: signal.Signals) -> None:
    """Asks the kernel to send this process a signal when its parent dies, so that a killed stage leaves no orphan.

    Only Linux can do it; elsewhere a worker ends when it next speaks to its parent.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(SET_PARENT_DEATH_SIGNAL, sent)
