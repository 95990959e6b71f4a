"""Stages as the product runs them, in a copy of the pipeline with an empty memo and nothing compiled."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.contenders import QUIET
from benchmarks.data import ROOT, STANDARDIZED, TASKS
from benchmarks.measure import spawn
from benchmarks.memory import Peak
from bythebook.documents import read_json
from pipeline import workspace

MEMO = Path(".work/memo")


@contextmanager
def scratch(overrides: Mapping[str, Any]) -> Iterator[Path]:
    """A fresh copy of the pipeline that reads the project's data; it vanishes with the block.

    Args:
        overrides: what differs from the project's ``params.yaml``.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name).resolve()
        workspace.create(ROOT, folder, overrides)
        for data in (STANDARDIZED, TASKS):
            (folder / data).parent.mkdir(parents=True, exist_ok=True)
            (folder / data).symlink_to(ROOT / data, target_is_directory=True)
        yield folder


def budget(seeds: int, trials: int = 1) -> dict[str, Any]:
    """The parameters that spend so many seeds and trials, and every epoch that is declared."""
    return {"budget": "bench", "budgets": {"bench": {"seeds": seeds, "epochs": 1.0, "trials": trials}}}


def run_stage(folder: Path, module: str, name: str, tracked: bool = True) -> dict[str, Any]:
    """Runs a stage, as DVC would start it.

    Args:
        folder: a :func:`scratch` copy.
        module: such as ``pipeline.train``.
        name: of the suite or search.
        tracked: whether runs are mirrored to MLflow (a SQLite file in the copy).

    Returns:
        The whole stage's ``process`` (wall and CPU seconds, workers included), its highest ``memory`` and, of the runs
        that the memo kept, ``runs``.
    """
    peak = Peak()
    # State of other programs must not come from the user's home, where earlier runs may have left some.
    own = {**QUIET, "XDG_CACHE_HOME": str(folder / ".cache"), "BYTHEBOOK_STUDIES": ""}
    command = (module, [name]) if tracked else ("benchmarks.untracked", [module, name])
    usage = spawn(*command, own, folder, peak.watch)
    return {"process": usage, "memory": peak.stop(), "runs": kept_runs(folder / MEMO)}


def kept_runs(memo: Path) -> list[dict[str, Any]]:
    """What the memo knows of every run: begin, seconds, epochs and accuracy; ``compile_seconds`` where recorded."""
    found = []
    for path in sorted(memo.glob("*/*/timings.json")):
        timings, record = read_json(path), read_json(path.with_name("record.json"))
        found.append(
            {
                "started": timings["started"],
                "seconds": timings["seconds"],
                "cpu_seconds": timings["cpu_seconds"],
                "compile_seconds": timings.get("compile_seconds"),
                "engine": record.get("loop"),
                "epochs": len(record["epochs"]),
                "val_accuracy": (record["final"] or {}).get("val_accuracy"),
            }
        )
    return sorted(found, key=lambda run: run["started"])
