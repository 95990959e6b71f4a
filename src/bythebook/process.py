"""Which process does something, so that one that is gone can be told from one that still works."""

from __future__ import annotations

import hashlib
import os
import socket
from dataclasses import dataclass
from pathlib import Path

import psutil

UNKNOWN = "0"
BOOT, NUMBERS = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
MACHINE = Path("/etc/machine-id")
# How Linux calls the numbers of a machine itself: those of containers have other names.
OUTSIDE = "pid:[4026531836]"


@dataclass(frozen=True)
class Process:
    """One process on one machine; its text form is ``host:pid:start:place``.

    Attributes:
        host: the name of the machine, for readers; several machines and containers may have the same.
        place: within it process numbers mean the same: a machine since its start, or a container. Empty if unknown.
            Of the former it says in its last word which machine it is, by a digest of its id.
        pid: its number, which may come again.
        start: clock ticks from the machine's start to its own, which no clock moves; ``0`` if unknown.
    """

    host: str
    place: str
    pid: int
    start: str = UNKNOWN

    @classmethod
    def here(cls) -> Process:
        """This process."""
        return cls(socket.gethostname(), _place(), os.getpid(), _start(os.getpid()) or UNKNOWN)

    @classmethod
    def parent(cls) -> Process:
        """Return the process that started this one, or that has adopted it."""
        return cls(socket.gethostname(), _place(), os.getppid(), _start(os.getppid()) or UNKNOWN)

    @classmethod
    def of(cls, text: str) -> Process:
        """The process with this text form; a text without a place names one of which nothing can be known."""
        host, pid, start, *place = text.split(":", 3)
        return cls(host, "".join(place), int(pid), start)

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}:{self.start}:{self.place}"

    def told(self) -> str:
        """Return it in words, with its machine's name where it is another one's."""
        return f"process {self.pid}" + ("" if self.place == _place() else f" on {self.host}")

    def has_ended(self) -> bool | None:
        """Whether it no longer runs; None when it belongs to another place and cannot be asked.

        Of another place it is only known that it is gone if it was this machine before it was last started.
        """
        place = _place()
        if self.place != place:
            return True if self.host == socket.gethostname() and _machine(self.place) == _machine(place) else None
        if not self.pid:
            # The parent of a process that came into a container from outside.
            return None
        now = _start(self.pid)
        return now is None or (now != self.start and UNKNOWN not in (now, self.start))


def _place() -> str:
    if not BOOT.is_file():
        return socket.gethostname()
    place = f"{BOOT.read_text().strip()} {os.readlink(NUMBERS)}"
    # In a container the file is the image's, which other machines may have, too.
    if not (place.endswith(OUTSIDE) and MACHINE.is_file()):
        return place
    return f"{place} {hashlib.sha256(MACHINE.read_bytes()).hexdigest()[:16]}"


def _machine(place: str) -> object:
    """Return the machine that a place names; of one that names none something that equals nothing else."""
    _, _, machine = place.partition(f" {OUTSIDE} ")
    return machine or object()


def _start(pid: int) -> str | None:
    """Clock ticks from the machine's start to the process's; None if it is gone, ``0`` where nothing says."""
    try:
        # The second field is the command in brackets and may hold spaces; the third is the state.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return UNKNOWN if psutil.pid_exists(pid) else None
    return None if fields[0] == "Z" else fields[19]
