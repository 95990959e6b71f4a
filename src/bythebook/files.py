"""Files that are either complete or absent: atomic writes, content digests, and what killed writers leave behind."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

CHUNK = 1 << 20
# What `_part_of` names, and what Python's own temporary files were named that stood in its place.
PART = re.compile(r"\..+\.[0-9a-z_]{8}\.part", re.DOTALL)


def sha256_of(path: Path) -> str:
    """The sha256 of a file's content as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_bytes(path: Path, content: bytes) -> None:
    """Write ``content`` so that ``path`` never holds a part of it.

    Raises:
        OSError: the disk is full or the folder cannot be written; an earlier file at ``path`` is untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _held(lambda: _part_of(path), _new_file) as (part, descriptor):
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)


@contextmanager
def new_directory(path: Path) -> Iterator[Path]:
    """Yield a temporary folder that becomes ``path`` when the block ends well, and vanishes when it does not.

    An earlier folder at ``path`` is replaced as a whole.
    """
    with scratch_beside(path) as building:
        yield building
        while not _moved(building, path):
            # Its removal may be cut off; what is left of it then has a name that :func:`sweep` knows. Another process
            # may have been faster, and may put a folder of its own there meanwhile.
            aside = _part_of(path)
            with suppress(FileNotFoundError):
                os.replace(path, aside)
            shutil.rmtree(aside, ignore_errors=True)


def _moved(building: Path, path: Path) -> bool:
    try:
        os.replace(building, path)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            return False
        raise
    return True


@contextmanager
def scratch_beside(path: Path) -> Iterator[Path]:
    """Yield a new folder beside ``path``, hidden, which is removed when the block ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _held(lambda: _part_of(path), lambda part: _new_folder(part, 0o777)) as (folder, _):
        yield folder


@contextmanager
def private_folder(name: Callable[[], Path]) -> Iterator[Path]:
    """Yield a new folder that only this user may look into, and remove it when the block ends.

    Args:
        name: gives a path that is most likely free; asked again if it is not.
    """
    with _held(name, lambda folder: _new_folder(folder, 0o700)) as (folder, _):
        yield folder


def sweep(folder: Path, but: Collection[Path] = ()) -> None:
    """Remove below ``folder`` what killed processes have left half-written; what a living one writes stays.

    Args:
        but: folders that are not looked into.
    """
    left_out = {str(path) for path in but}
    for place, folders, files in os.walk(folder):
        parts = [name for name in (*folders, *files) if name.endswith(".part") and PART.fullmatch(name)]
        remove_abandoned(Path(place, name) for name in parts)
        folders[:] = [name for name in folders if name not in parts and os.path.join(place, name) not in left_out]


def remove_older(folder: Path, seconds: float) -> None:
    """Remove the files in ``folder`` that were last written so long ago."""
    now = time.time()
    for path in folder.iterdir() if folder.is_dir() else ():
        with suppress(OSError):
            if now - path.stat().st_mtime > seconds:
                path.unlink()


def remove_abandoned(paths: Iterable[Path]) -> None:
    """Remove those temporary files and folders whose process has ended, which the locks on them tell."""
    for path in paths:
        # One that is held, another user's, or gone by now stays as it is.
        with suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(path)
            finally:
                os.close(descriptor)


@contextmanager
def _held(name: Callable[[], Path], make: Callable[[Path], int]) -> Iterator[tuple[Path, int]]:
    """Yield a new temporary file or folder and its descriptor, locked for as long as the block and this process last.

    Whatever is left at its path when the block ends is removed.
    """
    path, descriptor = _taken(name, make)
    try:
        yield path, descriptor
    finally:
        _remove(path)
        os.close(descriptor)


def _taken(name: Callable[[], Path], make: Callable[[Path], int]) -> tuple[Path, int]:
    while True:
        path = name()
        with suppress(FileExistsError):
            descriptor = make(path)
            # Between its making and the lock another process may have taken it for abandoned.
            if _lock(descriptor) and path.exists():
                return path, descriptor
            os.close(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # The file system knows no locks, so that nobody can take one to sweep either.
        return True
    return True


def _part_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")


def _new_file(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)


def _new_folder(path: Path, mode: int) -> int:
    path.mkdir(mode)
    try:
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise FileExistsError(f"{path}: was taken for abandoned") from None


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
