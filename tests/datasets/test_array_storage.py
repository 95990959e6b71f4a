from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from made_data import dataset_of, files_below, labelled, standardized, write_folder

from bythebook.datasets.download import download
from bythebook.datasets.registry import find
from bythebook.datasets.standardize import SplitPlan, standardize
from bythebook.datasets.storage import load_array, load_arrays, save_array, save_arrays
from bythebook.datasets.task_declaration import Task
from bythebook.datasets.tasks import split_tasks
from bythebook.errors import UserError

TRAIN, TEST = labelled(100), labelled(40, seed=1)

# Runs one stage's library call while no file may grow beyond a few bytes, as on a disk that is full.
FULL_DISK = """
import resource, sys
from pathlib import Path
from bythebook.datasets.download import download
from bythebook.datasets.registry import find
from bythebook.datasets.standardize import SplitPlan, standardize
from bythebook.datasets.task_declaration import Task
from bythebook.datasets.tasks import split_tasks
from bythebook.errors import UserError
stage, root = sys.argv[1], Path(sys.argv[2])
digits = find("digits")
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
try:
    if stage == "download":
        download(digits, root / "raw", downloads=root / "kept")
    elif stage == "standardize":
        standardize(digits, root / "raw", root / "standardized", SplitPlan("first", 300, 360, 42), 0.001)
    else:
        split_tasks(root / "standardized", root / "tasks", {"zero_vs_two": Task((0, 2), 60)})
except UserError as error:
    print(error)
"""


def _stages(root: Path, upto: str) -> None:
    digits = find("digits")
    if upto != "download":
        download(digits, root / "raw", downloads=root / "kept")
    if upto == "split_tasks":
        standardize(digits, root / "raw", root / "standardized", SplitPlan("first", 300, 360, 42), 0.001)


@pytest.mark.parametrize(
    ("stage", "limit", "target"),
    [("download", 9000, "digits.csv.gz"), ("standardize", 9000, "standardized"), ("split_tasks", 2000, "tasks")],
)
def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, stage: str, limit: int, target: str) -> None:
    _stages(tmp_path, stage)
    before = files_below(tmp_path)
    command = [sys.executable, "-c", FULL_DISK, stage, str(tmp_path), str(limit)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"{target}: cannot be written (File too large)" in result.stdout
    assert files_below(tmp_path) == before


def test_a_full_disk_leaves_the_earlier_result(tmp_path: Path) -> None:
    _stages(tmp_path, "split_tasks")
    before = files_below(tmp_path)
    command = [sys.executable, "-c", FULL_DISK, "standardize", str(tmp_path), "9000"]
    assert "cannot be written" in subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert files_below(tmp_path) == before


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    folder = standardized(tmp_path, TRAIN, TEST)
    (tmp_path / "file").write_bytes(b"a file, not a folder")
    with pytest.raises(UserError, match="file/tasks: cannot be written"):
        split_tasks(folder, tmp_path / "file" / "tasks", {"one": Task((0, 1), None)})
    raw = write_folder(tmp_path / "raw" / "tiny_shapes", TRAIN, TEST)
    with pytest.raises(UserError, match="file/standardized: cannot be written"):
        plan = SplitPlan("first", 20, None, 1)
        standardize(dataset_of(raw), tmp_path / "raw", tmp_path / "file" / "standardized", plan, 0.001)


def test_arrays_come_back_as_they_were(tmp_path: Path) -> None:
    arrays = {"one": np.arange(6, dtype=np.float32).reshape(2, 3), "two": np.array([], dtype=np.int64)}
    save_arrays(tmp_path / "all.npz", **arrays)
    save_array(tmp_path / "one.npy", arrays["one"])
    loaded = load_arrays(tmp_path / "all.npz")
    assert set(loaded) == {"one", "two"}
    for name, array in arrays.items():
        np.testing.assert_array_equal(loaded[name], array)
        assert loaded[name].dtype == array.dtype
    mapped = load_array(tmp_path / "one.npy")
    assert isinstance(mapped, np.memmap)
    np.testing.assert_array_equal(mapped, arrays["one"])


def test_no_clock_time_is_stored(tmp_path: Path) -> None:
    save_arrays(tmp_path / "all.npz", one=np.zeros(3))
    with zipfile.ZipFile(tmp_path / "all.npz") as archive:
        assert [member.date_time for member in archive.infolist()] == [(1980, 1, 1, 0, 0, 0)]
