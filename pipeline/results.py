"""The results of the stages that train, as later stages read them."""

from __future__ import annotations

from pathlib import Path

from bythebook.runs.suite import Suite, read_suite
from pipeline import stage
from pipeline.params import Params


def directories(params: Params) -> list[Path]:
    """The output folders of every suite that the parameters name and the budget runs, the champion's last."""
    names = [*params.chosen_suites, *(f"transfer_{name}" for name in params.transfers)]
    names += [f"search_{name}" for name in params.chosen_searches]
    return [*(stage.SUITES / name for name in names), stage.CHAMPION]


def suites(params: Params) -> list[Suite]:
    """All of them, read."""
    return [read_suite(directory) for directory in directories(params)]


def candidates(params: Params) -> list[Suite]:
    """Those that the champion is chosen from."""
    return [read_suite(directory) for directory in directories(params)[:-1]]
