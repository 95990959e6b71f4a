"""Scaled images that processes share: the same numbers, written once, mapped, and never removed under a user."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from damages import DAMAGES

from bythebook.datasets import array_cache, splits
from bythebook.datasets.scaling import SCALINGS
from bythebook.documents import write_json
from bythebook.errors import UserError

HOLD = (
    "import sys; from pathlib import Path; from bythebook.datasets import array_cache\n"
    "images = array_cache.load(Path(sys.argv[1]), sys.argv[3], Path(sys.argv[2]), 'unit')\n"
    "print(len(images[0].images), flush=True); sys.stdin.read()"
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Standardized data of three classes, with more images than are scaled at a time, and a task."""
    folder = tmp_path_factory.mktemp("data")
    chance = np.random.default_rng(0)
    for split, count in (("train", array_cache.ROWS + 77), ("validation", 90)):
        (folder / split).mkdir()
        np.save(folder / split / "labels.npy", np.arange(count) % 3)
        np.save(folder / split / "images.npy", chance.integers(0, 256, (count, 5, 4)).astype(np.uint8))
    mean = chance.random((5, 4)).astype(np.float32)
    np.savez(folder / "statistics.npz", mean=mean, deviation=mean + np.float32(0.1))
    write_json(folder / "card.json", {"dataset": "made", "classes": ["x", "y", "z"], "training_digest": "0" * 64})
    return folder


def entries(store: Path) -> list[Path]:
    return sorted(path for path in store.iterdir() if path.is_dir())


@pytest.mark.parametrize("scaling", SCALINGS)
def test_they_are_what_loading_gives_bit_for_bit(data: Path, tmp_path: Path, scaling: str) -> None:
    parts = array_cache.load(tmp_path, "name", data, scaling)
    assert len(parts) == 2
    for part, split in zip(parts, ("train", "validation"), strict=True):
        expected = splits.load(data, split, scaling)
        assert part.images.dtype == np.float32 and part.images.tobytes() == expected.images.tobytes()
        assert part.labels.dtype == np.int64 and part.labels.tobytes() == expected.labels.tobytes()
        assert part.classes == expected.classes
        assert isinstance(part.images.base, np.memmap) and part.images.ctypes.data % 64 == 0


def test_a_side_of_a_task_is_an_entry_of_its_own(data: Path, tmp_path: Path) -> None:
    task = tmp_path / "tasks" / "mine"
    task.mkdir(parents=True)
    for name, indices in {"a_train": [0, 3, 6], "a_validation": [0, 3]}.items():
        np.save(task / f"{name}.npy", np.array(indices))
    write_json(task / "task.json", {"label_map": {"a": {"0": 0}}, "a": {"names": ["x"]}})
    training, validation = array_cache.load(tmp_path / "store", "side a", data, "unit", task, "a")
    expected = splits.load(data, "train", "unit", task, "a")
    assert training.images.tobytes() == expected.images.tobytes() and training.classes == ("x",)
    assert len(validation.images) == 2


def test_what_decides_the_bytes_names_the_entry(data: Path, tmp_path: Path) -> None:
    for name, scaling in (("a", "unit"), ("a", "unit"), ("b", "unit"), ("a", "standardized")):
        array_cache.load(tmp_path, name, data, scaling)
    assert len(entries(tmp_path)) == 3


def test_what_a_process_writes_into_its_images_stays_its_own(data: Path, tmp_path: Path) -> None:
    mine, other = (array_cache.load(tmp_path, "name", data, "unit")[0].images for _ in range(2))
    before = other.copy()
    mine += 1
    assert np.array_equal(other, before) and not np.array_equal(mine, before)
    assert np.array_equal(array_cache.load(tmp_path, "name", data, "unit")[0].images, before)


def test_many_processes_at_once_write_it_once(data: Path, tmp_path: Path) -> None:
    processes = [_holder(tmp_path, data, "name") for _ in range(4)]
    told = [_told(process) for process in processes]
    assert told == [str(array_cache.ROWS + 77)] * 4
    assert len(entries(tmp_path)) == 1
    for process in processes:
        process.communicate("")
        assert process.returncode == 0


