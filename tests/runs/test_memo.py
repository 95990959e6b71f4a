from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from damages import DAMAGES
from made_records import made_rows, made_timings, run_record

from bythebook import catalogue, recipe
from bythebook.documents import read_json
from bythebook.errors import UserError
from bythebook.files import sha256_of
from bythebook.records.run import RECORD, WEIGHTS, RunRecord, Timings
from bythebook.records.suite import Heading, read_suite
from bythebook.runs.memo import TIMINGS, Memo
from bythebook.runs.run import Run
from bythebook.runs.suite import write_suite
from bythebook.runs.view import DataView
from bythebook.sealed import write_sealed

KEY, OTHER = "ab" * 32, "cd" * 32


def save(path: Path, content: bytes = b"weights") -> None:
    path.write_bytes(content)


def record(key: str = KEY, accuracy: float = 0.5, status: str = "finished") -> RunRecord:
    return run_record(rows=made_rows([1 - accuracy]), status=status, key=key)


def timings(started: float = 100.0) -> Timings:
    return made_timings(record(), started)


def test_a_run_is_kept_with_the_digest_of_its_weights(tmp_path: Path) -> None:
    memo = Memo(tmp_path / "memo")
    assert memo.record(KEY) is None
    kept = memo.keep(record(), timings(), save)
    assert memo.record(KEY) == kept
    assert kept.weights_sha256 == sha256_of(memo.directory(KEY) / "weights.weights.h5")
    assert memo.timings(KEY) == timings()
    assert memo.timings(OTHER) is None


def damaged(tmp_path: Path, file: str, damage: str | None) -> Memo:
    """A memo with an entry, one of whose files is damaged, or missing."""
    memo = Memo(tmp_path)
    memo.keep(record(accuracy=0.6), timings(), save)
    memo.keep(record(OTHER, accuracy=0.9), timings(200.0), lambda path: save(path, b"weights of another"))
    path, other = (memo.directory(key) / file for key in (KEY, OTHER))
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(DAMAGES[damage](path.read_bytes(), other.read_bytes()))
    return memo


@pytest.mark.parametrize("file", [WEIGHTS, RECORD])
@pytest.mark.parametrize("damage", [*DAMAGES, None])
def test_a_damaged_entry_counts_as_missing_and_is_told_once(
    tmp_path: Path, file: str, damage: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    memo = damaged(tmp_path, file, damage)
    assert [memo.record(KEY), memo.record(KEY), memo.timings(KEY)] == [None] * 3
    assert caplog.messages == [f"{memo.directory(KEY)} is damaged: it counts as missing and is made again"]
    assert [path.name for path in memo.directory(KEY).parent.iterdir()] == []
    assert memo.record(OTHER) and len(caplog.messages) == 1


@pytest.mark.parametrize("damage", [*DAMAGES, None])
def test_damaged_timings_are_told_once_and_cost_the_run_nothing(
    tmp_path: Path, damage: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    memo = damaged(tmp_path, TIMINGS, damage)
    found = memo.record(KEY)
    assert found and found.final_metrics["val_accuracy"] == 0.6
    assert [memo.timings(KEY), memo.timings(KEY)] == [None, None]
    path = memo.directory(KEY) / TIMINGS
    assert caplog.messages == ([f"{path} is damaged: it counts as missing and is made again"] if damage else [])
    assert memo.record(KEY) == found


def test_timings_of_another_version_count_as_none(tmp_path: Path) -> None:
    memo = Memo(tmp_path)
    found = memo.keep(record(), timings(), None)
    write_sealed(memo.directory(KEY) / TIMINGS, KEY, {"seconds": 1.5})
    assert memo.timings(KEY) is None and memo.record(KEY) == found


@pytest.mark.parametrize("edit", ["[]", "null", "3", '{"key": "' + KEY + '"}', None])
def test_an_edited_record_is_not_believed(tmp_path: Path, edit: str | None) -> None:
    memo = Memo(tmp_path)
    memo.keep(record(accuracy=0.6), None, None)
    path = memo.directory(KEY) / RECORD
    edited = path.read_text().replace("0.6", "0.999")
    assert edited != path.read_text()
    path.write_text(edited if edit is None else edit)
    assert memo.record(KEY) is None


def test_a_save_that_fails_keeps_nothing(tmp_path: Path) -> None:
    memo = Memo(tmp_path)

    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        memo.keep(record(), None, fail)
    assert memo.record(KEY) is None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def view(tmp_path: Path, digest: str = "d") -> DataView:
    return DataView(tmp_path, "digits", digest)


def test_a_key_depends_on_what_decides_the_numbers_and_on_nothing_else(tmp_path: Path) -> None:
    short, long = recipe.resolve({"epochs": 1}, "short"), recipe.resolve({"epochs": 2}, "long")
    base = Run("a", 0, short, view(tmp_path))
    same = Run("b", 0, short, view(tmp_path / "elsewhere"), about="text", tags={"x": "y"})
    assert base.key == same.key
    others = [
        replace(base, seed=1),
        replace(base, recipe=long),
        replace(base, view=view(tmp_path, "other")),
        replace(base, strategy=catalogue.resolve("strategy", "finetune", "s")),
        replace(base, source="k"),
        replace(base, source_view=view(tmp_path)),
        replace(base, loop="fused"),
    ]
    assert len({run.key for run in [base, *others]}) == 8


def test_runs_under_keys_of_an_earlier_layout_are_told_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    memo = Memo(tmp_path / "memo")
    memo.tell_of_earlier_layouts()
    memo.keep(record(), None, save)
    memo.tell_of_earlier_layouts()
    assert not caplog.records
    (tmp_path / "memo" / "layout").write_text("4")
    memo.tell_of_earlier_layouts()
    memo.tell_of_earlier_layouts()
    assert [one.levelname for one in caplog.records] == ["WARNING"]
    assert "trained again" in caplog.text and str(tmp_path / "memo") in caplog.text


def test_a_suite_goes_round_byte_for_byte(tmp_path: Path) -> None:
    memo = Memo(tmp_path / "memo")
    runs = [Run("b", seed, recipe.resolve({}, "b"), view(tmp_path), about="B.", tags={"arm": "x"}) for seed in (0, 1)]
    records = {
        runs[0].key: memo.keep(record(runs[0].key), None, save),
        runs[1].key: record(runs[1].key, status="pruned"),
    }
    heading = Heading("mine", "train@mine", "digits", "Which?")
    for name in ("one", "two"):
        write_suite(tmp_path / name, heading, runs, records, tmp_path / "memo", {"best": 0})
    suite = read_suite(tmp_path / "one")
    assert (suite.suite, suite.question, suite.extra) == ("mine", "Which?", {"best": 0})
    assert [(entry.name, entry.seed, entry.record.status) for entry in suite.entries] == [
        ("b", 0, "finished"),
        ("b", 1, "pruned"),
    ]
    assert suite.entries[0].weights and suite.entries[0].weights.read_bytes() == b"weights"
    assert suite.entries[1].weights is None
    contents = [
        {
            path.relative_to(tmp_path / name): path.read_bytes()
            for path in (tmp_path / name).rglob("*")
            if path.is_file()
        }
        for name in ("one", "two")
    ]
    assert contents[0] == contents[1] and len(contents[0]) == 4
    assert "seconds" not in str(read_json(tmp_path / "one" / "suite.json"))


def test_a_folder_without_a_suite_says_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has not run"):
        read_suite(tmp_path)
