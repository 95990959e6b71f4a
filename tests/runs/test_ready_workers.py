"""What a worker imports before its first run, and what it leaves behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import plain_tasks
import pytest

from bythebook.records.events import ignore_events
from pipeline import fanout

SCRIPT = """
import sys
from pipeline import fanout
fanout.trainers()
print(*(name in sys.modules for name in ("keras", *fanout.UNUSED)))
import matplotlib, pandas, sklearn
with fanout.hidden("pandas", "json.tool"):
    import pandas
    try:
        import json.tool
    except ImportError as error:
        print(error.name)
import json.tool
"""


def test_workers_import_what_they_use_alone_and_may_import_the_rest_later(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False", "False", "False", "json.tool"]


def test_temporary_files_of_workers_go_with_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with fanout.here(2, fanout.plain) as executor:
        left = [Path(name) for name in executor.map(plain_tasks.leave_a_file, [0, 1], ignore_events)]
        assert len(set(left)) == 2 and all(path.is_file() for path in left)
    assert not any(path.parent.exists() for path in left)
    assert os.environ["TMPDIR"] == str(tmp_path)
