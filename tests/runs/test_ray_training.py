"""Nets that a Ray cluster trains, in a folder that has none of the data: the same bytes as on this machine."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import small_suite

from bythebook import catalogue, recipe
from bythebook.records.events import EpochEnded, Event, RunEnded, RunStarted
from bythebook.records.run import RECORD, WEIGHTS
from bythebook.runs.cluster.executor import RayExecutor
from bythebook.runs.fanout import complete
from bythebook.runs.local_executor import LocalExecutor
from bythebook.runs.memo import TIMINGS, Memo
from bythebook.runs.run import Run
from bythebook.runs.view import DataView
from bythebook.training.determinism import ENVIRONMENT

pytestmark = pytest.mark.xdist_group("ray")


def wanted(data: Path) -> list[Run]:
    """A run by compiled epochs, and one by ``fit`` that starts from its lower layers."""
    resolved = recipe.resolve({"hidden": [8], "epochs": 1}, "tiny")
    first = Run("first", 0, resolved, DataView.of(data), loop="fused")
    strategy = catalogue.resolve(
        "strategy", {"name": "freeze_then_finetune", "frozen_epochs": 1, "fine_tuning_epochs": 1}, "tiny"
    )
    return [first, replace(first, name="second", strategy=strategy, source=first.key, loop="plain")]


def test_a_cluster_trains_the_same_bytes_with_files_that_travel(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    runs = wanted(small_suite.digits(Path("digits")))
    events: list[Event] = []
    place = str(tmp_path / "elsewhere")
    with RayExecutor(1, small_suite.prepare, cluster.address, place, variables=ENVIRONMENT) as executor:
        there = complete(runs, Path("there/memo"), executor, events.append)
    with LocalExecutor(1, small_suite.prepare) as executor:
        here = complete(runs, Path("here/memo"), executor, lambda event: None)
    assert there == here and {record.status for record in here.values()} == {"finished"}
    for run in runs:
        kept = [Memo(Path(folder)).directory(run.key) for folder in ("there/memo", "here/memo")]
        assert {path.name for path in kept[0].iterdir()} == {RECORD, WEIGHTS, TIMINGS}
        for name in (RECORD, WEIGHTS):
            assert (kept[0] / name).read_bytes() == (kept[1] / name).read_bytes()
        told = [type(event) for event in events if getattr(event, "key", None) == run.key]
        assert told == [RunStarted, *[EpochEnded] * run.epochs, RunEnded]
    assert sorted(os.listdir("there")) == ["memo"]
