"""Compiled programs on disk, so that a shape compiled once need not be compiled by another process.

XLA keeps the machine code of every program it compiles in a folder and reads it back: the same code, so the same bytes.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from platform import machine

LARGEST_BYTES = 1 << 30
_used_root: Path | None = None


def use(root: Path) -> Path:
    """The folder for this process to keep programs in, below ``root``."""
    global _used_root
    _used_root = root.resolve()
    tidy(_used_root)
    own = folder(_used_root)
    own.mkdir(parents=True, exist_ok=True)
    return own


def folder(root: Path) -> Path:
    """Where this machine keeps its programs below ``root``; made for its processor, they run on no lesser one."""
    made_for = hashlib.sha256(f"{version('tensorflow')} {_processor()}".encode()).hexdigest()[:16]
    return root / made_for


def tidy(root: Path) -> None:
    """Removes the programs of other processors, and the oldest ones of this one when they have become too many."""
    own = folder(root)
    for other in root.glob("*"):
        if other != own:
            shutil.rmtree(other, ignore_errors=True)
    room = LARGEST_BYTES
    for _, size, entry in sorted(_sizes(own), reverse=True):
        room -= size
        if room < 0:
            entry.unlink(missing_ok=True)


def forget() -> bool:
    """Removes every program that is kept, because one of them cannot be read; False if none was."""
    if _used_root is None:
        return False
    found = list(folder(_used_root).glob("*"))
    for entry in found:
        entry.unlink(missing_ok=True)
    return bool(found)


def _sizes(directory: Path) -> Iterator[tuple[float, int, Path]]:
    """When each program was written, and its bytes."""
    for entry in directory.glob("*"):
        # Another process may be renaming or removing it just now.
        with suppress(FileNotFoundError):
            found = entry.stat()
            yield found.st_mtime, found.st_size, entry


def _processor() -> str:
    """What the processor is and can do, as far as the system says."""
    try:
        lines = Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines()
    except OSError:
        return machine()
    return "\n".join(line for line in lines if line.startswith(("model name", "flags", "Features")))
