"""Arrays on disk: complete or absent, byte-equal for equal content, and never unpickled."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bythebook.errors import DataError, UserError
from bythebook.files import write_bytes


@contextmanager
def saving(path: Path) -> Iterator[None]:
    """Turns a failure to write within the block into a sentence for the user.

    Raises:
        UserError: the disk is full, or the folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise UserError(
            f"{path}: cannot be written ({error.strerror or error}); nothing was left half-written."
        ) from error


def save_array(path: Path, array: NDArray[Any]) -> None:
    """Writes ``array`` as ``.npy``."""
    # Through memory: numpy writing to a file on a full disk raises an OSError that does not say why.
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    write_bytes(path, buffer.getvalue())


def save_parts(path: Path, shape: tuple[int, ...], parts: Iterable[NDArray[np.float32]]) -> None:
    """Writes a float32 ``.npy`` of ``shape`` from consecutive parts of it, so that it is never in memory as a whole.

    Not atomic: for files in a folder that appears as a whole.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": shape})
        for part in parts:
            file.write(np.ascontiguousarray(part, dtype="<f4").data)
        file.flush()
        os.fsync(file.fileno())


def save_arrays(path: Path, **arrays: NDArray[Any]) -> None:
    """Writes the named ``arrays`` as ``.npz``."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            # A ZipInfo made here carries a fixed date and no time of writing, so equal arrays give equal bytes.
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
    write_bytes(path, buffer.getvalue())


def load_array(path: Path, mode: Literal["r", "c"] = "r") -> NDArray[Any]:
    """The array of a ``.npy`` file, mapped into memory: only what is used is read.

    Args:
        mode: ``r``: it cannot be written; ``c``: what this process writes to it stays its own.

    Raises:
        UserError: there is no such file.
        DataError: it is not a sound ``.npy`` file.
    """
    with _loading(path):
        return np.load(path, mmap_mode=mode, allow_pickle=False)


def load_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of an ``.npz`` file, by name.

    Raises:
        UserError: there is no such file.
        DataError: it is not a sound ``.npz`` file.
    """
    # Opened here, since NumPy leaves a damaged archive open.
    with _loading(path), path.open("rb") as file, np.load(file, allow_pickle=False) as members:
        return {name: members[name] for name in members.files}


@contextmanager
def _loading(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; the stage that writes it has not run.") from None
    except (ValueError, EOFError, zipfile.BadZipFile, AttributeError, TypeError) as error:
        raise DataError(f"{path}: not a sound array file ({error}).") from None
