"""Which runs lie in DVC's cache, after a pull or from an earlier commit: the memo takes over those that it lacks.

DVC deletes a stage's output before the stage runs but keeps it in its cache, where dvc.lock finds it. The layout is the
documented one: a file lies under its md5, and a folder is the JSON list of its files and their md5.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from bythebook.documents import read_yaml
from bythebook.errors import UserError
from bythebook.files import sha256_of
from bythebook.records.run import RECORD, WEIGHTS
from bythebook.records.suite import INDEX
from bythebook.runs.dvc_cache import RESTORABLE, content_of
from bythebook.sealed import look_up, write_sealed
from pipeline import stage

LOCK = Path("dvc.lock")


def list_runs() -> None:
    """Write the list that the memo reads, unless it was made from the same dvc.lock."""
    path = stage.MEMO.parent / RESTORABLE
    made_from = sha256_of(LOCK) if LOCK.is_file() else None
    listed = look_up(path, RESTORABLE)
    if made_from and (listed is None or listed["made_from"] != made_from):
        cache = _cache()
        runs = {key: files for folder in _folders() for key, files in _runs(cache, folder)}
        write_sealed(path, RESTORABLE, {"made_from": made_from, "runs": runs})


def _cache() -> Path:
    # Imported here: it takes a fifth of a second, and where nothing is locked nobody asks.
    from dvc.config import Config

    return Path(Config(".dvc")["cache"].get("dir") or ".dvc/cache").absolute() / "files" / "md5"


def _folders() -> list[str]:
    """The md5 of the suites that dvc.lock knows; none of a file that is no lock, which DVC itself refuses."""
    try:
        outs = [out for each in read_yaml(LOCK)["stages"].values() for out in each.get("outs", [])]
        folders = (out for out in outs if out["hash"] == "md5" and out["md5"].endswith(".dir"))
        return [out["md5"] for out in folders if Path(out["path"]).is_relative_to("runs")]
    except (UserError, LookupError, TypeError, AttributeError):
        return []


def _runs(cache: Path, folder: str) -> Iterator[tuple[str, list[str]]]:
    """The runs of a suite, each with the paths of its record and, if it has some, of its weights."""
    listing = content_of(_path(cache, folder))
    files = {each["relpath"]: _path(cache, each["md5"]) for each in json.loads(listing or b"[]")}
    index = content_of(files[INDEX]) if INDEX in files else None
    for run in json.loads(index)["runs"] if index else []:
        found = [files.get(f"{run['path']}/{name}") for name in (RECORD, WEIGHTS)]
        yield run["key"], [str(path) for path in found if path]


def _path(cache: Path, md5: str) -> Path:
    return cache / md5[:2] / md5[2:]
