"""Runs that DVC has brought from elsewhere: found in its cache, and believed as far as their digests are right."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from bythebook.files import sha256_of
from bythebook.records.run import RunRecord
from bythebook.sealed import look_up

RESTORABLE = "restorable.json"
KEPT = ("finished", "diverged")


def restored(store: Path, key: str) -> tuple[RunRecord, Path | None] | None:
    """Return the record of a run and the file of its weights, as listed in ``store``; None if DVC's cache has no such.

    Args:
        store: the folder with the list ``restorable.json``, whose ``runs`` has by key the paths in DVC's cache of the
            record and, if the run has some, of the weights.
    """
    listed = store / RESTORABLE
    if not listed.is_file():
        return None
    runs = _listed(listed, listed.stat().st_mtime_ns)
    if key not in runs:
        return None
    path, *weights = map(Path, runs[key])
    record = _record(path)
    # A pruned run is a result of its search alone.
    if not record or record.key != key or record.status not in KEPT:
        return None
    if record.weights_sha256 is None:
        return record, None
    sound = weights and weights[0].is_file() and sha256_of(weights[0]) == record.weights_sha256
    return (record, weights[0]) if sound else None


def content_of(path: Path) -> bytes | None:
    """Return the content of a file in DVC's cache; None if it is not there, or is not what its name says."""
    if not path.is_file():
        return None
    content = path.read_bytes()
    return content if hashlib.md5(content).hexdigest() == path.parent.name + path.stem else None


def _record(path: Path) -> RunRecord | None:
    """Return a record in DVC's cache; None if it is damaged, or of another version."""
    content = content_of(path)
    try:
        return RunRecord.of(json.loads(content)) if content else None
    except ValidationError:
        return None


@lru_cache(maxsize=1)
def _listed(path: Path, modified: int) -> dict[str, list[str]]:
    found = look_up(path, RESTORABLE)
    return dict(found["runs"]) if found else {}
