"""The winner's confirmation: what refits count, and which seeds they have."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import trained_search as trained

from bythebook.documents import canonical_json
from bythebook.records.events import ignore_events
from bythebook.runs.executor import Executor
from bythebook.runs.local_executor import LocalExecutor
from bythebook.runs.view import DataView
from bythebook.search import confirmation
from bythebook.search.confirmation import confirm
from bythebook.search.guideline import read_guideline
from bythebook.search.objective_values import Measurement
from bythebook.search.planning import Planner
from bythebook.search.resources import Resources
from bythebook.search.search import search
from bythebook.search.storage import sqlite_address
from bythebook.search.trials import FinishedTrial, TrialResult

NAN = math.nan
# By seed; None is a refit that diverged.
REFITS: dict[str, list[float | None]] = {"guideline": [0.8, None, 0.7, 0.6], "winner": [0.9, 0.9, NAN, 0.8]}


@pytest.fixture
def planner(tmp_path: Path) -> Planner:
    trained.prepare(tmp_path)
    return Planner(read_guideline(tmp_path / "small.yaml"), DataView.of(tmp_path / "data"))


def found(planner: Planner, monkeypatch: pytest.MonkeyPatch, refits: Mapping[str, list[float | None]]) -> Any:
    """What a confirmation says of refits that are not trained."""

    def measured(wanted: Sequence[Measurement], *others: Any) -> dict[str, tuple[float, ...]]:
        given = {one.run.key: refits[one.run.name][one.run.seed] for one in wanted}
        return {key: (value,) for key, value in given.items() if value is not None}

    monkeypatch.setattr(confirmation, "complete", lambda runs, *others: {})
    monkeypatch.setattr(confirmation, "measure_all", measured)
    first, result = planner.guideline.first, TrialResult("complete", (0.8,), (), "")
    other = replace(first, values={**first.values, "optimizer.learning_rate": 0.00001})
    trials = FinishedTrial(0, first, True, result), FinishedTrial(1, other, False, result)
    resources = Resources(Path("memo"), Path("told"), "", cast(Executor, None), print)
    return confirm(planner, *trials, range(4), resources).found.as_json()


def test_refits_that_diverged_or_have_no_finite_value_are_counted_and_left_out(
    planner: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = found(planner, monkeypatch, REFITS)
    assert told["diverged"] == {"guideline": 1, "winner": 1}
    assert told["seeds"] == [0, 3]
    assert told["objectives"]["val_accuracy"]["gain"]["mean"] == pytest.approx(0.15)
    canonical_json(told)  # which refuses what is not finite


def test_without_a_pair_there_is_no_gain(planner: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    told = found(planner, monkeypatch, {"guideline": [None] * 4, "winner": [0.9, NAN, math.inf, 0.8]})
    assert told["diverged"] == {"guideline": 4, "winner": 2}
    assert (told["seeds"], told["objectives"]["val_accuracy"]["gain"]) == ([], None)


def test_the_seed_that_chose_the_winner_is_not_among_its_refits(planner: Planner, tmp_path: Path) -> None:
    settings = trained.SETTINGS.model_copy(update={"seed": 1, "trials": 2})
    with LocalExecutor(1, trained.ready) as executor:
        folders = tmp_path / "memo", tmp_path / "told", sqlite_address(tmp_path)
        outcome = search(planner, settings, (0, 1), Resources(*folders, executor, ignore_events))
    assert outcome.extra["confirmation"]["seeds"] == [0, 2]
    seeds = {run.seed for run in outcome.runs if run.name in (confirmation.GUIDELINE, confirmation.WINNER)}
    assert seeds == {0, 2}
