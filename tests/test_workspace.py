from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from source_code import ROOT

from bythebook.documents import read_yaml
from pipeline import demo, stage, workspace
from pipeline.params_file import read_params

FILES = {
    "dvc.yaml": """
stages:
  one:
    cmd: exec python -m pipeline.one
    deps: [src, pipeline]
    params: [number]
    outs: [runs/one]
""",
    "data/dvc.yaml": "stages: {}\n",
    ".dvcignore": "__pycache__/\n",
    "params.yaml": "number: 1 # a comment\nrest: [1, 2]\n",
    "src/small/__init__.py": "WORD = 'first'\n",
    "pipeline/__init__.py": "",
    "pipeline/one.py": """
import sys
from pathlib import Path

import small
from bythebook.documents import read_yaml

Path("runs").mkdir(exist_ok=True)
Path("runs/one").write_text(f"{small.WORD} {read_yaml(Path('params.yaml'))['number']} {sys.prefix}")
with open("times_run", "a") as file:
    file.write("x")
""",
    "pipeline/recipes/old.yaml": "a: 1\n",
}


BLOCKED = """
import signal

from bythebook.lifetime import die_with_parent

die_with_parent(signal.SIGTERM)
print("waiting", flush=True)
signal.pause()
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "root"


@pytest.mark.parametrize(
    ("base", "overrides", "expected"),
    [
        ({"a": 1, "b": 2}, {"b": 3}, {"a": 1, "b": 3}),
        ({"a": {"x": 1, "y": 2}}, {"a": {"y": 3}}, {"a": {"x": 1, "y": 3}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": {"x": 1}}, {"a": 2}, {"a": 2}),
        ({"a": 1}, {"a": {"x": 1}}, {"a": {"x": 1}}),
        ({"tasks": {"theirs": {"n": 1}}}, {"tasks": {"theirs": None, "mine": {"n": 2}}}, {"tasks": {"mine": {"n": 2}}}),
        (
            {"tasks": {"one": {"n": 1}, "two": 2}},
            {"tasks": {"*": None, "mine": {"n": 2}}},
            {"tasks": {"mine": {"n": 2}}},
        ),
        ({"a": 1}, {"tasks": {"*": None, "mine": 3}}, {"a": 1, "tasks": {"mine": 3}}),
        ({"a": 1, "b": None}, {"a": None, "b": None, "c": None}, {"a": None, "b": None, "c": None}),
    ],
)
def test_overrides_are_merged_key_by_key(base: Any, overrides: Any, expected: Any) -> None:
    before = repr(base)
    assert workspace.merged(base, overrides) == expected
    assert repr(base) == before


def test_a_copy_runs_its_own_code_and_parameters_and_keeps_what_it_computed(root: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    workspace.create(root, target, {"number": 1e-05})
    assert workspace.repro(target) == 0
    assert (target / "runs" / "one").read_text() == f"first 1e-05 {sys.prefix}"

    workspace.create(root, target, {"number": 1e-05})
    assert workspace.repro(target) == 0
    assert (target / "times_run").read_text() == "x"

    (root / "src" / "small" / "__init__.py").write_text("WORD = 'second'\n")
    (root / "pipeline" / "recipes" / "old.yaml").rename(root / "pipeline" / "recipes" / "new.yaml")
    workspace.create(root, target, {"number": 1e-05})
    assert [path.name for path in (target / "pipeline" / "recipes").iterdir()] == ["new.yaml"]
    assert workspace.repro(target) == 0
    assert (target / "runs" / "one").read_text().startswith("second")
    assert not (root / "runs").exists()


def test_a_copy_has_the_measured_latencies_when_there_are_any(root: Path, tmp_path: Path) -> None:
    (measured,) = workspace.OPTIONAL_FILES
    assert measured == str(stage.LATENCY)
    (root / measured).parent.mkdir()
    (root / measured).write_text("{}")
    workspace.create(root, tmp_path / "copy", {})
    assert (tmp_path / "copy" / measured).read_text() == "{}"
    (root / measured).unlink()
    workspace.create(root, tmp_path / "copy", {})
    assert not (tmp_path / "copy" / measured).exists()


def test_a_copy_keeps_the_state_of_dvc_inside(root: Path, tmp_path: Path) -> None:
    workspace.create(root, tmp_path / "copy", {})
    assert workspace.repro(tmp_path / "copy") == 0
    assert (tmp_path / "copy" / ".dvc" / "tmp" / "site").is_dir()


def test_a_failing_stage_gives_its_status_away(root: Path, tmp_path: Path) -> None:
    (root / "pipeline" / "one.py").write_text("raise SystemExit(3)\n")
    workspace.create(root, tmp_path / "copy", {})
    assert workspace.repro(tmp_path / "copy", "one") != 0


def test_a_stage_sees_the_environment_that_is_given(root: Path, tmp_path: Path) -> None:
    text = (
        "import os, pathlib\npathlib.Path('runs').mkdir()\npathlib.Path('runs/one').write_text(os.environ['ADDRESS'])\n"
    )
    (root / "pipeline" / "one.py").write_text(text)
    workspace.create(root, tmp_path / "copy", {})
    assert workspace.repro(tmp_path / "copy", environment={"ADDRESS": "here"}) == 0
    assert (tmp_path / "copy" / "runs" / "one").read_text() == "here"


def test_what_runs_in_a_copy_ends_with_the_process_that_started_it(root: Path, tmp_path: Path) -> None:
    (root / "pipeline" / "one.py").write_text(BLOCKED)
    workspace.create(root, tmp_path / "copy", {})
    code = (
        f"from pathlib import Path; from pipeline import workspace; workspace.repro(Path({str(tmp_path / 'copy')!r}))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "copy")], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert any("waiting" in line for line in process.stdout)
        process.kill()
        # The end of its output: everyone who could write there is gone.
        process.communicate(timeout=30)


def test_the_demo_asks_for_valid_parameters_and_downloads_nothing(tmp_path: Path) -> None:
    workspace.create(ROOT, tmp_path, read_yaml(ROOT / "pipeline" / "demo.yaml"))
    params = read_params(tmp_path / "params.yaml")
    assert (params.dataset, params.mirror) == ("digits", None)
    assert list(params.tasks) == params.transfer.tasks


def test_the_demo_tracks_where_the_user_says_or_in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert demo.tracking_address() == f"sqlite:///{ROOT}{os.sep}mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    assert demo.tracking_address() == "http://127.0.0.1:5000"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///mine.db")
    assert demo.tracking_address() == f"sqlite:///{ROOT}{os.sep}mine.db"
