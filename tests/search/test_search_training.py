"""Searches that train real nets in real worker processes: the same bytes with one worker or two, killed or not."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import trained_search as trained

from bythebook.runs.executor import LocalExecutor
from bythebook.runs.fanout import complete
from bythebook.runs.memo import Memo
from bythebook.runs.run import Run, View
from bythebook.runs.suite import read_suite

SCRIPT = Path(trained.__file__)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    trained.prepare(folder)
    return folder


@pytest.fixture(scope="module")
def whole(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a search that two workers ran without interruption."""
    folder = tmp_path_factory.mktemp("whole")
    events: list[dict[str, Any]] = []
    trained.run(source, folder, 2, events.append)
    started = [event["key"] for event in events if event["event"] == "started"]
    keys = {entry.key for entry in read_suite(folder / "suite").entries}
    assert sorted(started) == sorted(keys) and len(keys) < trained.SETTINGS.trials, "a recipe drawn again trained again"
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_suite_of_a_search_holds_every_trial(whole: Path) -> None:
    suite = read_suite(whole / "suite")
    trials = suite.extra["trials"]
    assert [entry.name for entry in suite.entries] == [f"trial-{number:03d}" for number in range(trained.SETTINGS.trials)]
    assert [trial["key"] for trial in trials] == [entry.key for entry in suite.entries]
    states = {"finished": "complete", "pruned": "pruned", "diverged": "failed"}
    assert [trial["state"] for trial in trials] == [states[entry.record["status"]] for entry in suite.entries]
    assert {"complete", "pruned"} == {trial["state"] for trial in trials}
    assert [trial["enqueued"] for trial in trials] == [True] + [False] * (trained.SETTINGS.trials - 1)
    done = [trial for trial in trials if trial["state"] == "complete"]
    for trial in done:
        assert trial["value"] == suite.entries[trial["number"]].record["final"]["val_accuracy"]
        assert suite.entries[trial["number"]].weights is not None
    assert trials[suite.extra["best"]]["value"] == max(trial["value"] for trial in done)
    first = suite.entries[0].record["identity"]["recipe"]
    assert (first["hidden"], first["optimizer"]["learning_rate"]) == ([12], 0.01)


def test_a_killed_search_with_one_worker_ends_in_the_same_bytes(source: Path, whole: Path, tmp_path: Path) -> None:
    """Even though the memo has lost the first trial, whose result the study already holds."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, str(SCRIPT), str(source), str(tmp_path), "1", "5"]
    killed = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not (tmp_path / "suite").exists()
    keys = [entry.key for entry in read_suite(whole / "suite").entries]
    shutil.rmtree(Memo(tmp_path / "memo").directory(keys[0]))
    started: list[str] = []

    def note(event: dict[str, Any]) -> None:
        if event["event"] == "started":
            started.append(event["key"])

    trained.run(source, tmp_path, 1, note)
    assert files(tmp_path / "suite") == files(whole / "suite")
    assert started.count(keys[0]) == 1 and len(started) > 3
    assert not {keys[1], keys[2]} & set(started)


def test_a_full_memo_and_a_lost_study_change_no_byte(source: Path, whole: Path, tmp_path: Path) -> None:
    """Trials that are pruned in this search are in the memo as finished runs, as another stage may have left them."""
    shutil.copytree(whole / "memo", tmp_path / "memo")
    pruned = [entry for entry in read_suite(whole / "suite").entries if entry.record["status"] == "pruned"]
    assert pruned
    view = View.of(source / "data")
    runs = [Run(entry.name, entry.seed, entry.record["identity"]["recipe"], view) for entry in pruned]
    assert {run.key for run in runs} == {entry.key for entry in pruned}
    with LocalExecutor(1, trained.ready) as executor:
        complete(runs, tmp_path / "memo", executor, lambda event: None)
    events: list[str] = []
    trained.run(source, tmp_path, 1, lambda event: events.append(event["event"]))
    assert files(tmp_path / "suite") == files(whole / "suite")
    assert "started" not in events
