"""Schedules: the learning rates of the chapter's notebooks, step by step."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from bythebook.catalogue import resolve, techniques
from bythebook.errors import UserError

Made = Callable[..., Any]
STEPS = 1_719  # 55,000 images in batches of 32

every = pytest.mark.parametrize("name", sorted(techniques("schedule")))


def rates(schedule: Any, steps: list[int]) -> list[float]:
    rate = schedule.learning_rate
    return [float(rate(np.int64(step))) if callable(rate) else rate for step in steps]


@every
def test_learning_rates_stay_positive_and_within_the_one_given(made: Made, name: str) -> None:
    found = rates(made("schedule", name, _learning_rate=0.05, _steps_per_epoch=7, _epochs=20), list(range(150)))
    assert min(found) > 0
    assert max(found) <= np.float32(0.05)


@every
def test_is_new_for_every_run(made: Made, name: str) -> None:
    first, second = made("schedule", name), made("schedule", name)
    assert all(one is not other for one, other in zip(first.callbacks, second.callbacks, strict=True))


@pytest.mark.parametrize("name", ["exponential", "exponential_per_epoch"])
def test_exponential_falls_tenfold_in_twenty_epochs(made: Made, name: str) -> None:
    schedule = made("schedule", name, _learning_rate=0.01, _steps_per_epoch=STEPS)
    expected = [0.01, 0.0031623, 0.001, 0.00063096]
    assert rates(schedule, [epoch * STEPS for epoch in (0, 10, 20, 24)]) == pytest.approx(expected, rel=1e-4)


def test_exponential_falls_within_an_epoch_or_between_epochs(made: Made) -> None:
    within = made("schedule", "exponential", _learning_rate=1.0, _steps_per_epoch=10, epochs=2, factor=0.25)
    between = made("schedule", "exponential_per_epoch", _learning_rate=1.0, _steps_per_epoch=10, epochs=2, factor=0.25)
    assert rates(within, [0, 5, 10, 15, 20]) == pytest.approx([1, 0.25**0.25, 0.5, 0.25**0.75, 0.25])
    assert rates(between, [0, 5, 9, 10, 19, 20]) == pytest.approx([1, 1, 1, 0.5, 0.5, 0.25])


def test_power(made: Made) -> None:
    schedule = made("schedule", "power", _learning_rate=0.01)
    expected = [0.01, 0.005378, 0.003678, 0.001951]
    assert rates(schedule, [epoch * STEPS for epoch in (0, 5, 10, 24)]) == pytest.approx(expected, rel=1e-3)
    assert rates(made("schedule", "power", _learning_rate=1.0, steps=4), [4, 8, 12]) == pytest.approx(
        [1 / 2, 1 / 3, 1 / 4]
    )


def test_piecewise_drops_at_the_first_step_of_an_epoch(made: Made) -> None:
    schedule = made("schedule", "piecewise", _learning_rate=0.01, _steps_per_epoch=STEPS)
    steps = [0, 5 * STEPS - 1, 5 * STEPS, 15 * STEPS - 1, 15 * STEPS, 25 * STEPS]
    assert rates(schedule, steps) == pytest.approx([0.01, 0.01, 0.005, 0.005, 0.001, 0.001])


def test_piecewise_factors_are_of_the_first_rate(made: Made) -> None:
    schedule = made(
        "schedule", "piecewise", _learning_rate=1.0, _steps_per_epoch=1, drops=[[1, 0.5], [2, 2.0], [3, 0.1]]
    )
    assert rates(schedule, [0, 1, 2, 3, 9]) == pytest.approx([1, 0.5, 2, 0.1, 0.1])


@pytest.mark.parametrize(
    "drops", [[], [[5, 0.5], [5, 0.1]], [[15, 0.5], [5, 0.1]], [[0, 0.5]], [[5, 0]], [[5]], [[5.5, 0.1]], 5]
)
def test_piecewise_refuses_drops_that_make_no_sense(drops: Any) -> None:
    with pytest.raises(UserError, match=r"here\.drops"):
        resolve("schedule", {"name": "piecewise", "drops": drops}, "here")


@pytest.mark.parametrize(
    ("steps_per_epoch", "epochs", "maximum", "expected"),
    [
        (430, 25, 0.05, {0: 0.005, 2_418: 0.0275, 4_837: 0.05, 9_674: 0.005, 10_749: 9.64e-6}),
        (430, 25, 0.1, {0: 0.01, 2_418: 0.05499, 4_837: 0.1, 9_674: 0.01, 10_749: 1.93e-5}),
        (352, 15, 0.05, {0: 0.005, 2_375: 0.05, 4_750: 0.005}),
    ],
)
def test_one_cycle(made: Made, steps_per_epoch: int, epochs: int, maximum: float, expected: dict[int, float]) -> None:
    schedule = made("schedule", "one_cycle", _learning_rate=maximum, _steps_per_epoch=steps_per_epoch, _epochs=epochs)
    assert rates(schedule, list(expected)) == pytest.approx(list(expected.values()), rel=1e-3)


def test_one_cycle_rises_then_falls_and_stays_low(made: Made) -> None:
    found = rates(made("schedule", "one_cycle", _learning_rate=1.0, _steps_per_epoch=10, _epochs=10), list(range(120)))
    top = found.index(max(found))
    assert top == 44
    assert all(one < other for one, other in pairwise(found[: top + 1]))
    assert all(one > other for one, other in pairwise(found[top:101]))
    assert found[100:] == pytest.approx([1e-4] * 20)


@pytest.mark.parametrize("steps", [1, 2, 3, 5])
def test_one_cycle_of_very_few_steps_is_finite(made: Made, steps: int) -> None:
    found = rates(made("schedule", "one_cycle", _steps_per_epoch=steps, _epochs=1), list(range(steps + 2)))
    assert np.isfinite(found).all()
    assert min(found) > 0


def test_one_cycle_gives_the_same_inside_a_compiled_step(made: Made) -> None:
    import tensorflow as tf

    schedule = made("schedule", "one_cycle").learning_rate
    compiled = tf.function(lambda step: schedule(step), jit_compile=True)
    for step in (0, 60, 111, 200, 249):
        assert float(compiled(tf.constant(step, "int64"))) == pytest.approx(float(schedule(step)), rel=1e-5)


def test_performance_halves_the_rate_when_validation_does_not_improve(made: Made) -> None:
    import keras

    schedule = made("schedule", "performance", _learning_rate=1e-12, patience=2)
    net = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    net.compile(made("optimizer", "sgd", _schedule=schedule.learning_rate), loss="mse")
    x, y = np.ones((8, 3), "float32"), np.ones((8, 1), "float32")
    history = net.fit(x, y, validation_data=(x, y), epochs=7, verbose=0, callbacks=list(schedule.callbacks))
    assert history.history["learning_rate"] == pytest.approx([1e-12 * f for f in (1, 1, 1, 0.5, 0.5, 0.25, 0.25)])
