"""Runs that DVC's cache has: taken into the memo when they are asked for, if they are sound."""

from __future__ import annotations

import json
from hashlib import md5, sha256
from pathlib import Path
from typing import Any

import pytest
from damages import DAMAGES
from made_records import run_record

from bythebook.records.run import WEIGHTS, RunRecord
from bythebook.runs.dvc_cache import RESTORABLE
from bythebook.runs.memo import TIMINGS, Memo
from bythebook.sealed import write_sealed

KEY, OTHER = "ab" * 32, "cd" * 32
CONTENT = b"weights"


def cached(folder: Path, content: bytes) -> Path:
    """A file in DVC's cache."""
    name = md5(content).hexdigest()
    path = folder / "cache" / name[:2] / name[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def listed(folder: Path, **more: Any) -> tuple[Memo, Path, Path]:
    """A memo beside a list with one run, and the run's record and weights in DVC's cache."""
    record = run_record(key=KEY, weights_sha256=sha256(CONTENT).hexdigest()).as_json() | more
    files = [cached(folder, json.dumps(record).encode()), cached(folder, CONTENT)]
    write_sealed(folder / RESTORABLE, RESTORABLE, {"made_from": None, "runs": {KEY: [str(path) for path in files]}})
    return Memo(folder / "memo"), *files


def test_a_run_in_dvcs_cache_is_taken_over_when_it_is_asked_for(tmp_path: Path) -> None:
    memo, record, _ = listed(tmp_path)
    assert memo.record(OTHER) is None and not (tmp_path / "memo").exists()
    assert memo.record(KEY) == RunRecord.of(json.loads(record.read_bytes()))
    assert (memo.directory(KEY) / WEIGHTS).read_bytes() == CONTENT
    assert memo.timings(KEY) is None and not (memo.directory(KEY) / TIMINGS).exists()
    (tmp_path / RESTORABLE).unlink()
    assert memo.record(KEY)


def test_a_run_without_weights_is_taken_over_too(tmp_path: Path) -> None:
    memo, _, _ = listed(tmp_path, status="diverged", weights_sha256=None)
    found = memo.record(KEY)
    assert found and found.status == "diverged" and not (memo.directory(KEY) / WEIGHTS).exists()


def test_it_takes_the_place_of_a_damaged_entry(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    memo, _, _ = listed(tmp_path)
    found = memo.record(KEY)
    (memo.directory(KEY) / WEIGHTS).write_bytes(b"")
    assert found and memo.record(KEY) == found and len(caplog.messages) == 1


@pytest.mark.parametrize("damage", [*DAMAGES, None])
@pytest.mark.parametrize("file", [1, 2])
def test_damaged_or_missing_files_in_dvcs_cache_are_not_taken(tmp_path: Path, damage: str | None, file: int) -> None:
    made = listed(tmp_path)
    memo, path = made[0], Path(str(made[file]))
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(DAMAGES[damage](path.read_bytes(), b'{"key": "another"}'))
    assert memo.record(KEY) is None and not memo.directory(KEY).exists()


@pytest.mark.parametrize("more", [{"key": OTHER}, {"status": "pruned"}, {"schema": 3}])
def test_what_is_not_the_record_that_is_wanted_is_not_taken(tmp_path: Path, more: dict[str, Any]) -> None:
    memo, _, _ = listed(tmp_path, **more)
    assert memo.record(KEY) is None


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_list_is_told_once(tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    memo, _, _ = listed(tmp_path)
    path = tmp_path / RESTORABLE
    write_sealed(tmp_path / "other", "other", {"schema": 4, "runs": {}})
    path.write_bytes(DAMAGES[damage](path.read_bytes(), (tmp_path / "other").read_bytes()))
    assert memo.record(KEY) is None and memo.record(KEY) is None
    assert caplog.messages == [f"{path} is damaged: it counts as missing and is made again"]
