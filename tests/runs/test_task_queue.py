"""The order in which tasks are started, on simulated workers."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bythebook.runs.task_queue import Expectation, TaskQueue

TASKS = st.lists(
    st.builds(Expectation, seconds=st.floats(0.01, 1000), group=st.sampled_from("abcdef")), min_size=1, max_size=40
)


@dataclass(frozen=True)
class Start:
    at: float
    worker: int
    index: int


def simulated(tasks: list[Expectation], workers: int, dying: frozenset[int] = frozenset()) -> list[Start]:
    """Every start, in order, on workers that take exactly what is expected; the first try of ``dying`` tasks fails."""
    schedule = TaskQueue(workers, tasks)
    served: list[set[str]] = [set() for _ in range(workers)]
    free = list(range(workers))
    busy: list[tuple[float, int, int]] = []
    starts: list[Start] = []
    now = 0.0
    while len(schedule) or busy:
        while free and len(schedule):
            worker = free.pop(0)
            others = {group for other, groups in enumerate(served) if other != worker for group in groups}
            index = schedule.next(served[worker], others)
            starts.append(Start(now, worker, index))
            served[worker].add(tasks[index].group)
            heapq.heappush(busy, (now + tasks[index].seconds, worker, index))
        now, worker, index = heapq.heappop(busy)
        free.append(worker)
        if index in dying and sum(start.index == index for start in starts) == 1:
            schedule.put_back(index)
    return starts


@given(TASKS, st.integers(1, 5))
def test_every_task_starts_once_and_no_worker_idles_while_one_waits(tasks: list[Expectation], workers: int) -> None:
    starts = simulated(tasks, workers)
    assert sorted(start.index for start in starts) == list(range(len(tasks)))
    ends = {start.index: start.at + tasks[start.index].seconds for start in starts}
    last = max(start.at for start in starts)
    for worker in range(workers):
        own = [start for start in starts if start.worker == worker]
        for before, after in zip(own, own[1:], strict=False):
            assert after.at == ends[before.index]
        assert not own or ends[own[-1].index] >= last
    assert {start.worker for start in starts} == set(range(min(workers, len(tasks))))


@given(TASKS, st.integers(1, 5))
def test_the_last_task_ends_within_the_bound_of_a_schedule_without_idling(
    tasks: list[Expectation], workers: int
) -> None:
    end = max(start.at + tasks[start.index].seconds for start in simulated(tasks, workers))
    total, longest = sum(task.seconds for task in tasks), max(task.seconds for task in tasks)
    assert end <= total / workers + longest * (1 - 1 / workers) + 1e-6


@given(TASKS, st.integers(1, 5), st.sets(st.integers(0, 39)))
def test_a_task_whose_worker_died_starts_again(tasks: list[Expectation], workers: int, dying: set[int]) -> None:
    starts = simulated(tasks, workers, frozenset(dying))
    assert sorted(start.index for start in starts) == sorted([*range(len(tasks)), *(dying & set(range(len(tasks))))])


@given(st.lists(st.floats(0.01, 1000), min_size=1, max_size=30), st.booleans())
def test_within_a_group_and_between_new_ones_the_longest_goes_first(seconds: list[float], one_group: bool) -> None:
    tasks = [Expectation(time, "a" if one_group else str(index)) for index, time in enumerate(seconds)]
    started = [tasks[start.index].seconds for start in simulated(tasks, 1)]
    assert started == sorted(seconds, reverse=True)


def test_a_worker_stays_with_the_groups_it_has_served() -> None:
    tasks = [Expectation(10, group) for group in "abcdabcdabcd"]
    by_worker: dict[int, list[str]] = {}
    for start in simulated(tasks, 2):
        by_worker.setdefault(start.worker, []).append(tasks[start.index].group)
    assert by_worker == {0: list("aaaccc"), 1: list("bbbddd")}


def test_equal_tasks_start_in_their_order() -> None:
    assert [start.index for start in simulated([Expectation()] * 6, 2)] == list(range(6))


@pytest.mark.parametrize(("long", "first"), [(15, "a"), (25, "b")])
def test_a_long_task_of_another_group_does_not_wait_until_the_end(long: float, first: str) -> None:
    """Half of a worker's share of what waits is 18.75 seconds with the first, 21.25 with the second."""
    tasks = [*[Expectation(10, "a")] * 6, Expectation(long, "b")]
    assert tasks[TaskQueue(2, tasks).next({"a"}, set())].group == first


def test_nothing_is_given_twice() -> None:
    schedule = TaskQueue(1, [Expectation()])
    schedule.next()
    with pytest.raises(ValueError, match="empty"):
        schedule.next()
