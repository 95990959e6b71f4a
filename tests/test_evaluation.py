"""Which runs the evaluate stage asks about test images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bythebook.datasets.storage import save_array
from bythebook.documents import read_json
from bythebook.evaluation.evaluate import evaluate
from bythebook.evaluation.evaluated_run import Settings
from bythebook.runs.suite import Entry, Suite


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
    data = {"task": None, "side": None, "dataset": "digits"}
    record = {"key": name, "weights_sha256": weights, "status": "finished"}
    record |= {"identity": {"recipe": {"target": target, "dropout": None}, "data": data}}
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
