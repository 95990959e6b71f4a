"""Which runs the evaluate stage asks about test images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from damages import DAMAGES
from made_records import run_record

from bythebook.datasets.storage import save_array
from bythebook.documents import read_json
from bythebook.evaluation import cache
from bythebook.evaluation.evaluate import evaluate
from bythebook.evaluation.evaluated_run import Settings
from bythebook.recipe import resolve
from bythebook.records.suite import Entry, Suite


class Asked:
    """An executor that notes which runs it is to evaluate."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    def map(self, function: Any, tasks: Sequence[Any], *more: Any) -> list[dict[str, Any]]:
        self.paths += [task.path for task in tasks]
        return [{"accuracy": 0.9, "loss": 0.1, "nll": 0.1, "ece": 0.0} for _ in tasks]


@pytest.fixture
def standardized(tmp_path: Path) -> Path:
    """Just enough of a data set to be named in a key."""
    folder = tmp_path / "digits"
    for split in ("train", "test"):
        for part in ("images", "labels"):
            save_array(folder / split / f"{part}.npy", np.zeros(3))
    (folder / "statistics.npz").write_bytes(b"statistics")
    return tmp_path


def entry(name: str, target: str, weights: str | None = "w") -> Entry:
    identity = {"recipe": {**resolve({}, "test"), "target": target}}
    record = run_record(identity=identity, key=name, weights_sha256=weights)
    return Entry(name, "", 0, name, {}, Path(), record)


def test_nets_that_were_pretrained_without_labels_and_those_without_weights_are_left_aside(
    standardized: Path, tmp_path: Path
) -> None:
    entries = [entry("turned", "rotation"), entry("restored", "reconstruction"), entry("dead", "labels", None)]
    suite = Suite("s", "search@s", "digits", "", {}, (*entries, entry("mine", "labels")))
    asked: Any = Asked()
    folders = standardized, tmp_path / "tasks", Settings(5, 1.0)
    evaluate([suite], *folders, asked, lambda event: None, tmp_path / "before", tmp_path / "out")
    assert asked.paths == ["s/mine/seed-0"]
    found = read_json(tmp_path / "out" / "evaluation.json")
    assert list(found["runs"]) == ["s/mine/seed-0"] and list(found["recipes"]) == ["s/mine"]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_evaluation_is_told_once_and_is_evaluated_again(
    standardized: Path, tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    suite = Suite("s", "search@s", "digits", "", {}, (entry("one", "labels"), entry("other", "labels")))
    before = tmp_path / "before"
    one, other = (cache.place(before, each.record, standardized / "digits", None, None) for each in suite.entries)
    cache.write(one, {"accuracy": 0.8, "loss": 0.2, "nll": 0.2, "ece": 0.1})
    cache.write(other, {"accuracy": 0.7, "loss": 0.3, "nll": 0.3, "ece": 0.1})

    def asked() -> list[str]:
        executor: Any = Asked()
        folders = standardized, tmp_path / "tasks", Settings(5, 1.0)
        evaluate([suite], *folders, executor, lambda event: None, before, tmp_path / "out")
        paths: list[str] = executor.paths
        return paths

    assert asked() == []
    one.write_bytes(DAMAGES[damage](one.read_bytes(), other.read_bytes()))
    assert asked() == asked() == ["s/one/seed-0"]
    assert caplog.messages == [f"{one} is damaged: it counts as missing and is made again"]
    found = read_json(tmp_path / "out" / "evaluation.json")["runs"]
    assert [found[f"s/{name}/seed-0"]["accuracy"] for name in ("one", "other")] == [0.9, 0.7]
