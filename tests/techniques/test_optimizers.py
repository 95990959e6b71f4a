"""Optimizers: equal to their update rules written in NumPy, and able to go downhill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from bythebook.catalogue import techniques

Made = Callable[..., Any]
Gradient = Callable[[np.ndarray], np.ndarray]

START = np.array([1.0, -1.0])
STEEPNESS = np.array([1.0, 4.0])
EPSILON = 1e-7

every = pytest.mark.parametrize("name", sorted(techniques("optimizer")))


def slope(w: np.ndarray) -> np.ndarray:
    """The gradient of the quadratic ``sum(STEEPNESS w^2) / 2``."""
    return STEEPNESS * w


def height(w: np.ndarray) -> float:
    return float((STEEPNESS * w**2).sum() / 2)


def path_of(made: Made, name: str, steps: int, gradient: Gradient = slope, **arguments: Any) -> Iterator[np.ndarray]:
    """The weights after each step of the optimizer itself."""
    import keras

    weights = keras.Variable(START.astype("float32"))
    optimizer = made("optimizer", name, **arguments)
    for _ in range(steps):
        optimizer.apply([keras.ops.convert_to_tensor(gradient(weights.numpy()).astype("float32"))], [weights])
        yield weights.numpy()


def sgd(w: np.ndarray, rate: float, steps: int, beta: float = 0.0, nesterov: bool = False) -> np.ndarray:
    m = np.zeros_like(w)
    for _ in range(steps):
        g = slope(w)
        m = beta * m - rate * g
        w = w + (beta * m - rate * g if nesterov else m)
    return w


def adagrad(w: np.ndarray, rate: float, steps: int) -> np.ndarray:
    s = np.full_like(w, 0.1)
    for _ in range(steps):
        g = slope(w)
        s = s + g**2
        w = w - rate * g / np.sqrt(s + EPSILON)
    return w


def rmsprop(w: np.ndarray, rate: float, steps: int, rho: float = 0.9) -> np.ndarray:
    s = np.zeros_like(w)
    for _ in range(steps):
        g = slope(w)
        s = rho * s + (1 - rho) * g**2
        w = w - rate * g / np.sqrt(s + EPSILON)
    return w


def adam(w: np.ndarray, rate: float, steps: int, decay: float = 0.0) -> np.ndarray:
    m, s = np.zeros_like(w), np.zeros_like(w)
    for t in range(1, steps + 1):
        g = slope(w)
        m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2
        w = w * (1 - rate * decay) - rate * (m / (1 - 0.9**t)) / (np.sqrt(s / (1 - 0.999**t)) + EPSILON)
    return w


def adamax(w: np.ndarray, rate: float, steps: int) -> np.ndarray:
    m, s = np.zeros_like(w), np.zeros_like(w)
    for t in range(1, steps + 1):
        g = slope(w)
        m, s = 0.9 * m + 0.1 * g, np.maximum(0.999 * s, np.abs(g))
        w = w - rate * m / (1 - 0.9**t) / (s + EPSILON)
    return w


def nadam(w: np.ndarray, rate: float, steps: int) -> np.ndarray:
    m, s, product = np.zeros_like(w), np.zeros_like(w), 1.0
    for t in range(1, steps + 1):
        g = slope(w)
        now, following = 0.9 * (1 - 0.5 * 0.96**t), 0.9 * (1 - 0.5 * 0.96 ** (t + 1))
        product *= now
        m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2
        ahead = following * m / (1 - product * following) + (1 - now) * g / (1 - product)
        w = w - rate * ahead / (np.sqrt(s / (1 - 0.999**t)) + EPSILON)
    return w


RULES: dict[str, Callable[..., np.ndarray]] = {
    "sgd": sgd,
    "momentum": lambda w, rate, steps: sgd(w, rate, steps, beta=0.9),
    "nesterov": lambda w, rate, steps: sgd(w, rate, steps, beta=0.9, nesterov=True),
    "adagrad": adagrad,
    "rmsprop": rmsprop,
    "adam": adam,
    "adamax": adamax,
    "nadam": nadam,
    "adamw": lambda w, rate, steps: adam(w, rate, steps, decay=0.004),
}


def test_every_optimizer_has_a_rule_here() -> None:
    assert set(RULES) == set(techniques("optimizer")) != set()


@every
def test_follows_its_rule(made: Made, name: str) -> None:
    *_, reached = path_of(made, name, 10, learning_rate=0.05)
    np.testing.assert_allclose(reached, RULES[name](START, 0.05, 10), rtol=1e-4, atol=1e-6)


@every
def test_reduces_a_quadratic(made: Made, name: str) -> None:
    *_, reached = path_of(made, name, 60, learning_rate=0.1)
    assert height(reached) < height(START) / 2


@every
def test_default_learning_rate_is_the_one_of_keras(made: Made, name: str) -> None:
    expected = 0.01 if name in {"sgd", "momentum", "nesterov"} else 0.001
    assert float(made("optimizer", name).learning_rate) == pytest.approx(expected)


@every
def test_takes_a_schedule_and_clipping(made: Made, name: str) -> None:
    schedule = made("schedule", "power", _learning_rate=0.2, steps=1)
    optimizer = made("optimizer", name, _schedule=schedule.learning_rate, _clipping={"clipnorm": 3.0})
    assert optimizer.clipnorm == 3.0
    assert float(optimizer.learning_rate) == pytest.approx(0.2)
    optimizer.iterations.assign(3)
    assert float(optimizer.learning_rate) == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("momentum", {"momentum": 0.5}),
        ("nesterov", {"momentum": 0.5}),
        ("rmsprop", {"rho": 0.5}),
        ("adam", {"beta_1": 0.5, "beta_2": 0.9}),
        ("adamax", {"beta_1": 0.5, "beta_2": 0.9}),
        ("nadam", {"beta_1": 0.5, "beta_2": 0.9}),
        ("adamw", {"weight_decay": 0.1, "beta_1": 0.5, "beta_2": 0.9}),
    ],
)
def test_arguments_reach_the_optimizer(made: Made, name: str, arguments: dict[str, float]) -> None:
    configuration = made("optimizer", name, **arguments).get_config()
    assert {key: configuration[key] for key in arguments} == arguments


def test_adam_steps_by_the_learning_rate_when_the_gradient_is_constant(made: Made) -> None:
    path = [START, *path_of(made, "adam", 5, gradient=lambda w: np.full_like(w, 3.0), learning_rate=0.01)]
    np.testing.assert_allclose(np.diff(path, axis=0), -0.01, rtol=1e-3)
