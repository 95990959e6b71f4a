from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from plain_tasks import die, die_once, fail, fill_the_disk, nothing, refuse, square

from bythebook.errors import UserError
from bythebook.records.events import ignore_events
from bythebook.runs import memory
from bythebook.runs.executor import WorkerError
from bythebook.runs.local_executor import LocalExecutor
from bythebook.runs.task_queue import Expectation

both_ways = pytest.mark.parametrize("fork", [False, True])


@both_ways
@pytest.mark.parametrize("workers", [1, 2])
def test_results_are_in_order_and_events_arrive(workers: int, fork: bool) -> None:
    events: list[dict[str, Any]] = []
    with LocalExecutor(workers, nothing, fork) as executor:
        assert executor.map(square, [3, 1, 2], events.append) == [9, 1, 4]
        assert executor.map(square, [], events.append) == []
        assert executor.map(square, [5], events.append) == [25]
    assert sorted(event["number"] for event in events) == [1, 2, 3, 5]
    assert len({event["pid"] for event in events}) <= workers
    assert os.getpid() not in {event["pid"] for event in events}


def test_tasks_that_follow_from_results_are_run_too() -> None:
    seen: list[tuple[int, int]] = []

    def follow(index: int, result: int) -> list[int]:
        seen.append((index, result))
        return [result, result + 1] if result in (4, 9) else []

    with LocalExecutor(2, nothing) as executor:
        results = executor.map(square, [2, 3, 5], ignore_events, then=follow)
    assert results[:3] == [4, 9, 25]
    assert sorted(results[3:]) == [16, 25, 81, 100]
    assert sorted(seen) == list(enumerate(results))


def test_a_task_that_raises_ends_the_map_with_its_traceback() -> None:
    with LocalExecutor(2, nothing) as executor, pytest.raises(WorkerError, match="ValueError: no 7"):
        executor.map(fail, [7], lambda event: None)


def test_what_a_task_refuses_reaches_the_user_without_a_traceback() -> None:
    with LocalExecutor(1, nothing) as executor, pytest.raises(UserError) as raised:
        executor.map(refuse, [1], lambda event: None)
    assert raised.value.problems == ("first", "second")
    with LocalExecutor(1, nothing) as executor, pytest.raises(UserError, match="a worker cannot .*No space left"):
        executor.map(fill_the_disk, [1], lambda event: None)


@both_ways
def test_a_worker_that_dies_is_replaced_and_its_task_tried_again(tmp_path: Path, fork: bool) -> None:
    with LocalExecutor(2, nothing, fork) as executor:
        assert executor.map(die_once, [str(tmp_path / "a"), str(tmp_path / "b")], ignore_events) == ["lived", "lived"]


@both_ways
def test_a_task_that_kills_every_worker_is_given_up(fork: bool) -> None:
    with LocalExecutor(1, nothing, fork) as executor, pytest.raises(WorkerError, match="died 2 times.*code -9"):
        executor.map(die, [None], lambda event: None)


@both_ways
def test_a_worker_that_died_between_two_maps_is_replaced(fork: bool) -> None:
    events: list[dict[str, Any]] = []
    with LocalExecutor(2, nothing, fork) as executor:
        executor.map(square, [1, 2, 3, 4], events.append)
        for pid in {event["pid"] for event in events}:
            os.kill(pid, signal.SIGKILL)
            _until(lambda pid=pid: not _runs(pid))
        assert executor.map(square, [5, 6], events.append) == [25, 36]


def test_tasks_start_in_the_order_of_what_is_expected_of_them() -> None:
    """One worker: the longest first, then what it has served, and the results in the order of the tasks."""
    groups, events = {1: "a", 2: "b", 30: "b", 4: "c"}, []
    with LocalExecutor(1, nothing) as executor:
        found = executor.map(square, [1, 2, 30, 4], events.append, lambda n: Expectation(n, groups[n], memory=1))
    assert found == [1, 4, 900, 16]
    assert [event["number"] for event in events] == [30, 4, 2, 1]


def test_what_does_not_fit_into_memory_is_refused_before_anything_starts() -> None:
    events: list[dict[str, Any]] = []
    with LocalExecutor(2, nothing) as executor, pytest.raises(UserError, match="not enough memory for 2 workers"):
        executor.map(square, [1, 2], events.append, lambda number: Expectation(memory=1 << 60))
    assert events == []


def test_what_was_free_before_the_workers_counts_until_they_end(monkeypatch: pytest.MonkeyPatch) -> None:
    gigabyte = 1 << 30
    free = [3 * gigabyte]
    monkeypatch.setattr(memory, "free", lambda: free[-1])
    with LocalExecutor(1, nothing) as executor:

        def run(gigabytes: int) -> None:
            executor.map(square, [1], ignore_events, lambda number: Expectation(memory=gigabytes * gigabyte))

        run(1)
        # Its worker keeps what it took, and the next task needs no more.
        free.append(gigabyte)
        run(1)
        # It has taken less than was planned, which leaves no more than there was.
        free.append(3 * gigabyte)
        with pytest.raises(UserError, match=r"3\.00 GB is free"):
            run(3)
        free.append(5 * gigabyte)
        run(3)


def _until(condition: Any, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition was not met in time"
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
