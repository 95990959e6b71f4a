"""Equal bytes: one worker or two, forked or not, in any order, interrupted or not. And what is expected of a run."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import small_suite

from bythebook.records.events import Event, Observe, RunEnded
from bythebook.runs import memory
from bythebook.runs.fanout import expected, waves
from bythebook.runs.run import Run
from bythebook.runs.workers import threads


def parent_and_threads(_: Any, emit: Observe) -> tuple[int, int]:
    return os.getppid(), threads()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_suite.digits(tmp_path_factory.mktemp("digits"))


@pytest.fixture(scope="module")
def wanted(data: Path) -> list[Run]:
    return small_suite.runs(data)


@dataclass
class Seen:
    """What was seen of workers: their files, which runs each of their maps ended, and all that they took then."""

    files: dict[str, bytes] = field(default_factory=dict)
    forked: list[tuple[int, int]] = field(default_factory=list)
    ended: list[list[str]] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    others: set[psutil.Process] = field(default_factory=lambda: _below())  # what earlier tests have left running

    def observe(self, event: Event) -> None:
        """Measures when a run ends, with everything that it took still there."""
        if isinstance(event, RunEnded):
            self.ended[-1].append(event.key)
            self.memory.append(sum(process.memory_full_info().pss for process in _below() - self.others))


def _below() -> set[psutil.Process]:
    """The processes that this one has started, and theirs."""
    return set(psutil.Process().children(recursive=True))


@pytest.fixture(scope="module")
def alone(wanted: list[Run], tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """One worker that was started from nothing."""
    folder, seen = tmp_path_factory.mktemp("alone"), Seen(ended=[[]])
    with small_suite.workers(1, fork=False) as executor:
        small_suite.trained(wanted, folder, executor, seen.observe)
    seen.files = small_suite.files(folder)
    assert len(seen.files) == 2 * len(wanted) + 1
    return seen


@pytest.fixture(scope="module")
def disturbed(wanted: list[Run], tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Two forked workers that train in the other order and are interrupted, and two more that end it."""
    folder, seen = tmp_path_factory.mktemp("disturbed"), Seen(ended=[[]])
    reverse = list(reversed(wanted))

    def interrupt(event: dict[str, Any]) -> None:
        seen.observe(event)
        if len(seen.ended[0]) == 3:
            raise KeyboardInterrupt

    with small_suite.workers(2, fork=True) as executor:
        seen.forked = executor.map(parent_and_threads, [0, 1], print)
        with pytest.raises(KeyboardInterrupt):
            small_suite.trained(reverse, folder, executor, interrupt)
    seen.ended.append([])
    with small_suite.workers(2, fork=True) as executor:
        small_suite.trained(reverse, folder, executor, seen.observe)
    seen.files = small_suite.files(folder)
    return seen


def test_what_trains_can_be_forked_and_has_one_thread_until_then(disturbed: Seen) -> None:
    assert len(disturbed.forked) == 2
    for parent, count in disturbed.forked:
        assert parent != os.getpid(), "a library that is imported has started a thread"
        assert count == 1


def test_two_forked_workers_give_the_bytes_of_one_started_from_nothing_in_any_order_and_after_an_interruption(
    wanted: list[Run], alone: Seen, disturbed: Seen
) -> None:
    first, second = disturbed.ended
    assert len(first) == 3 and second and not set(first) & set(second)
    assert set(alone.ended[0]) == {run.key for run in wanted}
    assert disturbed.files == alone.files


def test_processes_need_no_more_memory_than_was_planned(wanted: list[Run], alone: Seen, disturbed: Seen) -> None:
    tasks = [expected(run) for run in wanted]
    for seen, workers, fork in ((alone, 1, False), (disturbed, 2, True)):
        planned = memory.MemoryPlan.of(tasks, workers, fork)
        assert planned.total - memory.STAGE > max(seen.memory) > 0
        assert planned.largest == max(task.memory for task in tasks)


def test_a_run_comes_after_the_one_whose_layers_it_reuses(data: Path) -> None:
    base = replace(small_suite.runs(data)[0], strategy={"name": "finetune"})
    first = replace(base, strategy=None)
    second = replace(base, source=first.key)
    third, beside = replace(base, source=second.key), replace(base, seed=1, source=first.key)
    elsewhere = replace(base, seed=2, source="0" * 64)
    assert waves([third, beside, elsewhere, first, second]) == [[elsewhere, first], [beside, second], [third]]
    assert waves([third, beside]) == [[third, beside]]
    assert waves([]) == []


def test_what_is_expected_of_a_run_follows_its_declaration(data: Path) -> None:
    base = small_suite.runs(data)[0]

    def changed(**recipe: Any) -> Run:
        return replace(base, recipe={**base.recipe, **recipe})

    assert expected(changed(epochs=20)).seconds > 5 * expected(base).seconds
    assert expected(changed(hidden=[500, 500])).seconds > expected(base).seconds
    assert expected(changed(hidden=[500, 500])).memory > expected(base).memory
    same = [replace(base, seed=7), changed(epochs=9), changed(optimizer={"name": "sgd", "learning_rate": 0.5})]
    other = [changed(hidden=[17]), changed(batch_size=31), changed(activation={"name": "selu"})]
    assert {expected(run).group for run in same} == {expected(base).group}
    assert not {expected(run).group for run in other} & {expected(base).group}
    (name, size), *more = expected(base).shared
    assert size == (1197 + 300) * 64 * 4 and base.view.digest in name and not more
    assert expected(changed(scaling="unit")).shared != expected(base).shared
    assert expected(replace(base, loop="streamed")).shared == ()
