"""The gate as the scheduled run calls it, in a real repository."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
METRICS = {"dataset": "fashion_mnist", "champion": {"test_accuracy": 0.89}}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "params.yaml", tmp_path)
    git(tmp_path, "init", "-q")
    return tmp_path


def git(project: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=project, check=True, capture_output=True)


def write(project: Path, **champion: Any) -> None:
    (project / "reports").mkdir(exist_ok=True)
    (project / "reports" / "metrics.json").write_text(json.dumps({**METRICS, "champion": champion}))


def gate(project: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    command = [sys.executable, "-m", "pipeline.gate"]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def test_without_a_committed_file_there_is_nothing_to_compare(project: Path) -> None:
    write(project, test_accuracy=0.5)
    done = gate(project)
    assert done.returncode == 0, done.stderr
    assert "nothing to compare with yet" in done.stdout


def test_a_small_change_passes_and_a_fall_fails(project: Path) -> None:
    write(project, test_accuracy=0.89)
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "results")
    write(project, test_accuracy=0.885)
    done = gate(project)
    assert done.returncode == 0, done.stderr
    assert "champion.test_accuracy" in done.stdout
    write(project, test_accuracy=0.87)
    done = gate(project)
    assert done.returncode == 1
    assert "REGRESSION" in done.stdout


def test_without_a_report_the_missing_stage_is_named(project: Path) -> None:
    done = gate(project)
    assert done.returncode == 1
    assert "reports/metrics.json: no such file; the stage that writes it has not run." in done.stderr
