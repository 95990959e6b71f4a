"""The other side of suites and searches: the same runs one after another through ``fit``, in one process."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.contenders import QUIET
from benchmarks.measure import spawn

MODULE = "benchmarks.contenders.serial_fit"


def serially(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Trains ``runs`` (``recipe``, ``seed``, ``epochs``); the process's wall and CPU seconds, and those of each run."""
    with tempfile.TemporaryDirectory() as name:
        asked, answer = Path(name) / "runs.json", Path(name) / "answer.json"
        asked.write_text(json.dumps(list(runs)), encoding="utf-8")
        usage = spawn(MODULE, [str(asked), str(answer)], QUIET)
        return {"process": usage, **json.loads(answer.read_text(encoding="utf-8"))}
