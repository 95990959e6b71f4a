from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made import entry, measured

from bythebook.claims.references import Reference, compared, read_references
from bythebook.errors import UserError

REFERENCES = Path(__file__).resolve().parents[2] / "pipeline" / "references.yaml"


def test_one_more_run_lies_in_the_interval_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    inside = 0
    for _ in range(400):
        values = random.normal(0.8, 0.02, 6)
        made = measured({"suite/a": [entry({}, seed, [1 - value]) for seed, value in enumerate(values[:5])]})
        reference = Reference("suite/a", "digits", 1, "validation_accuracy", {"somebody": float(values[5])}, None)
        (row,) = compared([reference], made)
        inside += row["outside"] == []
    assert inside / 400 == pytest.approx(0.95, abs=0.03)


def test_one_seed_says_nothing_about_what_others_reported() -> None:
    made = measured({"suite/a": [entry({}, 0, [0.1])]})
    (row,) = compared([Reference("suite/a", "digits", 1, "validation_accuracy", {"x": 0.5}, None)], made)
    assert (row["outside"], row["low"]) == (None, None)


def test_values_of_other_data_are_left_out() -> None:
    made = measured({"suite/a": [entry({}, 0, [0.1], dataset="mnist")]})
    elsewhere = [Reference(arm, "digits", 1, "validation_accuracy", {"x": 0.5}, None) for arm in ("suite/a", "suite/b")]
    assert compared(elsewhere, made) == []


def test_values_after_other_epochs_are_left_out() -> None:
    made = measured({"suite/a": [entry({}, 0, [0.2, 0.1])]})
    found = [
        compared([Reference("suite/a", "digits", epochs, "validation_accuracy", {"x": 0.5}, None)], made)
        for epochs in (1, 2)
    ]
    assert [len(rows) for rows in found] == [0, 1]


def test_the_declared_references_are_read() -> None:
    assert len(read_references(REFERENCES)) > 10


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "references.yaml"
    path.write_text(
        "a/b: {dataset: x, epochs: 1, metric: validation_acuracy, reported: {y: 0.5}}\n"
        "a/c: {dataset: x, epochs: 1, metric: test_accuracy, reported: {}, eplained: z}\n"
        "a/d: {dataset: x, epochs: 1, metric: test_accuracy, reported: {}}\n"
        "a/e: 3\n"
    )
    with pytest.raises(UserError) as refused:
        read_references(path)
    told = str(refused.value)
    assert "Did you mean 'validation_accuracy'?" in told
    assert "unknown key 'eplained'. Did you mean 'explained'?" in told
    assert "a/d.reported: is empty" in told
    assert "a/e" in told
