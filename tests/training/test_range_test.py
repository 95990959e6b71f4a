"""The learning rate range test: what it finds, and that it leaves no trace."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from both_ways import CLASSES, SHAPE, as_bytes, digits

from bythebook import network, recipe
from bythebook import techniques as techniques
from bythebook.techniques.strategies import Phase
from bythebook.training.range_test import chosen, smoothed
from bythebook.training.train import Split, train

pytestmark = pytest.mark.usefixtures("tensorflow")
# Batches so small that an epoch has enough steps.
DELTA: dict[str, Any] = {
    **{"hidden": [16], "batch_size": 4, "scaling": "standardized"},
    **{"dropout": "dropout", "dropout_on": "last_hidden", "normalizer": "batch_norm_before"},
}


def run(loop: str, **delta: Any) -> Any:
    """Trains a net whose dropout and batch norm have states of their own, which the range test must give back."""
    resolved = recipe.resolve({**DELTA, **delta}, "r")
    images, labels, held_out, held_out_labels = digits()
    model = network.build(resolved, SHAPE, CLASSES, 0)
    data = Split(images, labels), Split(held_out, held_out_labels)
    return model, train(model, resolved, (Phase("fit", 2),), *data, CLASSES, 0, lambda row: None, loop)


@cache
def ranged(loop: str) -> Any:
    # Beyond these rates the two ways, which differ by roundings, would drift apart.
    return run(loop, range_test={"lowest": 1e-4, "highest": 0.3})


@pytest.mark.parametrize("loop", ["plain", "fused"])
def test_it_trains_as_if_the_found_rate_had_been_declared(loop: str) -> None:
    model, outcome = ranged(loop)
    found = outcome.range_test
    rate = found["learning_rate"]
    assert 0.001 < rate < 1
    declared, plain = run(loop, optimizer={"name": "sgd", "learning_rate": rate})
    assert plain.range_test is None
    assert as_bytes(model) == as_bytes(declared)
    assert outcome.rows == plain.rows
    assert outcome.rows[0]["learning_rate"] == pytest.approx(rate)
    assert len(found["rates"]) == len(found["losses"]) <= 100
    assert found["rates"][0] == pytest.approx(1e-4)
    assert np.isfinite(found["losses"]).all()
    assert min(found["losses"]) < found["losses"][0]


def test_both_ways_find_the_same() -> None:
    plain, fused = (ranged(loop)[1].range_test for loop in ("plain", "fused"))
    assert plain["learning_rate"] == pytest.approx(fused["learning_rate"], rel=1e-3)
    assert plain["losses"] == pytest.approx(fused["losses"], rel=1e-3)


def test_the_curve_ends_before_the_loss_stops_being_a_number() -> None:
    losses = np.array([3.0, 2.0, 1.0, np.inf, 1.0])
    assert len(smoothed(losses)) == 3
    assert smoothed(losses)[0] == pytest.approx(3.0)
    assert smoothed(np.full(50, 2.5)) == pytest.approx(2.5)


def test_a_tenth_of_the_rate_with_the_lowest_loss_is_chosen() -> None:
    rates = np.logspace(-5, 1, 7)
    assert chosen(rates, np.array([5.0, 4, 3, 2, 1, 4, 9])) == pytest.approx(0.01)
    # A loss that only climbs, or is no number from the start, leaves the lowest rate.
    assert chosen(rates, np.array([1.0, 2, 3, 4, 5, 6, 7])) == pytest.approx(1e-5)
    assert chosen(rates, np.array([])) == pytest.approx(1e-5)
