"""Activations: equal to their formulas written in NumPy, finite, with finite gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.special import erf

from bythebook.catalogue import techniques

Made = Callable[..., Any]


def logistic(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def exponential_unit(z: np.ndarray, alpha: float = 1.0, scale: float = 1.0) -> np.ndarray:
    return scale * np.where(z >= 0, z, alpha * np.expm1(z))


def gelu_with_tanh(z: np.ndarray) -> np.ndarray:
    return z / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))


def maxout(z: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    units = z.shape[1]
    pieces = [slice(start, start + units) for start in range(0, len(bias), units)]
    return np.max([z @ kernel[:, piece] + bias[piece] for piece in pieces], axis=0)


# Name -> (arguments, formula of the input and the layer's weights); the first of each name is the default.
FORMULAS: list[tuple[str, dict[str, Any], Callable[..., np.ndarray]]] = [
    ("relu", {}, lambda z: np.maximum(0, z)),
    ("leaky_relu", {}, lambda z: np.maximum(0.2 * z, z)),
    ("leaky_relu", {"negative_slope": 0.01}, lambda z: np.maximum(0.01 * z, z)),
    ("prelu", {}, lambda z, alpha: np.where(z >= 0, z, alpha * z)),
    ("elu", {}, exponential_unit),
    ("elu", {"alpha": 0.3}, lambda z: exponential_unit(z, 0.3)),
    ("selu", {}, lambda z: exponential_unit(z, 1.6732632423543778, 1.0507009873554805)),
    ("gelu", {}, lambda z: z / 2 * (1 + erf(z / np.sqrt(2)))),
    ("gelu", {"approximate": True}, gelu_with_tanh),
    ("swish", {}, lambda z: z * logistic(z)),
    ("swish", {"beta": 0.6}, lambda z: z * logistic(0.6 * z)),
    ("mish", {}, lambda z: z * np.tanh(np.log1p(np.exp(z)))),
    ("tanh", {}, lambda z: 2 * logistic(2 * z) - 1),
    ("sigmoid", {}, logistic),
    ("linear", {}, lambda z: z),
    ("maxout", {}, maxout),
    ("maxout", {"pieces": 5}, maxout),
]
every = pytest.mark.parametrize(("name", "arguments", "formula"), FORMULAS)


def sample() -> np.ndarray:
    return np.random.default_rng(0).uniform(-10, 10, (64, 6)).astype("float32")


def with_random_weights(layer: Any) -> Any:
    layer.build((None, 6))
    random = np.random.default_rng(1)
    layer.set_weights([random.uniform(0.1, 0.9, weight.shape).astype("float32") for weight in layer.weights])
    return layer


def test_every_activation_has_a_formula_here() -> None:
    assert {name for name, _, _ in FORMULAS} == set(techniques("activation")) != set()


@every
def test_equals_its_formula(made: Made, name: str, arguments: dict[str, Any], formula: Any) -> None:
    layer = with_random_weights(made("activation", name, **arguments))
    z = sample()
    result = np.asarray(layer(z))
    assert result.shape == z.shape
    assert result.dtype == np.float32
    weights = [np.asarray(weight, "float64") for weight in layer.get_weights()]
    np.testing.assert_allclose(result, formula(z.astype("float64"), *weights), rtol=1e-5, atol=1e-5)


@every
def test_values_and_gradients_are_finite(made: Made, name: str, arguments: dict[str, Any], formula: Any) -> None:
    import tensorflow as tf

    layer = made("activation", name, **arguments)
    z = tf.repeat(tf.reshape(tf.linspace(-10.0, 10.0, 41), (41, 1)), 6, axis=1)
    with tf.GradientTape() as tape:
        tape.watch(z)
        result = layer(z)
    gradients = tape.gradient(result, [z, *layer.trainable_variables])
    assert np.isfinite(result).all()
    assert all(np.isfinite(gradient).all() for gradient in gradients)
    assert np.abs(gradients[0]).max() > 0


@every
def test_a_saved_net_loads_again(made: Made, tmp_path: Any, name: str, arguments: dict[str, Any], formula: Any) -> None:
    import keras

    layer = with_random_weights(made("activation", name, **arguments))
    net = keras.Sequential([keras.Input((6,)), layer])
    net.save(tmp_path / "net.keras")
    loaded = keras.models.load_model(tmp_path / "net.keras")
    np.testing.assert_array_equal(loaded(sample()), net(sample()))


def test_parameters_of_the_trained_ones(made: Made) -> None:
    assert with_random_weights(made("activation", "prelu")).count_params() == 6
    assert with_random_weights(made("activation", "maxout", pieces=3)).count_params() == 3 * (6 * 6 + 6)
    layer = made("activation", "prelu")
    np.testing.assert_array_equal(layer(-np.ones((1, 6), "float32")), np.zeros((1, 6)))


def test_maxout_is_reproducible_and_its_pieces_differ(made: Made) -> None:
    kernels = []
    for seed in (3, 3, 4):
        layer = made("activation", "maxout", _seed=seed)
        layer.build((None, 6))
        kernels.append(layer.get_weights()[0])
    np.testing.assert_array_equal(kernels[0], kernels[1])
    assert not np.array_equal(kernels[0], kernels[2])
    assert not np.array_equal(kernels[0][:, :6], kernels[0][:, 6:])


def test_largest_slopes_of_the_s_shaped_ones(made: Made) -> None:
    import tensorflow as tf

    zero = tf.zeros((1, 1))
    slopes = {}
    for name in ("sigmoid", "tanh"):
        layer = made("activation", name)
        with tf.GradientTape() as tape:
            tape.watch(zero)
            result = layer(zero)
        slopes[name] = tape.gradient(result, zero).numpy().item()
    assert slopes == {"sigmoid": 0.25, "tanh": 1.0}
