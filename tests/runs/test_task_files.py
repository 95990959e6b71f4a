"""Files on their way between the project's folder and a worker's on a machine that has none of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from made_records import run_record

from bythebook.evaluation.evaluated_run import EvaluationTask
from bythebook.records.run import RECORD, WEIGHTS
from bythebook.runs.cluster import task_files as travelling
from bythebook.runs.cluster.task_files import DriverSide, TaskFiles, WorkerSide, files_of_task
from bythebook.runs.memo import TIMINGS, Memo

MEMO = Path(".work/memo")
OWN, SOURCE = "a" * 64, "b" * 64


@dataclass(frozen=True)
class Task:
    """A task as those that train are: with a run and a memo, or around one that has them."""

    run: Any
    memo: Path


@dataclass(frozen=True)
class Wrapped:
    training: Task
    history: tuple[float, ...] = ()


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder is a project's, with two data sets, a task and a source's memo entry."""
    home = tmp_path / "home"
    names = ["card.json", "statistics.npz", *(f"{split}/images.npy" for split in ("train", "validation", "test"))]
    others = ["data/tasks/one/task.json", "data/letters/card.json", f"runs/{WEIGHTS}"]
    for name in [*(f"data/digits/{name}" for name in names), *others]:
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    home.joinpath("data/digits/train/.images.npy.part").touch()
    monkeypatch.chdir(home)
    write_entry(SOURCE)
    return home


@dataclass(frozen=True)
class View:
    directory: Path
    task: Path | None = None


@dataclass(frozen=True)
class Run:
    """As much of a run as decides its files."""

    view: View = View(Path("data/digits"), Path("data/tasks/one"))
    key: str = OWN
    source: str = SOURCE
    source_view: View = View(Path("data/letters"))


def task() -> Task:
    return Task(Run(), MEMO)


def write_entry(key: str) -> None:
    folder = Memo(MEMO).directory(key)
    folder.mkdir(parents=True)
    for name in (RECORD, WEIGHTS, TIMINGS):
        (folder / name).write_text(f"{name} of {key}")


def travel(
    files: TaskFiles, action: Callable[[], Any], abroad: Path, worker: WorkerSide | None = None
) -> tuple[Any, int]:
    """Runs ``action`` in the folder ``abroad``; what it gives, and how many files travelled there."""
    fetched: list[bytes] = []
    home, here = DriverSide(lambda part: part), Path.cwd()
    items = home.pack(files)
    worker = worker or WorkerSide(lambda part: part)
    worker.get = lambda part: fetched.append(part) or part  # type: ignore[func-returns-value]
    abroad.mkdir(exist_ok=True)
    os.chdir(abroad)
    try:
        given, brought = worker.run(files, items, action)
        worker.clear(files)
    finally:
        os.chdir(here)
    home.unpack(files, brought)
    return given, len(fetched)


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_run_takes_its_images_and_its_source_along_but_no_test_split(at_home: Path) -> None:
    taken = {str(path) for path in files_of_task(Wrapped(task())).inputs}
    entry = Memo(MEMO).directory(SOURCE)
    assert taken == {
        *("data/digits/card.json", "data/digits/statistics.npz", "data/tasks/one/task.json", "data/letters/card.json"),
        *("data/digits/train/images.npy", "data/digits/validation/images.npy"),
        *(str(entry / name) for name in (RECORD, WEIGHTS, TIMINGS)),
    }


def test_what_the_memo_gets_elsewhere_comes_home(at_home: Path, tmp_path: Path) -> None:
    elsewhere, worker = tmp_path / "elsewhere", WorkerSide(lambda part: part)
    files = files_of_task(task())

    def train() -> str:
        assert Path("data/digits/train/images.npy").read_bytes() == b"data/digits/train/images.npy"
        write_entry(OWN)
        for name in ("arrays/x.npy", "checkpoints/y.npz", "compiled/z", "measured/aa/m.json", "measured/aa/.half.part"):
            Path(".work", name).parent.mkdir(parents=True, exist_ok=True)
            Path(".work", name).write_text(name)
        return "trained"

    assert travel(files, train, elsewhere, worker) == ("trained", len(files.inputs))
    came = names(at_home / ".work")
    assert {name for name in came if SOURCE not in name} == {
        "measured/aa/m.json",
        *(str(Memo(Path("memo")).directory(OWN) / name) for name in (RECORD, WEIGHTS, TIMINGS)),
    }
    assert (Memo(MEMO).directory(OWN) / RECORD).read_text() == f"{RECORD} of {OWN}"
    # There, only what is of use again is left, and the same files do not travel twice.
    assert not Memo(elsewhere / MEMO).directory(OWN).exists()
    assert Memo(elsewhere / MEMO).directory(SOURCE).is_dir()
    assert travel(files, lambda: None, elsewhere, worker) == (None, 0)


