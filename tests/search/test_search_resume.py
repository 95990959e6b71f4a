"""A search gives the same trials however often it is killed, and however many workers train them."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import synthetic_search as synthetic
from killed_search import plain

DRIVER = Path(__file__).with_name("killed_search.py")
# Telling each of six trials; making the tables of the dashboard's studies, and adding the trials.
WRITES = [*range(1, 8), 10, 13, 16]


def killed(folder: Path, trials: str, *writes: int) -> dict[str, Any]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(DRIVER), str(folder), trials, *map(str, writes)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def uninterrupted(folder: Path, trials: int) -> Any:
    settings = synthetic.SETTINGS.model_copy(update={"trials": trials})
    return json.loads(json.dumps([plain(trial) for trial in synthetic.run(folder, settings)]))


def assert_all_told(folder: Path, trials: int) -> None:
    with sqlite3.connect(folder / "studies.db") as database:
        rows = database.execute("select number, state from trials order by number").fetchall()
    assert [number for number, _ in rows] == list(range(trials))
    assert {state for _, state in rows} <= {"COMPLETE", "PRUNED", "FAIL"}


def test_a_search_killed_once_anywhere_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    expected = uninterrupted(tmp_path / "whole", 6)
    report = killed(tmp_path, "once:6", *WRITES)
    assert [searched["kills"] for searched in report.values()] == [1] * len(WRITES)
    for writes, searched in report.items():
        assert searched["trials"] == expected, f"killed before write {writes}"
        assert_all_told(tmp_path / f"writes-{writes}", 6)


def test_a_search_killed_again_and_again_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    expected = uninterrupted(tmp_path / "whole", 18)
    report = killed(tmp_path, "18", 12)
    assert report["12"]["kills"] >= 4
    assert report["12"]["trials"] == expected
    assert_all_told(tmp_path / "writes-12", 18)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_number_of_workers_changes_no_trial(tmp_path: Path, workers: int) -> None:
    settings = synthetic.SETTINGS.model_copy(update={"trials": 8})
    expected = synthetic.run(tmp_path / "here", settings)
    assert synthetic.run(tmp_path / "workers", settings, synthetic.with_workers(workers)) == expected


def test_the_order_of_sets_changes_no_trial(tmp_path: Path) -> None:
    expected = uninterrupted(tmp_path / "whole", 18)
    for seed in ("1", "2"):
        (tmp_path / seed).mkdir()
        command = [sys.executable, str(DRIVER), str(tmp_path / seed), "18", "100000"]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": seed}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
        assert json.loads(done.stdout)["100000"]["trials"] == expected
