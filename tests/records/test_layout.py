"""Records are checked when they are read, and are written as they were read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_records import run_record

from bythebook.documents import canonical_json, write_json
from bythebook.errors import UserError
from bythebook.records.run import SCHEMA, RunRecord, read_record
from bythebook.records.suite import read_suite

LAYERS = {"gradient_norm": [0.1, None]}
ROW = {"epoch": 0, "loss": 0.5, "val_loss": 0.6, "learning_rate": 0.1}


def test_a_record_is_written_as_it_was_read(tmp_path: Path) -> None:
    rows = [ROW, {**ROW, "epoch": 1, "step_noise": 0.2, "layers": LAYERS}]
    tested = {"learning_rate": 0.1, "rates": [0.1, 1.0], "losses": [2.0, 1.0]}
    record = run_record(rows=rows, range_test=tested, shared={"before": 0.9, "after": 0.8, "cloned": 0.9})
    write_json(tmp_path / "record.json", record.as_json())
    written = (tmp_path / "record.json").read_bytes()
    read = read_record(tmp_path / "record.json")
    assert read == record and canonical_json(read.as_json()) == written
    first, second = read.epochs
    assert "layers" not in json.loads(written)["epochs"][0]
    assert (first.layers, second.layers, second.metrics["step_noise"]) == (None, LAYERS, 0.2)
    assert first.values == {"loss": 0.5, "val_loss": 0.6, "learning_rate": 0.1}
    assert read.final and "learning_rate" not in read.final.metrics


def test_nothing_in_a_record_can_be_changed() -> None:
    record = run_record()
    with pytest.raises(ValueError, match="frozen"):
        record.status = "pruned"  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        record.epochs[0].epoch = 3  # type: ignore[misc]


@pytest.mark.parametrize("found", [SCHEMA - 1, SCHEMA + 1, None, str(SCHEMA)])
def test_a_record_of_another_layout_is_refused_with_both_numbers(tmp_path: Path, found: Any) -> None:
    path = tmp_path / "record.json"
    write_json(path, {**run_record().as_json(), "schema": found})
    with pytest.raises(UserError) as caught:
        read_record(path)
    assert str(caught.value) == (
        f"{path}: has layout {found!r} of these records, and this version of bythebook reads layout {SCHEMA};"
        " bring it up to date with 'make repro'."
    )


WRONG: dict[str, Callable[[dict[str, Any]], Any]] = {
    "status: input should be 'finished', 'diverged' or 'pruned'": lambda record: record.update(status="lost"),
    "parameters: input should be a valid integer": lambda record: record.update(parameters="many"),
    "identity.seed: is required": lambda record: record["identity"].pop("seed"),
    "epochs.1.loss: input should be a valid number": lambda record: record["epochs"][1].update(loss="low"),
    "identity.recipe.hidden": lambda record: record["identity"]["recipe"].update(hidden=[1.5]),
    "unknown key 'note'": lambda record: record.update(note="mine"),
}


@pytest.mark.parametrize(("said", "change"), WRONG.items(), ids=WRONG)
def test_what_is_no_record_is_told_with_file_and_place(
    tmp_path: Path, said: str, change: Callable[[dict[str, Any]], Any]
) -> None:
    content = run_record().as_json()
    change(content)
    write_json(tmp_path / "record.json", content)
    with pytest.raises(UserError) as caught:
        read_record(tmp_path / "record.json")
    assert str(tmp_path / "record.json") in str(caught.value) and said in str(caught.value).lower()


def test_a_suite_of_another_layout_is_refused(tmp_path: Path) -> None:
    write_json(tmp_path / "suite.json", {"schema": 0, "runs": []})
    with pytest.raises(UserError, match=r"suite\.json: has layout 0 of these records"):
        read_suite(tmp_path)


def test_equal_records_are_equal_and_a_copy_with_another_field_is_not() -> None:
    assert run_record() == run_record()
    assert run_record() != run_record(seed=1)
    assert RunRecord.of(run_record().as_json()) == run_record()