def test_what_the_memo_has_of_a_run_goes_along_and_stays_as_it_is(at_home: Path, tmp_path: Path) -> None:
    """As when a finished run is measured elsewhere."""
    write_entry(OWN)
    files, elsewhere = files_of_task(task()), tmp_path / "elsewhere"
    entry = Memo(MEMO).directory(OWN)
    before = {path: path.stat().st_mtime_ns for path in entry.iterdir()}

    def measure() -> str:
        Path(".work/measured").mkdir()
        Path(".work/measured/m.json").write_text("measured")
        return (entry / RECORD).read_text()

    assert travel(files, measure, elsewhere)[0] == f"{RECORD} of {OWN}"
    assert {path: path.stat().st_mtime_ns for path in entry.iterdir()} == before
    assert Path(".work/measured/m.json").is_file()
    assert (elsewhere / entry).is_dir()


def test_files_that_changed_travel_again(at_home: Path, tmp_path: Path) -> None:
    worker, path = WorkerSide(lambda part: part), Path("data/digits/card.json")
    files = TaskFiles(inputs=(path,))
    home = DriverSide(lambda part: part)
    assert travel(files, path.read_bytes, tmp_path / "elsewhere", worker) == (b"data/digits/card.json", 1)
    first = home.pack(files)
    path.write_bytes(b"another card")
    assert home.pack(files) != first
    assert travel(files, path.read_bytes, tmp_path / "elsewhere", worker) == (b"another card", 1)


def test_a_large_file_travels_in_parts(at_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(travelling, "PART", 8)
    path = Path("data/digits/card.json")
    assert travel(TaskFiles(inputs=(path,)), path.read_bytes, tmp_path / "elsewhere") == (b"data/digits/card.json", 3)


def test_a_file_that_does_not_arrive_as_it_left_is_refused(at_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    items = DriverSide(lambda part: part).pack(TaskFiles(inputs=(Path("data/digits/card.json"),)))
    monkeypatch.chdir(at_home.parent)
    with pytest.raises(OSError, match="data/digits/card.json did not arrive as it left"):
        WorkerSide(lambda part: part[1:]).run(TaskFiles(), items, lambda: None)
    assert not Path("data").exists()


def test_an_evaluation_takes_the_test_split_and_brings_what_it_keeps(
    at_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EvaluationTask, "kept", Path(".work/evaluated/aa/x.json"))
    record = run_record(data={"task": "one", "side": "a"})
    wanted = EvaluationTask("s/r/seed-0", record, Path("runs", WEIGHTS), Path("data"), Path("data/tasks"), None, Path())
    files = files_of_task(wanted)
    assert {str(path) for path in files.inputs} == names(at_home) - {
        *("data/digits/train/.images.npy.part", "data/letters/card.json"),
        *(str(MEMO / name) for name in names(at_home / MEMO)),
    }
    assert files.outputs == (Path(".work/evaluated/aa/x.json"),)


@pytest.mark.parametrize("path", [Path("/etc/hostname"), Path("../other/card.json")])
def test_only_files_of_the_project_travel(at_home: Path, path: Path) -> None:
    (at_home.parent / "other").mkdir()
    (at_home.parent / "other" / "card.json").touch()
    with pytest.raises(ValueError, match="not a path within the project's folder"):
        DriverSide(lambda part: part).pack(TaskFiles(inputs=(path,)))
    with pytest.raises(ValueError, match="not a path within|does not write"):
        DriverSide(lambda part: part).unpack(TaskFiles(adds=Path(".work")), {str(path): b""})
    with pytest.raises(ValueError, match="does not write"):
        DriverSide(lambda part: part).unpack(TaskFiles(adds=Path(".work")), {"params.yaml": b""})


def test_a_task_that_does_not_say_what_it_needs_is_refused() -> None:
    assert files_of_task([1, "two", {"three": 3.0}]) == TaskFiles()
    with pytest.raises(TypeError, match=r"a tuple names files and has no task_files\(\)"):
        files_of_task((1, {"where": Path("data")}))
