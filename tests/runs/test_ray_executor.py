"""The workers of a Ray cluster: what holds for worker processes holds for them."""

from __future__ import annotations

import importlib
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from plain_tasks import die, die_once, fail, leave_a_mark, look_around, nothing, refuse, square, wait_for
from source_code import ROOT

from bythebook.errors import UserError
from bythebook.probes import measure
from bythebook.records.events import ignore_events
from bythebook.runs.cluster import executor as executor_module
from bythebook.runs.cluster.executor import RayExecutor
from bythebook.runs.executor import WorkerError
from bythebook.runs.task_queue import Expectation
from bythebook.training.determinism import ENVIRONMENT
from pipeline import fanout
from pipeline.params import Ray
from pipeline.params_file import read_params

pytestmark = pytest.mark.xdist_group("ray")


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that workers keep their files in."""
    return tmp_path_factory.mktemp("elsewhere")


@pytest.fixture(scope="module")
def executor(cluster: Any, elsewhere: Path) -> Iterator[RayExecutor]:
    with RayExecutor(2, leave_a_mark, cluster.address, str(elsewhere), variables=ENVIRONMENT) as made:
        yield made


def test_results_are_in_order_and_events_arrive(executor: RayExecutor) -> None:
    events: list[dict[str, Any]] = []
    assert executor.map(square, [3, 1, 2], events.append) == [9, 1, 4]
    assert executor.map(square, [], events.append) == []
    assert executor.map(square, [5], events.append) == [25]
    assert sorted(event["number"] for event in events) == [1, 2, 3, 5]
    assert len({event["pid"] for event in events}) <= 2
    assert os.getpid() not in {event["pid"] for event in events}


def test_a_worker_is_prepared_once_in_a_folder_of_its_machine(executor: RayExecutor, elsewhere: Path) -> None:
    found = [told for _ in range(2) for told in executor.map(look_around, [0, 1, 2], ignore_events)]
    (folder,) = {told["folder"] for told in found}
    assert Path(folder).parent == elsewhere
    assert {told["threads"] for told in found} == {"1"}
    assert all(f"prepared-{told['pid']}" in told["marks"] for told in found)


def test_tasks_that_follow_from_results_are_run_too(executor: RayExecutor) -> None:
    seen: list[tuple[int, int]] = []

    def follow(index: int, result: int) -> list[int]:
        seen.append((index, result))
        return [result, result + 1] if result in (4, 9) else []

    results = executor.map(square, [2, 3, 5], ignore_events, then=follow)
    assert results[:3] == [4, 9, 25]
    assert sorted(results[3:]) == [16, 25, 81, 100]
    assert sorted(seen) == list(enumerate(results))


def test_a_worker_that_dies_is_replaced_and_its_task_tried_again(executor: RayExecutor, tmp_path: Path) -> None:
    marks = [str(tmp_path / "a"), str(tmp_path / "b")]
    assert executor.map(die_once, marks, ignore_events) == ["lived", "lived"]


def test_workers_that_died_between_two_maps_are_replaced(executor: RayExecutor) -> None:
    events: list[dict[str, Any]] = []
    executor.map(square, [1, 2, 3, 4], events.append)
    for pid in {event["pid"] for event in events}:
        os.kill(pid, signal.SIGKILL)
    assert executor.map(square, [5, 6], events.append) == [25, 36]


def test_a_task_whose_machine_is_lost_runs_on_another(executor: RayExecutor, cluster: Any, tmp_path: Path) -> None:
    executor.close()
    lost, mark = cluster.add_node(num_cpus=1), tmp_path / "mark"
    (machine,) = [one.process.pid for one in lost.all_processes["raylet"]]
    events: list[dict[str, Any]] = []

    def lose(event: dict[str, Any]) -> None:
        events.append(event)
        if len(events) == 3:
            cluster.remove_node(lost)
            mark.touch()

    with RayExecutor(3, nothing, cluster.address, str(tmp_path / "elsewhere")) as three:
        last = three.map(wait_for, [str(mark)] * 3, lose)
    (where,) = [number for number, event in enumerate(events) if event["parent"] == machine]
    assert len(events) == 4 and where < 3
    assert sorted(last) == sorted(event["pid"] for event in events if event["parent"] != machine)


def test_what_tasks_raise_and_refuse_ends_the_map(executor: RayExecutor) -> None:
    with pytest.raises(WorkerError, match="ValueError: no 7"):
        executor.map(fail, [7], ignore_events)
    with pytest.raises(UserError) as raised:
        executor.map(refuse, [1], ignore_events)
    assert raised.value.problems == ("first", "second")
    with pytest.raises(WorkerError, match="died 2 times on the same task .*worker process has died"):
        executor.map(die, [None], ignore_events)


def test_what_no_machine_has_memory_for_is_refused(executor: RayExecutor) -> None:
    with pytest.raises(UserError, match="not enough memory for a worker: .* the largest machine of the cluster offers"):
        executor.map(square, [1, 2], ignore_events, lambda number: Expectation(memory=1 << 60))


def test_other_versions_of_libraries_are_refused(executor: RayExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    here = executor_module.environment()
    monkeypatch.setattr(executor_module, "environment", lambda: {**here, "keras": "2.0"})
    with pytest.raises(UserError, match=rf"a machine of the cluster, has not what is here: keras {here['keras']}, not"):
        executor.map(square, [1], ignore_events)


def test_code_travels(cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "found_here_only"
    package.mkdir()
    (package / "__init__.py").write_text("def double(number, emit):\n    return 2 * number\n")
    monkeypatch.syspath_prepend(tmp_path)
    double = importlib.import_module("found_here_only").double
    with RayExecutor(1, nothing, cluster.address, str(tmp_path / "elsewhere"), [package]) as executor:
        assert executor.map(double, [4], ignore_events) == [8]


def test_stages_take_their_workers_from_the_cluster_that_parameters_name(
    executor: RayExecutor, cluster: Any, tmp_path: Path
) -> None:
    executor.close()
    ray = Ray(address=cluster.address, folder=str(tmp_path / "elsewhere"))
    params = read_params(ROOT / "params.yaml").model_copy(update={"executor": "ray", "ray": ray})
    with fanout.workers(params, fanout.plain) as workers:
        assert workers.map(measure.run, ["symmetry"], ignore_events) == [measure.run("symmetry", ignore_events)]
    assert list((tmp_path / "elsewhere").iterdir())


def test_a_cluster_that_does_not_answer_is_a_clear_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"127.0.0.1:{mute.getsockname()[1]}"
        with (
            RayExecutor(1, nothing, address, "nowhere", patience=2) as executor,
            pytest.raises(
                UserError, match=rf"the Ray cluster at {address} cannot .* does not answer within 2 s\. `ray"
            ),
        ):
            executor.map(square, [1], ignore_events)
    with RayExecutor(1, nothing, address, "x") as executor, pytest.raises(UserError, match="Connection refused"):
        executor.map(square, [1], ignore_events)


def test_without_ray_the_command_that_installs_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with RayExecutor(1, nothing, "auto", "x") as executor, pytest.raises(UserError, match='pip install "ray==2.60.0"'):
        executor.map(square, [1], ignore_events)
