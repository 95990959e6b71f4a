"""A copy of the pipeline in a folder of its own, and what tests ask of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image

from pipeline import workspace

# Every part of the pipeline, as little of each as still means something.
SMALL: dict[str, Any] = {
    "budget": "small",
    "budgets": {"small": {"seeds": 2, "epochs": 1.0, "trials": 3, "pairs": 2}},
    "overrides": {"epochs": 2, "hidden": [16]},
    "transfers": ["freeze_then_finetune", "all_pairs"],
    "transfer": {"overrides": {"epochs": 2, "hidden": [16]}},
    "searches": ["default_dnn"],
    # With this seed the two trials that are sampled are nets of one hidden layer with dropout.
    "search": {"in_flight": 2, "seed": 4, "overrides": {"epochs": 2}},
    "champion": {"shortlist": 2},
    "evaluation": {"passes": 3},
    "probes": ["clipping", "symmetry"],
}


# A data set of the user's own, and a task between the digits and it.
OWN: dict[str, Any] = {
    "datasets": {
        "marks": {
            "source": {"folder": "data/own/marks"},
            "size": [8, 8],
            "mixed": "convert",
            "unreadable": 0.05,
            "validation": 0.25,
            "test": 0.25,
        }
    },
    "tasks": {
        "digits_to_marks": {
            "a": {"dataset": "digits", "classes": "all"},
            "b": {"dataset": "marks", "classes": ["bar", "cross"], "samples": 16},
        }
    },
    "transfer": {"tasks": ["three_vs_eight", "digits_to_marks"]},
}


def write_marks(folder: Path, per_class: int, first: int = 0, size: int = 8) -> list[Path]:
    """Writes PNG files of upright bars and of crosses, with noise, below ``bar`` and ``cross``; returns the files."""
    files = []
    for name in ("bar", "cross"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(first, first + per_class):
            image = np.random.default_rng(number).integers(0, 120, (size, size), dtype=np.uint8)
            image[:, size // 2] = 255
            if name == "cross":
                image[size // 2] = 255
            files.append(folder / name / f"{number}.png")
            Image.fromarray(image).save(files[-1])
    return files


def write_own_data(folder: Path) -> None:
    """Writes the files of :data:`OWN` into a copy's folder: a few of another size, and one that cannot be read."""
    marks = folder / "data" / "own" / "marks"
    write_marks(marks, 20)
    write_marks(marks, 1, first=90, size=11)[0].unlink()
    (marks / "bar" / "unreadable.png").write_bytes(b"no image")


# The one stage that DVC always runs.
LIBRARIES = "data/dvc.yaml:libraries"


class Reproduced(subprocess.CompletedProcess[str]):
    """What ``dvc repro`` has said."""

    @property
    def stages_run(self) -> list[str]:
        """The stages that were run, in their order."""
        return re.findall(r"^Running stage '(.+)':", self.stdout, re.MULTILINE)


@dataclass(frozen=True)
class Copy:
    """The folder of a copy, and what its parameters change in the project's."""

    folder: Path
    overrides: Mapping[str, Any]

    def repro(self, *arguments: str) -> Reproduced:
        """``dvc repro`` to its end, with everything it said."""
        with self.start(*arguments) as process:
            said, _ = process.communicate()
        return Reproduced(process.args, process.returncode, said)

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

    def dvc(self, *arguments: str) -> str:
        """What a command of DVC prints."""
        command = [sys.executable, "-m", "dvc", *arguments]
        variables = {**os.environ, "PYTHONPATH": f"{self.folder / 'src'}:{self.folder}"}
        done = subprocess.run(command, cwd=self.folder, env=variables, capture_output=True, text=True, check=True)
        return done.stdout

    def memo(self) -> dict[str, int]:
        """When each finished run was written, by key."""
        found = (self.folder / ".work" / "memo").glob("*/*/record.json")
        return {path.parent.name: path.stat().st_mtime_ns for path in found}

    def outputs(self) -> dict[str, bytes]:
        """Every file that DVC and the report hand on, by path."""
        folders = [self.folder / name for name in ("data", "runs", "reports")]
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in files}


def refused(done: subprocess.CompletedProcess[str], *parts: str) -> None:
    """A stage that says these parts, and ends as one should that cannot go on."""
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "Traceback" not in said and "canary" not in said
    for part in parts:
        assert part in said


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
