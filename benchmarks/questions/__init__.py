"""The questions: which contenders are measured for each, and how much of what.

A question's section of the results has its ``title``, ``kind`` (which decides how it is rendered), what was measured in
``answers``, and what else is needed to read them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.measure import Settings
from benchmarks.questions import epoch, floor, growth, search, suite

Section = dict[str, Any]

QUESTIONS: dict[str, Callable[[Settings], Section]] = {
    "epoch_model_a": partial(epoch.measure, "model_a"),
    "epoch_deep": partial(epoch.measure, "deep"),
    "epoch_dropout": partial(epoch.measure, "dropout"),
    "epoch_alpha_dropout": partial(epoch.measure, "alpha_dropout"),
    "floor": floor.measure,
    "suite": suite.measure,
    "search": search.measure,
    "growth_data": growth.data,
    "growth_runs": growth.runs,
    "growth_workers": growth.workers,
}
