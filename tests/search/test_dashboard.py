"""The dashboard: it shows the studies to this computer, and ends when it is told to."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest
import synthetic_search as synthetic

ROOT = Path(__file__).resolve().parents[2]


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    (folder / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "pipeline.dashboard", *arguments]
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def test_it_shows_the_studies_on_the_loopback_and_ends_with_a_signal(tmp_path: Path) -> None:
    settings = synthetic.SETTINGS.model_copy(update={"trials": 2})
    synthetic.run(tmp_path / ".work" / "studies", settings, directions=("maximize", "minimize"))
    with started(tmp_path) as process:
        assert process.stdout is not None
        address = re.search(r"dashboard: (http://127\.0\.0\.1:\d+)/dashboard/", process.stdout.readline())
        assert address
        with urlopen(f"{address[1]}/dashboard/", timeout=30) as page:
            assert page.status == 200
        with urlopen(f"{address[1]}/api/studies", timeout=30) as answer:
            (study,) = json.load(answer)["study_summaries"]
        process.send_signal(signal.SIGTERM)
        said = process.stdout.read()
    assert (study["study_name"], study["directions"]) == ("synthetic", ["maximize", "minimize"])
    assert process.returncode == 130 and "Traceback" not in said


@pytest.mark.parametrize(
    ("port", "reason"),
    [
        ("80a", "'80a' is not a port"),
        ("0", "'0' is not a port: give a number from 1 to 65535, such as 8080."),
        ("99999", "'99999' is not a port"),
        ("8080", "there are no studies yet"),
    ],
)
def test_what_cannot_be_shown_is_said(tmp_path: Path, port: str, reason: str) -> None:
    with started(tmp_path, port) as process:
        said = process.communicate()[0]
    assert process.returncode == 1
    assert reason in said and "Traceback" not in said
    assert not (tmp_path / ".work" / "studies").exists()
