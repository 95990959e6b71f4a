"""Equal bytes: one worker or two, forked or not, in any order, interrupted or not. And what is expected of a run."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import small_suite

from bythebook.runs import memory
from bythebook.runs.executor import Observe
from bythebook.runs.fanout import expected, waves
from bythebook.runs.local_executor import LocalExecutor
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


@pytest.fixture(scope="module")
def alone(wanted: list[Run], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The bytes that one worker gives."""
    folder = tmp_path_factory.mktemp("alone")
    small_suite.trained(wanted, folder, 1, False, lambda event: None)
    found = small_suite.files(folder)
    assert len(found) == 2 * len(wanted) + 1
    return found


@pytest.mark.usefixtures("one_thread_each")
def test_what_trains_can_be_forked_and_has_one_thread_until_then() -> None:
    with LocalExecutor(1, small_suite.prepare, fork=True) as executor:
        ((parent, count),) = executor.map(parent_and_threads, [0], print)
    assert parent != os.getpid(), "a library that is imported has started a thread"
    assert count == 1


def test_two_forked_workers_give_the_bytes_of_one_started_from_nothing(
    wanted: list[Run], alone: dict[str, bytes], tmp_path: Path
) -> None:
    small_suite.trained(wanted, tmp_path, 2, True, lambda event: None)
    assert small_suite.files(tmp_path) == alone


def test_the_other_order_and_an_interruption_change_no_byte(
    wanted: list[Run], alone: dict[str, bytes], tmp_path: Path
) -> None:
    finished: list[str] = []

    def interrupt(event: dict[str, Any]) -> None:
        if event["event"] == "finished":
            finished.append(event["key"])
            if len(finished) == 3:
                raise KeyboardInterrupt

    reverse = list(reversed(wanted))
    with pytest.raises(KeyboardInterrupt):
        small_suite.trained(reverse, tmp_path, 2, True, interrupt)
    again: list[str] = []
    small_suite.trained(reverse, tmp_path, 2, True, lambda event: again.append(event.get("key", "")))
    assert len(finished) == 3 and not set(finished) & set(again)
    assert small_suite.files(tmp_path) == alone


def test_processes_need_no_more_memory_than_was_planned(data: Path, tmp_path: Path) -> None:
    """Measured when a run ends, with everything that it took still there."""
    wanted = small_suite.runs(data)[:2]
    largest = max(expected(run).memory for run in wanted)
    for fork in (False, True):
        sizes: list[dict[int, int]] = []

        def measure(event: dict[str, Any], sizes: list[dict[int, int]] = sizes) -> None:
            if event["event"] == "finished":
                below = psutil.Process().children(recursive=True)
                sizes.append({process.pid: process.memory_full_info().pss for process in below})

        small_suite.trained(wanted, tmp_path / str(fork), 2, fork, measure)
        total = max(sum(size.values()) for size in sizes)
        planned = memory.Plan.of([expected(run) for run in wanted], 2, fork)
        assert planned.total - memory.STAGE > total
        assert planned.largest == largest


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
    assert expected(replace(base, engine="streamed")).shared == ()
