"""Worker processes started from nothing and forked from a warm one: how they begin and how they all end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fanned_out
import psutil
import pytest

from bythebook.records.events import Observe
from bythebook.runs.executor import WorkerError
from bythebook.runs.local_executor import LocalExecutor
from bythebook.runs.workers import threads

pytestmark = pytest.mark.usefixtures("one_thread_each")

PREPARED: list[int] = []


def prepare() -> None:
    PREPARED.append(os.getpid())


def prepare_with_a_thread() -> None:
    prepare()
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()


def fail_to_prepare() -> None:
    raise ImportError("nothing to train with")


def tell(_: Any, emit: Observe) -> tuple[int, int, list[int], int]:
    return os.getpid(), os.getppid(), PREPARED, threads()


def wait_for(mark: Path, emit: Observe) -> int:
    emit({"event": "waiting", "pid": os.getpid(), "parent": os.getppid()})
    until(mark.exists)
    return os.getpid()


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def ended(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_forked_workers_are_prepared_once_and_started_ones_each() -> None:
    with LocalExecutor(2, prepare, fork=True) as executor:
        forked = executor.map(tell, [0, 1, 2, 3], print)
    with LocalExecutor(2, prepare, fork=False) as executor:
        spawned = executor.map(tell, [0, 1, 2, 3], print)
    assert {tuple(prepared) for _, _, prepared, _ in forked} == {(parent,) for _, parent, _, _ in forked}
    assert os.getpid() not in {parent for _, parent, _, _ in forked}
    assert all(prepared == [own] and parent == os.getpid() for own, parent, prepared, _ in spawned)
    assert {count for *_, count in forked} == {1}


def test_a_process_with_threads_is_not_forked() -> None:
    with LocalExecutor(2, prepare_with_a_thread, fork=True) as executor:
        told = executor.map(tell, [0, 1], print)
    assert all(prepared == [own] and parent == os.getpid() for own, parent, prepared, _ in told)


@pytest.mark.parametrize("fork", [False, True])
def test_workers_that_cannot_be_prepared_end_the_map(fork: bool, capfd: pytest.CaptureFixture[str]) -> None:
    with LocalExecutor(2, fail_to_prepare, fork) as executor, pytest.raises(WorkerError):
        executor.map(tell, [0], print)
    assert "nothing to train with" in capfd.readouterr().err


def test_when_the_process_that_is_forked_dies_all_begin_again(tmp_path: Path) -> None:
    events: list[dict[str, Any]] = []
    mark = tmp_path / "mark"

    def kill_then_go_on(event: dict[str, Any]) -> None:
        events.append(event)
        assert event["parent"] != os.getpid()
        if len(events) == 2:
            os.kill(event["parent"], signal.SIGKILL)
        if len(events) == 4:
            mark.touch()

    with LocalExecutor(2, prepare, fork=True) as executor:
        last = executor.map(wait_for, [mark, mark], kill_then_go_on)
    assert len({event["parent"] for event in events}) == 2
    assert set(last) == {event["pid"] for event in events[2:]}


@pytest.mark.parametrize("way", ["fork", "spawn"])
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_everything_below_a_stage_ends_with_it(tmp_path: Path, way: str, sent: signal.Signals) -> None:
    command = [sys.executable, str(Path(fanned_out.__file__)), str(tmp_path), way]
    stage = subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE)
    until(lambda: len(list(tmp_path.iterdir())) == 2)
    below = psutil.Process(stage.pid).children(recursive=True)
    assert {int(path.name) for path in tmp_path.iterdir()} <= {process.pid for process in below}
    # Ctrl-C reaches every process of a terminal's foreground group, a kill only the stage.
    (os.kill if sent == signal.SIGKILL else os.killpg)(stage.pid, sent)
    said = stage.communicate()[1].decode()
    assert stage.returncode == -sent
    assert said.count("KeyboardInterrupt") == (1 if sent == signal.SIGINT else 0)
    until(lambda: all(ended(process) for process in below))
