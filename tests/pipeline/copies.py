"""A copy of the pipeline in a folder of its own, and what tests ask of it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from pipeline import workspace

# Every part of the pipeline, as little of each as still means something.
SMALL: dict[str, Any] = {
    "budget": "small",
    "budgets": {"small": {"seeds": 2, "epochs": 1.0, "trials": 3}},
    "overrides": {"epochs": 2, "hidden": [16]},
    "transfer": {"overrides": {"epochs": 2, "hidden": [16]}},
    # With this seed the two trials that are sampled are nets of one hidden layer with dropout.
    "search": {"in_flight": 2, "seed": 4, "overrides": {"epochs": 2}},
    "champion": {"shortlist": 2},
    "evaluation": {"passes": 3},
    "probes": ["clipping", "symmetry"],
}


@dataclass(frozen=True)
class Copy:
    """The folder of a copy, and what its parameters change in the project's."""

    folder: Path
    overrides: Mapping[str, Any]

    def repro(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """``dvc repro`` to its end, with everything it said."""
        with self.start(*arguments) as process:
            said, _ = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, said)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """``dvc repro``, begun."""
        return workspace.start(
            self.folder, *arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )

    def run(self, stage: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Any:
        """One stage by itself, as DVC runs it."""
        variables = {**os.environ, **(environment or {}), "PYTHONPATH": f"{self.folder / 'src'}:{self.folder}"}
        return subprocess.run(
            [sys.executable, "-m", f"pipeline.{stage}", *arguments],
            cwd=self.folder,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )

    def memo(self) -> dict[str, int]:
        """When each finished run was written, by key."""
        found = (self.folder / ".work" / "memo").glob("*/*/record.json")
        return {path.parent.name: path.stat().st_mtime_ns for path in found}

    def outputs(self) -> dict[str, bytes]:
        """Every file that DVC and the report hand on, by path."""
        folders = [self.folder / name for name in ("data", "runs", "reports")]
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in files}


def stage_process(stage: str, above: psutil.Process) -> psutil.Process | None:
    """The process of a stage below another process, or None."""
    for process in above.children(recursive=True):
        try:
            if f"pipeline.{stage}" in process.cmdline():
                return process
        except psutil.NoSuchProcess:
            continue
    return None


def wait_for(condition: Callable[[], Any], seconds: float = 120) -> Any:
    """The first true answer of ``condition``."""
    end = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
    return answer
