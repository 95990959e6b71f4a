"""What is given to a stage on the command line and does not fit: what fits is said, and nothing is touched."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from copies import refused


def called(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A stage in an empty folder."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("command", "parts"),
    [
        (("train",), ["nothing was given.", "Usage: python -m pipeline.train NAME"]),
        (("download", "digits", "mnist"), ["given 'digits mnist'.", "Usage: python -m pipeline.download DATASET"]),
        (("split_tasks", "all"), ["given 'all'.", "Usage: python -m pipeline.split_tasks\n"]),
        (("ui", "5001", "5002"), ["given '5001 5002'.", "Usage: python -m pipeline.ui [PORT]"]),
        (("ui", "99999"), ["'99999' is not a port: give a number from 1 to 65535, such as 5001."]),
    ],
)
def test_arguments_that_do_not_fit(tmp_path: Path, command: tuple[str, ...], parts: list[str]) -> None:
    name, *arguments = command
    refused(called(tmp_path, f"pipeline.{name}", *arguments), f"{name}: cannot go on:", *parts)


def test_what_is_not_watched_is_named(tmp_path: Path) -> None:
    watched = tmp_path / "data" / "watched" / "paths.yaml"
    watched.parent.mkdir(parents=True)
    watched.write_text("watched: {marks: data/own/marks}\n")
    done = called(tmp_path, "pipeline.watch", "mark")
    refused(done, "data/watched/paths.yaml: unknown watched data 'mark'. Did you mean 'marks'?")
    watched.write_text("watched:\n")
    refused(called(tmp_path, "pipeline.watch", "mark"), "unknown watched data 'mark'. Allowed: none.")
    assert not list(tmp_path.rglob("*.json"))
