"""Sending in the background, so that a slow or dead receiver delays nobody; given up for good when it fails."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

from bythebook.tracking.connection import repeated

log = logging.getLogger(__name__)
Action = Callable[[], object]
QUIET_SECONDS = 60.0


class Delivery:
    """Performs actions in order in a thread of its own.

    An action that fails is repeated once. When it fails again nothing more is sent: ``gave_up`` is called, once, with
    the error, and all that waits or comes later is dropped.

    Args:
        gave_up: told why nothing more is sent.
        quiet: performed whenever nothing was sent for :data:`QUIET_SECONDS`.
    """

    def __init__(self, gave_up: Callable[[BaseException], None], quiet: Action) -> None:
        self._gave_up, self._quiet = gave_up, quiet
        self._waiting: queue.SimpleQueue[Action | None] = queue.SimpleQueue()
        self._broken = False
        self._thread = threading.Thread(target=self._work, name="tracking", daemon=True)
        self._thread.start()

    def send(self, action: Action) -> None:
        """Takes an action, which must be safe to repeat, and returns at once."""
        if not self._broken:
            self._waiting.put(action)

    def close(self, seconds: float) -> None:
        """Waits until everything is sent, but not longer than ``seconds``."""
        self._waiting.put(None)
        self._thread.join(0 if self._broken else seconds)
        if self._thread.is_alive() and not self._broken:
            self._fail(TimeoutError(f"it took more than {seconds:g} s to send the rest"))

    def _work(self) -> None:
        while (action := self._next()) is not None:
            if self._broken:
                continue
            try:
                repeated(action)
            except Exception as error:
                self._fail(error)

    def _next(self) -> Action | None:
        try:
            return self._waiting.get(timeout=QUIET_SECONDS)
        except queue.Empty:
            return self._quiet

    def _fail(self, error: BaseException) -> None:
        if not self._broken:
            self._broken = True
            log.debug("sending stops", exc_info=error)
            self._gave_up(error)
