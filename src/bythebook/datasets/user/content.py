"""Whether a file or folder of the user's own has changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from bythebook.errors import UserError
from bythebook.files import sha256_of


def digest(path: Path) -> dict[str, int | str]:
    """How many files a source's file or folder has, and the sha256 of their names and contents.

    Raises:
        UserError: it is not there.
    """
    if not path.exists():
        raise UserError(f"{path}: no such file or folder.")
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    sha = hashlib.sha256()
    for file in files:
        sha.update(f"{file.relative_to(path)}\n{sha256_of(file)}\n".encode())
    return {"files": len(files), "sha256": sha.hexdigest()}
