"""Whether a plan fits: the arithmetic, and what the machine and its control groups leave."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from bythebook import recipe
from bythebook import techniques as techniques  # fills the catalogue
from bythebook.datasets import array_cache
from bythebook.errors import UserError
from bythebook.runs import memory
from bythebook.runs.memory import FORKED, MOTHER, SPAWNED, STAGE, MemoryPlan
from bythebook.runs.task_queue import Expectation

GB = 1 << 30


def test_a_plan_adds_up_what_is_there_once_and_what_every_worker_takes() -> None:
    tasks = [
        Expectation(memory=1 * GB, shared=(("a", 2 * GB),)),
        Expectation(memory=3 * GB, shared=(("a", 2 * GB), ("b", GB))),
        Expectation(),
    ]
    assert MemoryPlan.of(tasks, 2, forked=True).total == STAGE + MOTHER + 3 * GB + 2 * (FORKED + 3 * GB)
    assert MemoryPlan.of(tasks, 2, forked=False).total == STAGE + 3 * GB + 2 * (SPAWNED + 3 * GB)
    assert MemoryPlan.of(tasks, 8, forked=False).workers == 3


def test_of_many_data_sets_those_count_that_are_in_use_at_a_time() -> None:
    tasks = [Expectation(shared=((str(number), (10 + number) * GB),)) for number in range(20)]
    assert memory.VIEWS == array_cache.KEPT
    assert MemoryPlan.of(tasks, 1, forked=False).shared == sum(range(26, 30)) * GB
    assert MemoryPlan.of(tasks, 2, forked=False).shared == sum(range(22, 30)) * GB


def test_a_plan_that_does_not_fit_is_refused_with_its_numbers_and_what_would_fit() -> None:
    plan = MemoryPlan(workers=4, start=GB, each=GB, largest=GB // 2, shared=2 * GB)
    plan.refuse_beyond(9 * GB)
    with pytest.raises(UserError) as refused:
        plan.refuse_beyond(9 * GB - 1)
    said = str(refused.value)
    for part in ("4 workers", "1.50 GB", "1.00 GB", "0.50 GB", "2.00 GB", "in all 9.00 GB", "set workers to 3."):
        assert part in said
    replace(plan, workers=3).refuse_beyond(9 * GB - 1)
    with pytest.raises(UserError, match=r"Not even one fits, with 4\.50 GB"):
        plan.refuse_beyond(4 * GB)
    replace(plan, workers=1).refuse_beyond(9 * GB // 2)


def test_a_net_needs_more_the_wider_the_deeper_and_the_larger_its_batches() -> None:
    base = recipe.resolve({"hidden": [300, 100]}, "test")
    more = [
        {"hidden": [300, 200]},
        {"hidden": [300, 100, 100]},
        {"batch_size": 5000},
        {"normalizer": "batch_norm_after"},
    ]
    small = memory.net(base, 784, 10)
    assert small > 4 * 266_610
    assert more
    for change in more:
        wanted = {**base, **change}
        assert memory.net(wanted, 784, 10) > small, change
    huge = memory.net({**base, "hidden": [100_000, 100_000]}, 784, 10)
    assert huge > 100 * GB


def test_without_limits_what_the_machine_has_is_free(tmp_path: Path) -> None:
    (tmp_path / "cgroup").write_text("0::/\n")
    for own in (tmp_path / "cgroup", tmp_path / "missing"):
        assert 0 < memory.free(tmp_path, own) <= psutil.virtual_memory().total


def test_the_tightest_limit_around_a_process_counts_without_what_can_be_reclaimed(tmp_path: Path) -> None:
    group(tmp_path / "all", "memory.max", 600, "memory.current", 500, "inactive_file 150\nfile 7")
    group(tmp_path / "all" / "job", "memory.max", 400, "memory.current", 200, "inactive_file 60")
    group(tmp_path / "all" / "job" / "step", "memory.max", "max", "memory.current", 200, "inactive_file 60")
    own = tmp_path / "own"
    own.write_text("0::/all/job/step\n")
    assert memory.free(tmp_path, own) == 250
    own.write_text("0::/all\n")
    assert memory.free(tmp_path, own) == 250
    (tmp_path / "all" / "job" / "memory.max").write_text("100\n")
    own.write_text("0::/all/job/step\n")
    assert memory.free(tmp_path, own) == 0


def test_limits_of_the_first_version_count_too(tmp_path: Path) -> None:
    names = ("memory.limit_in_bytes", 1000, "memory.usage_in_bytes", 900, "inactive_file 1\ntotal_inactive_file 300")
    group(tmp_path / "memory", *names)
    own = tmp_path / "own"
    own.write_text("11:cpu,cpuacct:/docker/x\n5:memory:/docker/x\n0::/\n")
    assert memory.free(tmp_path, own) == 400


def group(folder: Path, limit: str, most: object, usage: str, used: int, statistics: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / limit).write_text(f"{most}\n")
    (folder / usage).write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 3\n{statistics}\n")
