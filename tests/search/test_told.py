"""What a study was told is kept in files: who dies, comes second or damages one costs no trial."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import synthetic_search as synthetic
from damages import DAMAGES

from bythebook.errors import UserError
from bythebook.records.events import Event
from bythebook.runs.local_executor import LocalExecutor
from bythebook.sealed import read_sealed, write_sealed
from bythebook.search.trials import FinishedTrial

TRIALS = synthetic.SETTINGS.trials


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[FinishedTrial]:
    """The trials of an undisturbed search."""
    return synthetic.run(tmp_path_factory.mktemp("whole"))


def file(folder: Path, number: int) -> Path:
    return folder / "told" / "synthetic" / f"{number:05d}.json"


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "told" / "synthetic").glob("*.json")}


@pytest.mark.parametrize("damage", [*DAMAGES, None])
def test_a_damaged_trial_is_told_once_and_is_trained_again(
    tmp_path: Path, whole: list[FinishedTrial], damage: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    assert synthetic.run(tmp_path) == whole
    before, path = files(tmp_path), file(tmp_path, 5)
    assert len(before) == TRIALS
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(DAMAGES[damage](path.read_bytes(), file(tmp_path, 6).read_bytes()))
    assert synthetic.run(tmp_path) == whole
    said = [record.getMessage() for record in caplog.records if record.name.startswith("bythebook")]
    assert said == ([f"{path} is damaged: it counts as missing and is made again"] if damage else [])
    assert files(tmp_path) == before


def test_a_trial_of_another_version_is_trained_again(tmp_path: Path, whole: list[FinishedTrial]) -> None:
    synthetic.run(tmp_path)
    path, name = file(tmp_path, 3), "synthetic/3"
    kept = read_sealed(path, name)
    write_sealed(path, name, {key: value for key, value in kept.items() if key != "curve"})
    assert synthetic.run(tmp_path) == whole
    assert read_sealed(path, name) == kept


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process in the middle of a search."""
    script = Path(__file__).with_name("waiting_search.py")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, str(script), str(tmp_path), "7"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == f"[{process.pid}]\n"
        yield process
        process.kill()


def test_a_second_search_is_refused_and_goes_on_when_the_first_was_killed(
    tmp_path: Path, whole: list[FinishedTrial], waiting: subprocess.Popen[str]
) -> None:
    with pytest.raises(
        UserError, match=rf"the study synthetic is being searched in process {waiting.pid}; wait for it"
    ):
        synthetic.run(tmp_path)
    assert sorted(files(tmp_path)) == [f"{number:05d}.json" for number in range(7)]
    waiting.send_signal(signal.SIGKILL)
    waiting.wait()
    assert synthetic.run(tmp_path) == whole


def test_a_search_that_was_interrupted_goes_on(tmp_path: Path, whole: list[FinishedTrial]) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        synthetic.run(tmp_path, evaluate=synthetic.after(5, interrupt))
    assert len(files(tmp_path)) == 4
    assert synthetic.run(tmp_path) == whole


def test_a_worker_that_is_killed_costs_no_trial(tmp_path: Path, whole: list[FinishedTrial]) -> None:
    killed: list[int] = []

    def kill(event: Event) -> None:
        if len(killed) < 2 and event["number"] >= 6 * len(killed):
            killed.append(event["pid"])
            os.kill(event["pid"], signal.SIGKILL)

    executor = LocalExecutor(2, synthetic.nothing)
    assert synthetic.run(tmp_path, evaluate=synthetic.through(executor, kill)) == whole
    assert len(set(killed)) == 2
