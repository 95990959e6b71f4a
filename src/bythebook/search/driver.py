"""The process that searches a study, as the study's trials name it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bythebook.process import UNKNOWN, Process

DRIVER = "driver"  # where a trial names its process


@dataclass(frozen=True)
class Driver:
    """One search of a process.

    Attributes:
        token: what no other has.
    """

    process: Process
    token: str

    @classmethod
    def here(cls) -> Driver:
        """A search of this process."""
        return cls(Process.here(), uuid.uuid4().hex)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Driver:
        """The search that :meth:`stored` described."""
        process = Process(stored["host"], stored["place"], stored["pid"], stored.get("start", UNKNOWN))
        return cls(process, stored["token"])

    def stored(self) -> dict[str, Any]:
        """As a trial keeps it."""
        return {**asdict(self.process), "token": self.token}

    def has_ended(self, seen_from: Driver) -> bool:
        """Whether another search can tell that this one has ended; elsewhere than in the same place it never can."""
        one, here = self.process, seen_from.process
        # Who has this process's number was here before it, or is an earlier search of its own.
        return (one.place, one.pid) == (here.place, here.pid) or one.has_ended() is True
