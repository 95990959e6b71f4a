"""A small suite on the handwritten digits, trained for real by however many workers in whatever order."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bythebook import recipe
from bythebook import techniques as techniques  # fills the catalogue
from bythebook.datasets.download import download
from bythebook.datasets.registry import find
from bythebook.datasets.standardize import SplitPlan, standardize
from bythebook.lazy import keras
from bythebook.records.events import Observe
from bythebook.records.suite import Heading
from bythebook.runs.fanout import complete
from bythebook.runs.local_executor import LocalExecutor
from bythebook.runs.loops import LoopSettings, with_loops
from bythebook.runs.run import Run
from bythebook.runs.suite import write_suite
from bythebook.runs.view import DataView
from bythebook.training.determinism import ENVIRONMENT, prepare_process

HEADING = Heading("small", "train@small", "digits", "Are the bytes the same?")
RECIPES: dict[str, dict[str, Any]] = {
    "plain": {},
    "slower": {"optimizer": {"name": "sgd", "learning_rate": 0.001}},
    "normalized": {"normalizer": "batch_norm_after", "optimizer": "nadam", "scaling": "unit"},
    "dropped": {"dropout": {"name": "dropout", "rate": 0.2}, "constraint": "max_norm", "epochs": 3},
}
BY_FIT = ("slower", "dropped")


def prepare() -> None:
    """As a stage prepares its workers."""
    prepare_process()
    keras.version()


def digits(folder: Path) -> Path:
    """The standardized digits, below ``folder``."""
    dataset = find("digits")
    download(dataset, folder / "raw", downloads=folder / "kept")
    plan = SplitPlan(method="stratified", validation=300, test=300, seed=42)
    standardize(dataset, folder / "raw", folder / "data", plan, min_deviation=0.01)
    return folder / "data"


def runs(data: Path) -> list[Run]:
    """Two seeds of every recipe, some trained in compiled epochs and some by ``fit``."""
    view = DataView.of(data)
    resolved = {name: recipe.resolve({"hidden": [16], "epochs": 2} | delta, name) for name, delta in RECIPES.items()}
    planned = [Run(name, seed, resolved[name], view) for name in resolved for seed in (0, 1)]
    by_fit = [run for run in planned if run.name in BY_FIT]
    compiled = [run for run in planned if run.name not in BY_FIT]
    return [*with_loops(compiled, LoopSettings("fused")), *with_loops(by_fit, LoopSettings("plain"))]


def workers(count: int, fork: bool) -> LocalExecutor:
    """Workers as a stage has them."""
    os.environ.update(ENVIRONMENT)
    return LocalExecutor(count, prepare, fork)


def trained(wanted: Sequence[Run], folder: Path, executor: LocalExecutor, observe: Observe) -> None:
    """Trains what the memo in ``folder`` lacks, and writes ``folder / "suite"``, its runs ordered by name."""
    records = complete(wanted, folder / "memo", executor, observe)
    ordered = sorted(wanted, key=lambda run: (run.name, run.seed))
    write_suite(folder / "suite", HEADING, ordered, records, folder / "memo")


def files(folder: Path) -> dict[str, bytes]:
    """Every file of the suite in ``folder``, by path."""
    found = sorted(path for path in (folder / "suite").rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}
