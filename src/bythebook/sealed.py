"""Entries of caches that carry their digest: what is damaged, or another entry's, counts as missing and is told once.

An entry is sealed with its name, so that the sound content of another one is no more believed than half a file.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from bythebook.documents import canonical_json, write_json
from bythebook.errors import DataError
from bythebook.files import sha256_of

log = logging.getLogger(__name__)

MANIFEST = "manifest.json"


def write_sealed(path: Path, name: str, value: Any) -> None:
    """Write ``value`` (JSON) atomically, with the digest of it and of the entry's name.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    write_json(path, {"sha256": _digest(name, value), "value": value})


def read_sealed(path: Path, name: str) -> Any:
    """Return the value that :func:`write_sealed` wrote under this name.

    Raises:
        FileNotFoundError: there is no such file.
        DataError: the file is not as it was written, or was written under another name.
    """
    try:
        sealed = json.loads(path.read_bytes())
        if sealed["sha256"] == _digest(name, sealed["value"]):
            return sealed["value"]
    except (ValueError, TypeError, LookupError, RecursionError):
        pass
    raise DataError(f"{path}: not as it was written.")


def look_up(path: Path, name: str) -> Any | None:
    """Return the value that is sealed there, or None: there is none, or it was damaged and has been discarded."""
    try:
        return read_sealed(path, name)
    except FileNotFoundError:
        return None
    except DataError:
        discard(path)
        return None


def seal_folder(folder: Path, name: str) -> None:
    """Write the digests of the files in a folder, which has no folders in it, to a manifest beside them.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    write_sealed(folder / MANIFEST, name, _digests(folder))


def is_sound(folder: Path, name: str) -> bool:
    """Return whether a folder has exactly the files that were sealed under this name, each as it was; reads them."""
    try:
        return bool(read_sealed(folder / MANIFEST, name) == _digests(folder))
    except (DataError, OSError):
        return False


def discard(path: Path) -> None:
    """Remove a damaged file or folder and say so, unless another process has just done it."""
    aside = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part"))
    try:
        os.replace(path, aside / path.name)
        log.warning("%s is damaged: it counts as missing and is made again", path)
    except FileNotFoundError:
        pass
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _digest(name: str, value: Any) -> str:
    return hashlib.sha256(f"{name}\0".encode() + canonical_json(value)).hexdigest()


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: sha256_of(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST}
