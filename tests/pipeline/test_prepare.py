"""What a killed DVC leaves damaged: told with the way out before DVC starts, or removed when nobody needs it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from source_code import ROOT

from bythebook.errors import UserError
from pipeline import prepare

WHOLE = (ROOT / prepare.LOCK).read_bytes()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the project's dvc.lock, which git does not know."""
    (tmp_path / prepare.LOCK).write_bytes(WHOLE)
    (tmp_path / prepare.IN_USE).parent.mkdir(parents=True)
    return tmp_path


def refusal(project: Path) -> str:
    with pytest.raises(UserError) as caught:
        prepare.mend(project)
    (problem,) = caught.value.problems
    return problem


def test_a_lock_as_dvc_wrote_it_is_good_and_none_is_too(project: Path) -> None:
    prepare.mend(project)
    (project / prepare.LOCK).unlink()
    prepare.mend(project)
    assert not (project / prepare.LOCK).exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "dvc.lock: damaged, not what DVC writes. Remove it."),
        (b"schema: '2.0'\nstages:\n", "dvc.lock, at stages: damaged"),
        (WHOLE[: WHOLE.index(b"    deps:") + 9], "dvc.lock, at stages.download@fashion_mnist.deps: damaged"),
        (WHOLE[: WHOLE.index(b"hash: md5") + 2], "dvc.lock, line 8: not YAML"),
        (b"<<<<<<< HEAD\n" + WHOLE, "dvc.lock, line 2: not YAML"),
        (bytes(100), "dvc.lock: not YAML"),
        (b"\xff\xfe\xff", "dvc.lock: not YAML"),
    ],
    ids=["empty", "no stages", "no list", "half a key", "a conflict", "zeroed", "no text"],
)
def test_a_damaged_lock_is_told_with_its_place_and_the_way_out(project: Path, content: bytes, said: str) -> None:
    (project / prepare.LOCK).write_bytes(content)
    problem = refusal(project)
    assert problem.startswith(said) and "run cache" in problem and "\n" not in problem


def test_a_lock_that_is_committed_comes_back_by_git(project: Path) -> None:
    git = ("git", "-C", str(project), "-c", "user.name=me", "-c", "user.email=me@example.org")
    for command in (("init", "--quiet"), ("add", "dvc.lock"), ("commit", "--quiet", "--message", "all")):
        subprocess.run([*git, *command], check=True)
    (project / prepare.LOCK).write_bytes(b"")
    assert "`git checkout HEAD dvc.lock` restores the committed one." in refusal(project)
    subprocess.run([*git, "checkout", "--quiet", "HEAD", "dvc.lock"], check=True)
    prepare.mend(project)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"write": 3}'])
def test_a_damaged_list_of_files_in_use_is_removed_if_no_dvc_lives(
    project: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = project / prepare.IN_USE
    path.write_text(content)
    prepare.mend(project)
    assert not path.exists()
    assert "repro: removed " in capsys.readouterr().err


def test_a_list_that_dvc_may_be_writing_is_left_alone(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = project / prepare.IN_USE
    path.write_text(json.dumps({"write": {}, "read": {}}))
    prepare.mend(project)
    assert path.exists()
    path.write_text("")
    dvc = shutil.copy(shutil.which("sleep") or "", project / "dvc")
    with subprocess.Popen([dvc, "60"], cwd=project) as living:
        assert refusal(project).endswith(f"DVC still runs in process {living.pid}; wait for it or stop it.")
        living.kill()
    prepare.mend(project)
    assert not path.exists()


def test_it_ends_with_one_line_and_a_status(project: Path) -> None:
    (project / "params.yaml").write_text("datasets: {}\n")
    (project / prepare.LOCK).write_bytes(b"")
    command = [sys.executable, "-m", "pipeline.prepare"]
    done = subprocess.run(command, cwd=project, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and done.stderr.startswith("dvc.lock: damaged")
