"""Samplers and grids: what each proposes, and how a best trial is told by several objectives."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import synthetic_search as synthetic
from optuna.trial import create_trial

from bythebook.errors import UserError
from bythebook.records.search import TrialState
from bythebook.search import samplers
from bythebook.search.comparison import curves
from bythebook.search.grid import LARGEST, grid
from bythebook.search.objectives import objectives
from bythebook.search.pareto import front, winner
from bythebook.search.samplers import SAMPLERS
from bythebook.search.sampling import Proposals, beforehand, stored
from bythebook.search.settings import SearchSettings
from bythebook.search.space import Assignment, assign
from bythebook.search.space_validation import read_space
from bythebook.search.trials import FinishedTrial, TrialResult

ACCURACY, SPARSITY, SIZE = (objectives()[name] for name in ("val_accuracy", "zero_share", "multiply_adds"))
GRIDDED = {
    **synthetic.DECLARED,
    "optimizer.learning_rate": {"low": 1e-4, "high": 1.0, "log": True, "grid": 3},
}


def finished(*values: tuple[float, ...] | None) -> list[FinishedTrial]:
    """Trials with these objectives; None is one that was pruned."""
    found = []
    for number, own in enumerate(values):
        state: TrialState = "pruned" if own is None else "complete"
        found.append(FinishedTrial(number, Assignment({}, {}, {}), False, TrialResult(state, own, (), str(number))))
    return found


def test_a_grid_has_every_combination_that_the_conditions_allow_once() -> None:
    points = grid(read_space(GRIDDED, "space"), 0)
    named = {tuple(map(str, point.names.values())) for point in points}
    # Three shallow depths without a choice of normalizer, two deep ones with two.
    assert len(points) == len(named) == 3 * (3 + 2 * 2) * 3
    rates = sorted({point.values["optimizer.learning_rate"] for point in points})
    assert rates == pytest.approx([1e-4, 1e-2, 1.0])
    assert {point.values["normalizer"] for point in points} == {None, "batch_norm_after"}
    assert grid(read_space(GRIDDED, "space"), 0) == points
    other = grid(read_space(GRIDDED, "space"), 1)
    assert other != points and sorted(map(str, other)) == sorted(map(str, points))


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ({"low": 0.2, "high": 0.4, "step": 0.1}, [0.2, 0.3, 0.4]),
        ({"low": 1, "high": 4}, [1, 2, 3, 4]),
        ({"low": 16, "high": 256, "log": True, "grid": 3}, [16, 64, 256]),
        ({"low": 1, "high": 2, "grid": 5}, [1, 2]),
        ({"low": 0.0, "high": 1.0, "grid": 3}, [0.0, 0.5, 1.0]),
    ],
)
def test_values_that_a_grid_takes_of_a_range(domain: Any, expected: list[float]) -> None:
    points = grid(read_space({"batch_size": domain}, "space"), 0)
    assert sorted(point.values["batch_size"] for point in points) == pytest.approx(expected)


def test_a_grid_that_nobody_could_finish_is_refused() -> None:
    paths = [f"optimizer.{name}" for name in "abcde"]
    space = read_space({path: {"low": 1, "high": 10} for path in paths}, "space")
    with pytest.raises(UserError, match=f"more than {LARGEST:,} points"):
        beforehand(space, SearchSettings(sampler="grid"), None)


def test_a_search_of_a_grid_begins_with_the_guideline_and_ends_with_the_grid(tmp_path: Path) -> None:
    space = {"n_hidden": synthetic.DECLARED["n_hidden"], "optimizer.learning_rate": {"choices": [0.01, 0.1]}}
    read, own = read_space(space, "space"), {"n_hidden": 2, "optimizer.learning_rate": 0.01}
    first = Assignment(own, own, own)
    points = beforehand(read, SearchSettings(sampler="grid", seed=1), first)
    assert points[0] == first and len(points) == 10
    assert Proposals(read, SearchSettings(sampler="grid"), ["maximize"]).propose(0, [], [], points[3]) == points[3]
    settings = synthetic.SETTINGS.model_copy(update={"sampler": "grid", "trials": 50, "pruner": None})
    found = synthetic.run(tmp_path, settings, space=read, first=first)
    assert [trial.point for trial in found] == beforehand(read, settings, first)


@pytest.mark.parametrize("name", [name for name in SAMPLERS if name not in ("grid", "gp")])
def test_a_sampler_proposes_the_same_again_and_for_several_objectives_too(name: str, tmp_path: Path) -> None:
    settings = synthetic.SETTINGS.model_copy(update={"sampler": name, "pruner": None, "trials": 12})
    directions = ("maximize", "minimize")
    found = [synthetic.run(tmp_path / part, settings, directions=directions) for part in ("one", "two")]
    assert found[0] == found[1]
    assert len({str(trial.point) for trial in found[0]}) == 12
    assert {len(trial.result.values) for trial in found[0] if trial.result.values} == {2}


def test_a_point_that_is_set_beforehand_has_the_kinds_of_numbers_that_are_sampled() -> None:
    own = {"n_hidden": 2, "activation": "elu", "optimizer.learning_rate": 1}
    first = assign(synthetic.SPACE, lambda parameter: own[parameter.path])
    point = Proposals(synthetic.SPACE, SearchSettings(), ["maximize"]).propose(0, [], [], first)
    assert [type(value) for value in point.names.values()] == [int, str, float] and point == first


def test_a_study_that_has_grown_proposes_what_one_that_was_made_anew_does() -> None:
    settings = SearchSettings(sampler="tpe", seed=5, in_flight=4, startup_trials=5)
    grown, told, points = Proposals(synthetic.SPACE, settings, ["maximize"]), [], list[Assignment]()
    for number in range(40):
        seen = max(0, number - 3)
        anew = Proposals(synthetic.SPACE, settings, ["maximize"])
        point = grown.propose(number, told[:seen], points[seen:], None)
        assert anew.propose(number, told[:seen], points[seen:], None) == point
        points.append(point)
        params, distributions = stored(synthetic.SPACE, point)
        told.append(create_trial(value=number % 7, params=params, distributions=distributions))
    assert len({str(point) for point in points}) > 30


def test_without_pytorch_the_error_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samplers, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"the sampler 'gp' needs PyTorch.*pip install torch==2.13.0"):
        SAMPLERS["gp"](0, 8)
    monkeypatch.setattr(samplers, "find_spec", lambda name: object())
    torch = ModuleType("torch")
    threads: list[int] = []
    torch.set_num_threads = threads.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch", torch)
    assert type(SAMPLERS["gp"](0, 8)).__name__ == "GPSampler"
    assert threads == [1]


def test_the_front_is_what_no_other_trial_beats() -> None:
    trials = finished((0.9, 0.1), (0.8, 0.5), None, (0.7, 0.4), (0.8, 0.5), (0.95, 0.0), (0.9, 0.05))
    assert [trial.number for trial in front((ACCURACY, SPARSITY), trials)] == [5, 0, 1]
    assert [trial.number for trial in front((ACCURACY, SIZE), trials)] == [5]
    assert front((ACCURACY, SPARSITY), finished(None)) == []


@pytest.mark.parametrize(("tolerance", "expected"), [(0.0, 3), (0.02, 0), (0.06, 0), (0.16, 1), (1.0, 2)])
def test_the_winner_gives_up_no_more_of_the_first_objective_than_the_tolerance(tolerance: float, expected: int) -> None:
    trials = finished((0.94, 0.3), (0.8, 0.5), (0.5, 0.9), (0.95, 0.1))
    best = winner((ACCURACY, SPARSITY), trials, tolerance)
    assert best is not None and best.number == expected
    assert winner((ACCURACY, SPARSITY), finished(None)) is None


def test_of_equals_the_first_wins() -> None:
    best = winner((ACCURACY,), finished((0.5,), (0.9,), (0.9,), None))
    assert best is not None and best.number == 1


def test_the_best_so_far_begins_at_the_worst_and_stays_when_a_grid_has_ended() -> None:
    trials = finished(None, (0.5,), (0.4,), (0.7,))
    assert curves({"grid": [trials]}, "maximize", 6) == {"grid": [[0.4, 0.5, 0.5, 0.7, 0.7, 0.7]]}
    assert curves({"grid": [trials]}, "minimize", 4) == {"grid": [[0.7, 0.5, 0.4, 0.4]]}
    assert curves({"grid": [finished(None, None)]}, "maximize", 2) == {"grid": [[]]}


def test_a_diverged_first_trial_counts_the_same_for_every_sampler_of_a_seed() -> None:
    good, poor = finished(None, (0.8,)), finished(None, (0.1,), (0.9,))
    found = curves({"tpe": [good, good], "random": [poor, good], "grid": [finished(None), good]}, "maximize", 3)
    assert found["tpe"] == [[0.1, 0.8, 0.8], [0.8, 0.8, 0.8]]
    assert found["random"] == [[0.1, 0.1, 0.9], [0.8, 0.8, 0.8]]
    assert found["grid"] == [[], [0.8, 0.8, 0.8]]
