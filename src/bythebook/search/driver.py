"""The process that searches a study, as the study's trials name it."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

DRIVER = "driver"  # where a trial names its process
BOOT, PROCESSES = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")


@dataclass(frozen=True)
class Driver:
    """One process on one machine.

    Attributes:
        place: within it process numbers mean the same: a machine since its start, or a container.
        started: when the process began, in seconds as its machine counts them; its number may come again.
        token: what no other has.
    """

    host: str
    place: str
    pid: int
    started: float
    token: str = field(default_factory=lambda: uuid.uuid4().hex)

    @classmethod
    def here(cls) -> Driver:
        """This process."""
        place = f"{BOOT.read_text().strip()} {os.readlink(PROCESSES)}" if BOOT.is_file() else socket.gethostname()
        return cls(socket.gethostname(), place, os.getpid(), psutil.Process().create_time())

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Driver:
        """The process that :meth:`stored` described."""
        return cls(**stored)

    def stored(self) -> dict[str, Any]:
        """As a trial keeps it."""
        return asdict(self)

    def has_ended(self, seen_from: Driver) -> bool:
        """Whether a process can tell that this one's search has ended; on another machine it never can."""
        if self.place != seen_from.place:
            return False
        if self.pid == seen_from.pid:
            return True
        try:
            process = psutil.Process(self.pid)
            return process.create_time() != self.started or process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True
