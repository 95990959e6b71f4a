"""A whole suite: the product with two workers, the product without tracking, and ``fit`` one run after another."""

from __future__ import annotations

from functools import partial
from typing import Any

from benchmarks.data import ROOT
from benchmarks.measure import Cell, Settings, interleaved
from benchmarks.questions.serial import serially
from benchmarks.stages import budget, run_stage, scratch
from bythebook.overrides import Overrides
from bythebook.suite import read_declaration

NAME, MODULE = "activations", "pipeline.train"
SEEDS = 3
WORKERS = 2


def measure(settings: Settings) -> dict[str, Any]:
    """The suite of activations."""
    seeds, overrides = (1, {"epochs": 1}) if settings.quick else (SEEDS, {})
    params = {**budget(seeds), "workers": WORKERS, "overrides": overrides}
    declared = read_declaration(ROOT / "pipeline" / "recipes" / f"{NAME}.yaml", Overrides(overrides))
    runs = [
        {"recipe": arm.recipe, "seed": seed, "epochs": arm.recipe["epochs"]}
        for arm in declared.arms
        for seed in range(seeds)
    ]
    cells = [
        Cell("product", partial(stage, params, True)),
        Cell("untracked", partial(stage, params, False)),
        Cell("serial_fit", partial(serially, runs)),
    ]
    return {
        "kind": "suite",
        "title": f"The suite `{NAME}`: {len(runs)} runs of {runs[0]['epochs']} epochs",
        "workers": WORKERS,
        "answers": interleaved(cells, settings.repetitions),
    }


def stage(params: dict[str, Any], tracked: bool) -> dict[str, Any]:
    """One whole stage in a fresh copy."""
    with scratch(params) as folder:
        return run_stage(folder, MODULE, NAME, tracked)
