"""How cost grows with data, with runs, and how it falls with workers."""

from __future__ import annotations

from functools import partial
from typing import Any

from benchmarks.measure import Cell, Settings, child, interleaved
from benchmarks.questions.epoch import request
from benchmarks.questions.suite import stage
from benchmarks.stages import budget

FACTORS = (1, 2, 4)
WORKERS = (1, 2)
NET = "model_a"


def data(settings: Settings) -> dict[str, Any]:
    """Epochs of the engine on model A's net, the training images repeated."""
    cells = [
        Cell(str(times), partial(child, "engine", request(NET, settings, times=times, validation=False)))
        for times in FACTORS
    ]
    return _section("data", "epoch", "Growth with data: an epoch of model A's net", cells, settings)


def runs(settings: Settings) -> dict[str, Any]:
    """The suite's stage with 1, 2 and 4 seeds, two workers."""
    cells = [Cell(str(times), partial(stage, _params(settings, times, 2), True)) for times in FACTORS]
    return _section("runs", "stage", "Growth with runs: the suite `activations` with 1, 2 and 4 seeds", cells, settings)


def workers(settings: Settings) -> dict[str, Any]:
    """The suite's stage with two seeds, and 1 and 2 workers."""
    cells = [Cell(str(count), partial(stage, _params(settings, 2, count), True)) for count in WORKERS]
    title = "Growth with workers: the suite `activations` with two seeds"
    return _section("workers", "stage", title, cells, settings)


def _params(settings: Settings, seeds: int, workers: int) -> dict[str, Any]:
    overrides = {"epochs": 1} if settings.quick else {}
    return {**budget(seeds), "workers": workers, "overrides": overrides}


def _section(axis: str, unit: str, title: str, cells: list[Cell], settings: Settings) -> dict[str, Any]:
    answers = interleaved(cells, settings.repetitions)
    return {"kind": "growth", "axis": axis, "unit": unit, "title": title, "answers": answers}
