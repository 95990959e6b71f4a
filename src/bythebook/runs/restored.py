"""Runs that DVC has brought from elsewhere: found in its cache, and believed as far as their digests are right."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from bythebook.files import sha256_of
from bythebook.sealed import look_up

RESTORABLE = "restorable.json"
KEPT = ("finished", "diverged")


def restored(store: Path, key: str) -> tuple[dict[str, Any], Path | None] | None:
    """Return the record of a run and the file of its weights, as listed in ``store``; None if DVC's cache has no such.

    Args:
        store: the folder with the list ``restorable.json``: ``{"schema", "runs"}``, where ``runs`` has by key the paths
            in DVC's cache of the record and, if the run has some, of the weights.
    """
    listed = store / RESTORABLE
    if not listed.is_file():
        return None
    found = _listed(listed, listed.stat().st_mtime_ns)
    if key not in found["runs"]:
        return None
    path, *weights = map(Path, found["runs"][key])
    content = content_of(path)
    record = json.loads(content) if content else None
    # A pruned run is a result of its search alone.
    if not record or record["key"] != key or record["schema"] != found["schema"] or record["status"] not in KEPT:
        return None
    if record["weights_sha256"] is None:
        return record, None
    sound = weights and weights[0].is_file() and sha256_of(weights[0]) == record["weights_sha256"]
    return (record, weights[0]) if sound else None


def content_of(path: Path) -> bytes | None:
    """Return the content of a file in DVC's cache; None if it is not there, or is not what its name says."""
    if not path.is_file():
        return None
    content = path.read_bytes()
    return content if hashlib.md5(content).hexdigest() == path.parent.name + path.stem else None


@lru_cache(maxsize=1)
def _listed(path: Path, modified: int) -> dict[str, Any]:
    found: dict[str, Any] | None = look_up(path, RESTORABLE)
    return found or {"schema": None, "runs": {}}
