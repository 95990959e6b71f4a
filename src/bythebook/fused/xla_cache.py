"""Compiled programs on disk, so that a shape compiled once need not be compiled by another process.

XLA keeps the machine code of every program it compiles in a folder and reads it back: the same code, so the same bytes.
It runs what it reads unseen, a wrong byte as a wrong instruction. So each program has its digest beside it, and those
that differ from theirs, or have none, are removed before a process may read them.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from platform import machine

from bythebook.files import write_bytes

log = logging.getLogger(__name__)

# Twice as wide as XLA's own choice: a fifth faster on deep nets, and no slower elsewhere.
XLA_FLAGS = "--xla_cpu_prefer_vector_width=512"
PROGRAMS, DIGEST = "*.pb", ".sha256"
LARGEST_BYTES = 1 << 30
_used_root: Path | None = None
# The programs that this process knows to be sound: to which place on the disk they were written, and when.
_sound: dict[Path, tuple[int, int]] = {}


def use(root: Path) -> Path:
    """Return the folder for this process to keep programs in, below ``root``, with sound programs alone in it."""
    global _used_root
    _used_root = root.resolve()
    own = folder(_used_root)
    own.mkdir(parents=True, exist_ok=True)
    tidy(_used_root)
    _remove_damaged(own, starting=True)
    return own


def folder(root: Path) -> Path:
    """Where this machine keeps its programs below ``root``; made for its processor, they run on no lesser one."""
    made_for = hashlib.sha256(f"{version('tensorflow')} {XLA_FLAGS} {_processor()}".encode()).hexdigest()[:16]
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
    for seal in own.glob(PROGRAMS + DIGEST):
        if not seal.with_suffix("").exists():
            seal.unlink(missing_ok=True)


@contextmanager
def sealing() -> Iterator[None]:
    """Let TensorFlow read sound programs alone within the block, and give those that it writes their digests."""
    if _used_root is None:
        yield
        return
    own = folder(_used_root)
    _remove_damaged(own, starting=False)
    before = _states(own)
    yield
    for entry, state in _states(own).items():
        # A program that cannot be sealed is compiled again by the next process, and no more.
        with suppress(OSError):
            while entry not in before or before[entry][0] != state[0]:
                before[entry] = state
                write_bytes(_seal(entry), _digest(entry) + b" " + _place(entry))
                # Another process that compiles the same may have put its own in place meanwhile.
                state = _state(entry)


def _remove_damaged(own: Path, starting: bool) -> None:
    """Removes the programs that are not as they were sealed.

    Args:
        starting: also those that another process may be about to seal: they have no seal, or that of a program which
            lay in another place on the disk, where TensorFlow puts a new one.
    """
    damaged = 0
    for entry, state in _states(own).items():
        if _sound.get(entry) == state:
            continue
        # Another process may be removing it just now.
        with suppress(FileNotFoundError):
            seal = _seal(entry).read_bytes().split() if _seal(entry).exists() else None
            if seal and seal[0] == _digest(entry):
                _sound[entry] = state
            elif starting or (seal is not None and (len(seal) != 2 or seal[1] == _place(entry))):
                _seal(entry).unlink(missing_ok=True)
                entry.unlink()
                damaged += seal is not None
    if damaged:
        log.warning("%s: compiled programs that are damaged, and are compiled again: %d", own, damaged)


def _seal(entry: Path) -> Path:
    return entry.with_name(entry.name + DIGEST)


def _digest(entry: Path) -> bytes:
    # With its name: another program's sound bytes are wrong here.
    return hashlib.sha256(entry.name.encode() + entry.read_bytes()).hexdigest().encode()


def _place(entry: Path) -> bytes:
    """The place on the disk, which changes when a new file is put in place of a file."""
    return str(entry.stat().st_ino).encode()


def _states(own: Path) -> dict[Path, tuple[int, int]]:
    """To which place on the disk each program was written, and when."""
    found = {}
    for entry in sorted(own.glob(PROGRAMS)):
        with suppress(FileNotFoundError):
            found[entry] = _state(entry)
    return found


def _state(entry: Path) -> tuple[int, int]:
    found = entry.stat()
    return found.st_ino, found.st_mtime_ns


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
