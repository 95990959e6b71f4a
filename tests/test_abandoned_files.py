"""What killed writers leave is removed, what living ones write is not, and the user's umask decides who may read it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bythebook.files import new_directory, remove_older, sweep, write_bytes
from pipeline import temporary

WRITING = """
import os, sys
from pathlib import Path
from bythebook import files
from pipeline import temporary

path = Path(sys.argv[1])

def fsync(descriptor):
    print(flush=True)
    input()

os.fsync = fsync
with temporary.own_folder(), files.new_directory(path / "folder") as building:
    (building / "weights").write_bytes(b"half")
    files.write_bytes(path / "file", b"half")
"""


@contextmanager
def writer(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process in the middle of writing a file and a folder there."""
    command = [sys.executable, "-c", WRITING, str(folder)]
    variables = {**os.environ, "TMPDIR": str(folder), "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "\n"
        yield process
        process.kill()


def parts(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.endswith(".part"))


def test_what_a_killed_process_left_is_swept_and_what_a_living_one_writes_stays(tmp_path: Path) -> None:
    others = [tmp_path / "a.part", tmp_path / ".a.part", tmp_path / "own" / ".file.01234567.part"]
    for path in others:
        path.parent.mkdir(exist_ok=True)
        path.write_text("not ours")
    with writer(tmp_path):
        left = parts(tmp_path)
        assert len(left) == 4
        sweep(tmp_path, but=[tmp_path / "own"])
        assert parts(tmp_path) == left
    assert parts(tmp_path) == left
    sweep(tmp_path, but=[tmp_path / "own"])
    assert parts(tmp_path) == [".a.part", "a.part"]
    assert all(path.is_file() for path in others)


def test_a_temporary_folder_goes_when_its_process_has_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    mine = tmp_path / "bythebook-backup"
    mine.mkdir()
    with writer(tmp_path):
        (theirs,) = (path for path in tmp_path.glob("bythebook-*") if path != mine)
        (theirs / "function.py").touch()
        with temporary.own_folder() as folder:
            assert Path(tempfile.mkdtemp()).parent == folder != theirs
            assert (theirs / "function.py").exists()
    assert theirs.exists()
    with temporary.own_folder():
        assert not theirs.exists()
    assert list(tmp_path.glob("bythebook-*")) == [mine]
    assert tempfile.gettempdir() == os.environ["TMPDIR"] == str(tmp_path)


def test_only_files_of_long_ago_are_forgotten(tmp_path: Path) -> None:
    old, new = tmp_path / "old.npz", tmp_path / "new.npz"
    for path, age in ((old, 1000), (new, 10)):
        path.touch()
        os.utime(path, (time.time() - age,) * 2)
    remove_older(tmp_path, 100)
    remove_older(tmp_path / "missing", 100)
    assert list(tmp_path.iterdir()) == [new]


@pytest.mark.parametrize("mask", [0o022, 0o027, 0o077, 0o002])
def test_the_umask_is_respected(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        write_bytes(tmp_path / "file", b"")
        with new_directory(tmp_path / "folder"):
            pass
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o666 & ~mask
    assert (tmp_path / "folder").stat().st_mode & 0o777 == 0o777 & ~mask