def test_the_oldest_unused_entries_make_room_and_used_ones_stay(data: Path, tmp_path: Path) -> None:
    holders, found = {}, {}
    for name in ("used", "unused"):
        holders[name] = _holder(tmp_path, data, name)
        _told(holders[name])
        [found[name]] = set(entries(tmp_path)) - set(found.values())
    (tmp_path / ".killed.x.part").mkdir()
    holders["unused"].communicate("")
    os.utime(found["used"], (1, 1))
    array_cache.load(tmp_path, "new", data, "unit", largest=1)
    assert found["used"] in entries(tmp_path) and found["unused"] not in entries(tmp_path)
    assert len(entries(tmp_path)) == 2 and not (tmp_path / ".killed.x.part").exists()
    holders["used"].communicate("")


def test_a_process_keeps_only_its_latest_entries_and_reads_on_in_the_others(data: Path, tmp_path: Path) -> None:
    first, _ = array_cache.load(tmp_path, "first", data, "unit")
    [oldest] = entries(tmp_path)
    before = first.images.copy()
    for number in range(array_cache.KEPT):
        array_cache.load(tmp_path, f"later {number}", data, "unit")
    array_cache.load(tmp_path, "last", data, "unit", largest=1)
    assert oldest not in entries(tmp_path)
    assert len(entries(tmp_path)) == array_cache.KEPT + 1
    assert np.array_equal(first.images, before)


def test_entries_that_fit_stay(data: Path, tmp_path: Path) -> None:
    for name in "abc":
        assert _holder(tmp_path, data, name).communicate("")[0]
    assert len(entries(tmp_path)) == 3


def test_a_store_that_cannot_be_written_is_named(data: Path, tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file where a folder should be")
    with pytest.raises((UserError, OSError), match="store"):
        array_cache.load(tmp_path / "store", "name", data, "unit")


def test_a_scaling_that_does_not_exist_leaves_nothing(data: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="unknown scaling 'unti'. Did you mean 'unit'"):
        array_cache.load(tmp_path, "name", data, "unti")
    assert entries(tmp_path) == []


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_is_told_once_and_written_anew(
    data: Path, tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    array_cache.load(tmp_path / "sound", "name", data, "unit")
    [sound] = entries(tmp_path / "sound")
    array_cache.load(tmp_path / "sound", "name", data, "standardized")
    [other] = set(entries(tmp_path / "sound")) - {sound}
    files = sorted(path.name for path in sound.iterdir())
    assert len(files) == 6
    expected = [splits.load(data, split, "unit") for split in ("train", "validation")]
    for name in files:
        store = tmp_path / name
        shutil.copytree(sound, store / sound.name)
        content = DAMAGES[damage]((sound / name).read_bytes(), (other / name).read_bytes())
        harmless = content == (sound / name).read_bytes()  # both scalings have the same labels
        (store / sound.name / name).write_bytes(content)
        caplog.clear()
        for _ in range(2):
            for part, whole in zip(array_cache.load(store, "name", data, "unit"), expected, strict=True):
                assert np.array_equal(part.images, whole.images) and np.array_equal(part.labels, whole.labels)
                assert part.classes == whole.classes
        told = [f"{store / sound.name} is damaged: it counts as missing and is made again"]
        assert caplog.messages == ([] if harmless else told)
        assert [path.name for path in entries(store)] == [sound.name]


def test_of_processes_that_find_an_entry_damaged_one_tells_and_a_reader_keeps_what_it_has(
    data: Path, tmp_path: Path
) -> None:
    mine, _ = array_cache.load(tmp_path, "name", data, "unit")
    before = mine.images.copy()
    [entry] = entries(tmp_path)
    (entry / "validation_images.npy").write_bytes(b"")
    processes = [_holder(tmp_path, data, "name") for _ in range(4)]
    assert [_told(process) for process in processes] == [str(array_cache.ROWS + 77)] * 4
    said = "".join(process.communicate("")[1] for process in processes)
    assert said == f"{entry} is damaged: it counts as missing and is made again\n"
    assert np.array_equal(mine.images, before)


def test_another_entrys_folder_is_not_taken_for_this_one(data: Path, tmp_path: Path) -> None:
    array_cache.load(tmp_path / "a", "name", data, "unit")
    array_cache.load(tmp_path / "b", "name", data, "standardized")
    [mine], [other] = entries(tmp_path / "a"), entries(tmp_path / "b")
    shutil.copytree(other, tmp_path / "c" / mine.name)
    found, _ = array_cache.load(tmp_path / "c", "name", data, "unit")
    assert np.array_equal(found.images, splits.load(data, "train", "unit").images)


def _holder(store: Path, data: Path, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLD, str(store), str(data), name]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _told(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()
