"""Pruning: deterministic, by trials that were told, the same in training and for a finished record."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import synthetic_search as synthetic
from made_records import run_record

from bythebook.records.run import Epoch, RunRecord
from bythebook.search.objectives import objectives
from bythebook.search.pruning import Rule, cut
from bythebook.search.settings import PRUNERS, Hyperband, Median, Pruner, SuccessiveHalving
from bythebook.search.trials import Past

CURVES = ((0.5, 0.6, 0.7, 0.8), (0.4, 0.5, 0.6, 0.7), (0.3, 0.4, 0.5, 0.6))
HISTORY = tuple(Past(number, "complete", curve) for number, curve in enumerate(CURVES))
ACCURACY, LOSS = objectives()["val_accuracy"], objectives()["val_loss"]
MEDIAN = Median(startup_trials=3, warmup_epochs=2)
HALVING = SuccessiveHalving(min_epochs=1, reduction_factor=2)


def ended(epoch: int, **metrics: float) -> Epoch:
    return Epoch.of({"epoch": epoch, "learning_rate": 0.1, **metrics})


def stopped_at(curve: list[float], seen: tuple[Past, ...] = HISTORY, pruner: Pruner | None = MEDIAN) -> int | None:
    rule = Rule(len(seen), seen, pruner, ACCURACY, len(curve))
    for epoch, accuracy in enumerate(curve):
        if rule.prunes(ended(epoch, val_accuracy=accuracy, val_loss=-accuracy)):
            return epoch
    return None


def record(curve: list[float]) -> RunRecord:
    rows = [
        {"epoch": epoch, "loss": 1.0, "val_loss": 1 - accuracy, "val_accuracy": accuracy, "learning_rate": 0.1}
        for epoch, accuracy in enumerate(curve)
    ]
    return run_record(rows=rows, weights_sha256="w")


@pytest.mark.parametrize(
    ("curve", "epoch"),
    [
        ([0.1, 0.2, 0.3, 0.4], 1),  # below the median 0.5 at the first epoch where pruning is allowed
        ([0.1, 0.5, 0.6, 0.7], None),  # at the median
        ([0.1, 0.55, 0.5, 0.5], 2),  # its best so far, 0.55, is below 0.6
        ([0.1, 0.9, 0.1, 0.1], None),  # its best so far counts
        ([0.9, 0.9, 0.9, 0.1], None),  # nothing is left to save at the last epoch
    ],
)
def test_a_trial_stops_when_its_best_is_below_the_median(curve: list[float], epoch: int | None) -> None:
    assert stopped_at(curve) == epoch


@pytest.mark.parametrize(
    ("curve", "epoch"),
    [
        ([0.35, 0.9, 0.9, 0.9], 0),  # third of four at the first rung, where two go on
        ([0.5, 0.55, 0.9, 0.9], None),  # second of four, then second of four
        ([0.5, 0.4, 0.9, 0.9], 1),  # third of four at the second rung
        ([0.9, 0.9, 0.0, 0.0], None),  # between rungs nothing is decided, nor at the last epoch
    ],
)
def test_halving_lets_the_best_half_go_on_at_each_rung(curve: list[float], epoch: int | None) -> None:
    assert stopped_at(curve, pruner=HALVING) == epoch


def test_halving_goes_by_trials_that_were_pruned_too() -> None:
    better = tuple(Past(number, "pruned", (0.6,)) for number in range(3))
    assert stopped_at([0.5, 0.9, 0.9, 0.9], better, HALVING) == 0
    assert stopped_at([0.5, 0.9, 0.9, 0.9], better) is None


def test_a_loss_is_better_the_lower_it_is() -> None:
    losses = tuple(Past(past.number, past.state, tuple(1 - value for value in past.curve)) for past in HISTORY)
    for pruner in (MEDIAN, HALVING):
        good, bad = (Rule(3, losses, pruner, LOSS, 4) for _ in range(2))
        assert not any(good.prunes(ended(epoch, val_loss=0.1)) for epoch in range(3))
        assert any(bad.prunes(ended(epoch, val_loss=0.9)) for epoch in range(3))


def test_a_bracket_of_hyperband_is_its_numbers_and_no_others() -> None:
    """Some numbers are in a bracket that cuts after two epochs at the earliest; the same ones each time."""
    pruner = Hyperband(min_epochs=1, reduction_factor=2)
    stops = {}
    for number in range(20, 32):
        history = tuple(Past(earlier, "complete", (0.5, 0.6, 0.7, 0.8)) for earlier in range(number))
        stops[number] = stopped_at([0.1, 0.1, 0.1, 0.1], history, pruner)
        assert stopped_at([0.1, 0.1, 0.1, 0.1], history, pruner) == stops[number]
    assert len(set(stops.values())) > 1
    assert {0, 1} <= set(stops.values())


def test_nothing_is_pruned_without_enough_earlier_trials_or_without_a_pruner() -> None:
    bad = [0.0, 0.0, 0.0, 0.0]
    assert stopped_at(bad) == 1
    assert stopped_at(bad, HISTORY[:2]) is None
    pruned = tuple(Past(past.number, "pruned", past.curve) for past in HISTORY)
    assert stopped_at(bad, pruned) is None
    assert stopped_at(bad, HISTORY, None) is None
    for pruner in (MEDIAN, HALVING, Hyperband()):
        assert stopped_at(bad, (), pruner) is None


def test_warmup_epochs_are_trained_whatever_their_accuracy() -> None:
    bad = [0.0] * 4
    stops = [stopped_at(bad, HISTORY, Median(startup_trials=1, warmup_epochs=count)) for count in (1, 2, 3, 4)]
    assert stops == [0, 1, 2, None]
    halving = [stopped_at(bad, HISTORY, SuccessiveHalving(min_epochs=count)) for count in (1, 2, 3, 4)]
    assert halving == [0, 1, 2, None]


@pytest.mark.parametrize("pruner", PRUNERS.values(), ids=PRUNERS)
def test_a_finished_record_is_cut_where_training_would_have_stopped(pruner: type[Pruner]) -> None:
    settings = MEDIAN if pruner is Median else pruner(reduction_factor=2)
    curves = np.random.default_rng(0).uniform(0.2, 0.9, (50, 4)).tolist()
    stops = [stopped_at(curve, pruner=settings) for curve in curves]
    assert 0 < sum(stop is not None for stop in stops) < len(stops)
    for curve, stop in zip(curves, stops, strict=True):
        whole = record(curve)
        before = str(whole)
        shorter = cut(whole, Rule(3, HISTORY, settings, ACCURACY, 4))
        assert str(whole) == before
        if stop is None:
            assert shorter == whole
            continue
        assert shorter.status == "pruned" and f"epoch {stop}" in str(shorter.reason)
        assert len(shorter.epochs) == shorter.phases[0].epochs == stop + 1
        assert shorter.final and shorter.final.epoch == stop and "learning_rate" not in shorter.final.metrics
        losses = [epoch.metrics["val_loss"] for epoch in shorter.epochs]
        assert shorter.best and shorter.best.metrics["val_loss"] == min(losses)
        assert shorter.weights_sha256 is None
        assert RunRecord.of(shorter.as_json()) == shorter


def test_trials_of_a_search_are_pruned_by_the_rule_and_the_same_each_time(tmp_path: Path) -> None:
    first, again = synthetic.run(tmp_path / "first"), synthetic.run(tmp_path / "again")
    assert first == again
    pruned = [trial for trial in first if trial.result.state == "pruned"]
    assert pruned
    for trial in pruned:
        earlier = first[: trial.number - synthetic.SETTINGS.in_flight + 1]
        history = [other.result.curve for other in earlier if other.result.state == "complete"]
        assert len(history) >= synthetic.PRUNER.startup_trials
        last = len(trial.result.curve) - 1
        others = [curve[last] for curve in history]
        assert max(trial.result.curve) < float(np.median(others))
