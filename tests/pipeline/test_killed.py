"""Stages killed in their middle: a rerun ends with the bytes of a pipeline that nobody disturbed, and nothing twice."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from copies import OWN, Copy, stage_process, wait_for, write_own_data
from mlflow import MlflowClient

from bythebook.documents import read_yaml
from bythebook.records.suite import read_suite
from bythebook.runs.memo import Memo

pytestmark = pytest.mark.xdist_group("pipeline")

STAGES = ("train@initialization", "transfer@freeze_then_finetune", "search@default_dnn", "publish")


def kill_in_the_middle(copy: Copy, stage: str, begun: Callable[[], bool], kill_dvc: bool) -> None:
    """Starts a stage under DVC and kills it, or DVC itself, once it has ``begun``."""
    dvc = copy.start(stage)
    process = wait_for(lambda: stage_process(stage.partition("@")[0], psutil.Process(dvc.pid)))
    wait_for(begun)
    below = process.children(recursive=True)
    os.kill(dvc.pid if kill_dvc else process.pid, signal.SIGKILL)
    dvc.communicate()
    assert dvc.returncode != 0
    psutil.wait_procs([process, *below], timeout=30)
    assert not [left for left in (process, *below) if left.is_running() and left.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The system's folder for temporary files, as the killed stages see it."""
    folder = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TMPDIR", str(folder))
        yield folder


@pytest.fixture(scope="module")
def killed(made_copy: Callable[..., Copy], finished: Copy, temporary: Path) -> Copy:
    copy = made_copy("killed", OWN)
    write_own_data(copy.folder)
    _knows_what_is_not_killed(copy, finished)
    for stage, kill_dvc in zip(STAGES[:3], (True, False, False), strict=True):
        before = len(copy.memo())
        kill_in_the_middle(copy, stage, lambda known=before: len(copy.memo()) > known + 1, kill_dvc)
    # MLflow loses what training mirrored live, so that publish has something to do, and is killed while it does it.
    assert copy.repro("evaluate").returncode == 0
    (copy.folder / "mlflow.db").unlink()
    kill_in_the_middle(copy, "publish", lambda: (copy.folder / "mlflow.db").exists() and _some_runs(copy), False)
    done = copy.repro()
    assert done.returncode == 0, done.stdout
    return copy


def _knows_what_is_not_killed(copy: Copy, finished: Copy) -> None:
    """Gives a copy the runs and evaluations of the other stages, to look up instead of to make once more."""
    theirs, own = (Memo(folder / ".work" / "memo") for folder in (finished.folder, copy.folder))
    others = [finished.folder / "runs" / name for name in ("suites/activations", "champion")]
    entries = [entry for suite in others for entry in read_suite(suite).entries]
    assert len(entries) == 18
    for entry in entries:
        shutil.copytree(theirs.directory(entry.key), own.directory(entry.key))
    shutil.copytree(finished.folder / ".work" / "evaluated", copy.folder / ".work" / "evaluated")


def _some_runs(copy: Copy) -> bool:
    import sqlite3

    with sqlite3.connect(f"file:{copy.folder / 'mlflow.db'}?mode=ro", uri=True) as database:
        try:
            return database.execute("select count(*) from runs").fetchone()[0] > 5
        except sqlite3.OperationalError:
            return False


def test_the_outputs_are_those_of_an_undisturbed_pipeline(killed: Copy, finished: Copy) -> None:
    expected, found = finished.outputs(), killed.outputs()
    assert len(expected) > 100
    assert set(found) == set(expected)
    assert [name for name in expected if found[name] != expected[name]] == []
    # Stages stand in it in the order in which they ended.
    assert read_yaml(killed.folder / "dvc.lock") == read_yaml(finished.folder / "dvc.lock")


def test_nothing_temporary_is_left(killed: Copy, temporary: Path) -> None:
    assert list(temporary.iterdir()) == []
    assert list(killed.folder.rglob("*.part")) == []


def test_mlflow_has_every_run_once_with_every_step_once_and_none_left_running(killed: Copy) -> None:
    client = MlflowClient(f"sqlite:///{killed.folder / 'mlflow.db'}")
    suites = [read_suite(path.parent) for path in (killed.folder / "runs").rglob("suite.json")]
    assert len(suites) == 6
    for suite in suites:
        experiment = client.get_experiment_by_name(suite.experiment)
        runs = client.search_runs([experiment.experiment_id], max_results=1000)
        children = {run.data.tags["bythebook.key"]: run for run in runs if "bythebook.key" in run.data.tags}
        expected = {entry.key: entry.record for entry in suite.entries}
        assert set(children) == set(expected)
        assert len(runs) == len(children) + 1
        assert {run.info.status for run in runs} <= {"FINISHED", "KILLED"}
        for key, run in children.items():
            history = client.get_metric_history(run.info.run_id, "val_loss")
            assert [point.step for point in history] == list(range(len(expected[key].epochs)))
