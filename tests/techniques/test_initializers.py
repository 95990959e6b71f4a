"""Initializers: reproducible, and spread as their formulas say."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any

import numpy as np
import pytest

from bythebook.catalogue import techniques

Made = Callable[..., Any]

# Name -> the deviation of the formula for a layer of the given inputs and units.
DEVIATIONS: dict[str, Callable[[int, int], float]] = {
    "he_normal": lambda inputs, units: sqrt(2 / inputs),
    "he_uniform": lambda inputs, units: sqrt(2 / inputs),
    "he_average_uniform": lambda inputs, units: sqrt(4 / (inputs + units)),
    "glorot_normal": lambda inputs, units: sqrt(2 / (inputs + units)),
    "glorot_uniform": lambda inputs, units: sqrt(2 / (inputs + units)),
    "lecun_normal": lambda inputs, units: sqrt(1 / inputs),
    "lecun_uniform": lambda inputs, units: sqrt(1 / inputs),
    "variance_scaling": lambda inputs, units: sqrt(1 / inputs),
    "random_normal": lambda inputs, units: 0.05,
    "random_uniform": lambda inputs, units: 0.05 / sqrt(3),
    "constant": lambda inputs, units: 0.0,
}
ARGUMENTS: dict[str, dict[str, Any]] = {"constant": {"value": 0.1}}

every = pytest.mark.parametrize("name", sorted(techniques("initializer")))


def drawn(made: Made, name: str, shape: tuple[int, int], seed: int = 7, **arguments: Any) -> np.ndarray:
    initializer = made("initializer", name, _seed=seed, **{**ARGUMENTS.get(name, {}), **arguments})
    return np.asarray(initializer(shape))


def test_every_initializer_has_a_formula_here() -> None:
    assert set(DEVIATIONS) == set(techniques("initializer")) != set()


@every
@pytest.mark.parametrize("shape", [(784, 300), (100, 784)])
def test_spread_is_the_one_of_the_formula(made: Made, name: str, shape: tuple[int, int]) -> None:
    weights = drawn(made, name, shape)
    expected = DEVIATIONS[name](*shape)
    assert weights.dtype == np.float32
    assert weights.std() == pytest.approx(expected, rel=0.02, abs=1e-7)
    assert weights.mean() == pytest.approx(ARGUMENTS.get(name, {}).get("value", 0.0), abs=max(expected, 1e-6) / 20)


@every
def test_equal_seeds_draw_equal_weights(made: Made, name: str) -> None:
    first = drawn(made, name, (30, 20))
    np.testing.assert_array_equal(first, drawn(made, name, (30, 20)))
    if name != "constant":
        assert not np.array_equal(first, drawn(made, name, (30, 20), seed=8))


@pytest.mark.parametrize("name", ["he_uniform", "he_average_uniform", "glorot_uniform", "lecun_uniform"])
def test_uniform_weights_stay_within_the_limit(made: Made, name: str) -> None:
    limit = sqrt(3) * DEVIATIONS[name](784, 100)
    weights = np.abs(drawn(made, name, (784, 100)))
    assert limit * 0.99 < weights.max() <= np.float32(limit)


@pytest.mark.parametrize(
    ("name", "shape", "deviation"),
    [
        ("he_normal", (784, 300), 0.0505),
        ("glorot_uniform", (784, 100), 0.0476),
        ("glorot_uniform", (100, 10), 0.1348),
        ("lecun_normal", (784, 300), 0.0357),
        ("random_normal", (784, 100), 0.05),
    ],
)
def test_known_deviations(made: Made, name: str, shape: tuple[int, int], deviation: float) -> None:
    assert drawn(made, name, shape).std() == pytest.approx(deviation, rel=0.05 if shape == (100, 10) else 0.01)


@pytest.mark.parametrize("distribution", ["truncated_normal", "untruncated_normal", "uniform"])
@pytest.mark.parametrize(("mode", "fan"), [("fan_in", 400), ("fan_out", 100), ("fan_avg", 250)])
def test_variance_scaling_takes_all_its_parts(made: Made, mode: str, fan: int, distribution: str) -> None:
    weights = drawn(made, "variance_scaling", (400, 100), scale=3.0, mode=mode, distribution=distribution)
    assert weights.std() == pytest.approx(sqrt(3 / fan), rel=0.02)


def test_arguments_of_the_fixed_ones(made: Made) -> None:
    assert drawn(made, "random_normal", (400, 100), deviation=1.0).std() == pytest.approx(1, rel=0.02)
    assert np.abs(drawn(made, "random_uniform", (400, 100), limit=0.5)).max() == pytest.approx(0.5, rel=0.01)
    np.testing.assert_array_equal(drawn(made, "constant", (3, 2), value=-2.0), np.full((3, 2), -2, "float32"))
