"""A folder for the temporary files of a stage and its workers, which goes with them."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bythebook.files import private_folder, remove_abandoned

PREFIX, BYTES = "bythebook-", 8
# Strict, since people keep folders there too.
OURS = re.compile(rf"{PREFIX}[0-9a-f]{{{2 * BYTES}}}")


@contextmanager
def own_folder() -> Iterator[Path]:
    """Have this process and those that it starts put temporary files into a new folder, which is then removed.

    TensorFlow leaves a file for each function that it reads, and MLflow what it was sending when it was killed. The
    folders of processes that were killed are removed at the start.
    """
    shared = Path(tempfile.gettempdir())
    remove_abandoned(path for path in shared.iterdir() if OURS.fullmatch(path.name))
    before = os.environ.get("TMPDIR"), tempfile.tempdir
    with private_folder(lambda: shared / f"{PREFIX}{secrets.token_hex(BYTES)}") as folder:
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
        try:
            yield folder
        finally:
            os.environ.pop("TMPDIR")
            os.environ.update({"TMPDIR": before[0]} if before[0] else {})
            tempfile.tempdir = before[1]
