"""Initializers and activations together: how the signal fares through a hundred untrained layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

Made = Callable[..., Any]


def deviations(made: Made, activation: str, initializer: str, layers: int, **arguments: Any) -> list[float]:
    """How much a unit varies over the inputs, after each layer of width 100, for standard normal inputs."""
    signal = np.random.default_rng(0).standard_normal((500, 100)).astype("float32")
    nonlinearity = made("activation", activation)
    found = []
    for layer in range(layers):
        weights = np.asarray(made("initializer", initializer, _seed=layer, **arguments)((100, 100)))
        signal = np.asarray(nonlinearity(signal @ weights))
        found.append(float(signal.std(axis=0, dtype="float64").mean()))
    return found


def test_selu_with_lecun_normalizes_itself(made: Made) -> None:
    found = deviations(made, "selu", "lecun_normal", 100)
    assert min(found) > 0.75
    assert max(found) < 1.15


@pytest.mark.parametrize(
    ("activation", "initializer", "lowest", "highest"),
    [
        ("relu", "he_normal", 0.001, 0.6),
        ("relu", "glorot_normal", 0.0, 1e-12),
        ("selu", "he_normal", 3, 1000),
        ("sigmoid", "glorot_normal", 0.0, 1e-6),
        ("tanh", "glorot_normal", 0.04, 0.15),
    ],
)
def test_after_a_hundred_layers(made: Made, activation: str, initializer: str, lowest: float, highest: float) -> None:
    assert lowest <= deviations(made, activation, initializer, 100)[-1] <= highest


def test_weights_that_ignore_the_fans_explode(made: Made) -> None:
    assert deviations(made, "relu", "random_normal", 20, deviation=1.0)[-1] > 1e10
