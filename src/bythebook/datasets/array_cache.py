"""Scaled images, kept once on a machine and mapped into memory by every process that trains on them.

The folder of such arrays is a cache: an entry is named by everything that decides its bytes, is written by the first
process that wants it, and can be removed whenever no process uses it. Its files carry their digests, which every
process compares before it maps them: a damaged entry is written anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bythebook.code.numeric import numeric_digest
from bythebook.datasets import splits
from bythebook.datasets.scaling import scaled
from bythebook.datasets.splits import Images
from bythebook.datasets.storage import load_array, save_array, save_parts, saving
from bythebook.documents import read_json, write_json
from bythebook.files import new_directory
from bythebook.sealed import discard, is_sound, seal_folder

PARTS = ("train", "validation")
CLASSES = "classes.json"
ROWS = 4096
LARGEST_BYTES = 2 << 30
# Views that a process keeps at hand; a study of many tasks has more of them than fit on a disk.
KEPT = 4
# The folders this process uses, the latest last: a shared lock on each, until it is one too many or the process ends.
_held: OrderedDict[Path, int] = OrderedDict()


def load(
    store: Path,
    name: str,
    directory: Path,
    scaling: str,
    task: Path | None = None,
    side: str | None = None,
    labels: int | None = None,
    largest: int = LARGEST_BYTES,
) -> tuple[Images, Images]:
    """The training and the validation images as :func:`bythebook.datasets.splits.load` gives them, mapped.

    The pages of the images are shared by all processes that map them. They can be written, as TensorFlow asks for, but
    what a process writes stays its own.

    Args:
        store: the folder that keeps the arrays.
        name: the digest of the data, the task and the label budget.
        directory: the folder that standardize wrote.
        scaling: ``standardized`` or ``unit``.
        task: the task's folder below the one that split_tasks wrote.
        side: ``a`` or ``b``; given with ``task`` only.
        labels: how many of the side's training images; None: all.
        largest: bytes that entries may take together; the least recently used ones that nobody uses are removed.

    Raises:
        UserError: a file is missing, the scaling or side does not exist, or the store cannot be written.
        DataError: a file does not hold what it should.
    """
    entry = store / hashlib.sha256(f"{name} {scaling} {_code()}".encode()).hexdigest()
    while not _hold(entry):
        with saving(entry), _alone(store):
            if not is_sound(entry, entry.name):
                if entry.exists():
                    # Whoever has it mapped keeps the pages of the removed files.
                    discard(entry)
                _make_room(store, largest)
                with new_directory(entry) as building:
                    _write(building, directory, scaling, task, side, labels)
                    seal_folder(building, entry.name)
    classes = tuple(read_json(entry / CLASSES))
    training, validation = (
        Images(
            np.asarray(load_array(entry / f"{part}_images.npy", "c")),
            np.array(load_array(entry / f"{part}_labels.npy")),
            classes,
        )
        for part in PARTS
    )
    return training, validation


def _code() -> str:
    return numeric_digest((f"{__name__}.{_write.__name__}",))


def _write(
    folder: Path, directory: Path, scaling: str, task: Path | None, side: str | None, labels: int | None
) -> None:
    statistics = splits.statistics(directory, task)
    for part in PARTS:
        seen = splits.look(directory, part, task, side, labels)

        def rows(pixels: NDArray[Any] = seen.pixels) -> Iterator[NDArray[np.float32]]:
            for start in range(0, len(pixels), ROWS):
                yield scaled(pixels[start : start + ROWS], scaling, statistics)

        save_parts(folder / f"{part}_images.npy", seen.pixels.shape, rows())
        save_array(folder / f"{part}_labels.npy", seen.labels)
        write_json(folder / CLASSES, list(seen.classes))


def _hold(entry: Path) -> bool:
    """Marks an entry as used by this process; False if there is no such entry, or if it is damaged."""
    if entry in _held:
        _held.move_to_end(entry)
        return True
    try:
        descriptor = os.open(entry, os.O_RDONLY | os.O_DIRECTORY)
    except (FileNotFoundError, NotADirectoryError):
        return False
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    # Between the two lines above it may have been removed.
    there = entry.is_dir() and os.stat(entry).st_ino == os.fstat(descriptor).st_ino
    if not there or not is_sound(entry, entry.name):
        os.close(descriptor)
        return False
    os.utime(entry)
    _held[entry] = descriptor
    while len(_held) > KEPT:
        # Arrays that are still mapped stay readable, whoever removes the folder.
        os.close(_held.popitem(last=False)[1])
    return True


@contextmanager
def _alone(store: Path) -> Iterator[None]:
    """Lets one process at a time write to the store."""
    store.mkdir(parents=True, exist_ok=True)
    with (store / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make_room(store: Path, largest: int) -> None:
    """Removes what a killed process left half-written, and the oldest entries that nobody uses."""
    for remains in store.glob(".*.part"):
        shutil.rmtree(remains, ignore_errors=True)
    entries = sorted((path for path in store.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    sizes = {path: sum(file.stat().st_size for file in path.iterdir()) for path in entries}
    for entry in entries:
        if sum(sizes.values()) > largest and _remove(entry):
            del sizes[entry]


def _remove(entry: Path) -> bool:
    descriptor = os.open(entry, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(entry)
        return True
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
