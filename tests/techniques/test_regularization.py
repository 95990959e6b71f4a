"""Normalizers, dropouts, regularizers, constraints and clipping: known values and kept promises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bythebook.catalogue import techniques

Made = Callable[..., Any]
SELU_LIMIT = -1.0507009873554805 * 1.6732632423543778


def dense_net(made: Made, normalizer: str) -> Any:
    """784-300-100-10 put together as :class:`Normalizer` says."""
    import keras

    norm = made("normalizer", normalizer)
    layers: list[Any] = [keras.Input((784,)), *([norm.make()] if norm.inputs else [])]
    for units in (300, 100):
        activation = made("activation", "relu")
        dense = keras.layers.Dense(units, use_bias=norm.dense_bias)
        layers += [dense, norm.make(), activation] if norm.position == "before" else [dense, activation, norm.make()]
    return keras.Sequential([*layers, keras.layers.Dense(10, activation="softmax")])


@pytest.mark.parametrize(("normalizer", "parameters"), [("batch_norm_after", 271_346), ("batch_norm_before", 270_946)])
def test_parameters_of_a_normalized_net(made: Made, normalizer: str, parameters: int) -> None:
    net = dense_net(made, normalizer)
    assert net.count_params() == parameters
    assert sum(int(np.prod(weight.shape)) for weight in net.non_trainable_weights) == 2_368


@pytest.mark.parametrize("name", sorted(techniques("normalizer")))
def test_normalizer_makes_new_batch_normalization_layers(made: Made, name: str) -> None:
    norm = made("normalizer", name)
    first, second = norm.make(), norm.make()
    assert first is not second
    assert norm.position == name.removeprefix("batch_norm_")
    assert norm.dense_bias == (name == "batch_norm_after")
    assert not made("normalizer", name, inputs=False).inputs
    first.build((None, 784))
    assert first.count_params() == 3_136
    assert [(weight.name, weight.trainable) for weight in first.weights] == [
        ("gamma", True),
        ("beta", True),
        ("moving_mean", False),
        ("moving_variance", False),
    ]


def test_batch_normalization_equals_its_formula(made: Made) -> None:
    layer = made("normalizer", "batch_norm_after", momentum=0.9, epsilon=0.01).make()
    z = np.random.default_rng(0).normal(3, 2, (50, 4)).astype("float32")
    expected = (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + 0.01)
    np.testing.assert_allclose(layer(z, training=True), expected, atol=1e-5)
    moving_mean, moving_variance = 0.1 * z.mean(axis=0), 0.9 + 0.1 * z.var(axis=0)
    expected = (z - moving_mean) / np.sqrt(moving_variance + 0.01)
    np.testing.assert_allclose(layer(z, training=False), expected, atol=1e-4)


@pytest.mark.parametrize("rate", [0.1, 0.2, 0.5])
def test_dropout_keeps_the_expectation(made: Made, rate: float) -> None:
    ones = np.ones((1000, 200), "float32")
    result = np.asarray(made("dropout", "dropout", rate=rate)(ones, training=True))
    kept = result[result != 0]
    np.testing.assert_allclose(kept, 1 / (1 - rate), rtol=1e-6)
    assert len(kept) / result.size == pytest.approx(1 - rate, abs=0.01)
    assert result.mean() == pytest.approx(1, abs=0.01)


def test_alpha_dropout_keeps_mean_and_deviation_where_dropout_does_not(made: Made) -> None:
    signal = np.random.default_rng(0).standard_normal((1000, 300)).astype("float32")
    alpha = np.asarray(made("dropout", "alpha_dropout", rate=0.2)(signal, training=True))
    plain = np.asarray(made("dropout", "dropout", rate=0.2)(signal, training=True))
    assert alpha.mean() == pytest.approx(0, abs=0.01)
    assert alpha.std() == pytest.approx(1, abs=0.01)
    assert plain.std() == pytest.approx(1.117, abs=0.01)


def test_alpha_dropout_drops_to_the_limit_of_selu(made: Made) -> None:
    signal = np.random.default_rng(0).standard_normal((1000, 300)).astype("float32")
    values, counts = np.unique(made("dropout", "alpha_dropout", rate=0.2)(signal, training=True), return_counts=True)
    scale = (0.8 * (1 + 0.2 * SELU_LIMIT**2)) ** -0.5
    assert values[counts.argmax()] == pytest.approx(scale * SELU_LIMIT * (1 - 0.2), rel=1e-5)
    assert counts.max() / signal.size == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize("name", sorted(techniques("dropout")))
def test_dropouts_are_seeded_and_rest_when_the_net_predicts(made: Made, name: str) -> None:
    signal = np.random.default_rng(0).standard_normal((20, 10)).astype("float32")
    masks = [np.asarray(made("dropout", name, _seed=seed)(signal, training=True)) for seed in (3, 3, 4)]
    np.testing.assert_array_equal(masks[0], masks[1])
    assert not np.array_equal(masks[0], masks[2])
    np.testing.assert_array_equal(made("dropout", name)(signal, training=False), signal)


@pytest.mark.parametrize(
    ("name", "arguments", "weights", "penalty"),
    [
        ("l2", {"factor": 0.01}, [1, 2, 3, 4], 0.30),
        ("l1", {"factor": 0.1}, [1, -2, 3, 4], 1.0),
        ("l1_l2", {"l1": 0.1, "l2": 0.01}, [1, -2, 3, 4], 1.3),
    ],
)
def test_penalties(made: Made, name: str, arguments: dict[str, float], weights: list[float], penalty: float) -> None:
    regularizer = made("regularizer", name, **arguments)
    assert float(regularizer(np.array(weights, "float32"))) == pytest.approx(penalty)


def test_max_norm_shortens_only_the_long_ones(made: Made) -> None:
    kernel = np.array([[3, 0.1], [4, 0.2]], "float32")
    np.testing.assert_allclose(made("constraint", "max_norm")(kernel), [[0.6, 0.1], [0.8, 0.2]], rtol=1e-5)
    np.testing.assert_allclose(made("constraint", "max_norm", max_value=2.5)(kernel)[:, 0], [1.5, 2], rtol=1e-5)


@pytest.mark.parametrize(("name", "expected"), [("clip_value", [0.9, 1.0]), ("clip_norm", [0.00899964, 0.99995947])])
def test_clipping_acts_on_the_gradient_of_a_step(made: Made, name: str, expected: list[float]) -> None:
    import keras

    weights = keras.Variable(np.zeros(2, "float32"))
    clipping = made("clipping", name, threshold=1.0)
    optimizer = made("optimizer", "sgd", learning_rate=1.0, _clipping=clipping)
    optimizer.apply([keras.ops.convert_to_tensor([0.9, 100.0])], [weights])
    np.testing.assert_allclose(-np.asarray(weights), expected, rtol=1e-6)


def test_clip_norm_looks_at_each_weight_array_by_itself(made: Made) -> None:
    import keras

    kernel, bias = keras.Variable(np.zeros(2, "float32")), keras.Variable(np.zeros(1, "float32"))
    optimizer = made("optimizer", "sgd", learning_rate=1.0, _clipping=made("clipping", "clip_norm", threshold=1.0))
    optimizer.apply([keras.ops.convert_to_tensor([30.0, 40.0]), keras.ops.convert_to_tensor([0.5])], [kernel, bias])
    np.testing.assert_allclose(-kernel.numpy(), [0.6, 0.8], rtol=1e-6)
    np.testing.assert_allclose(-bias.numpy(), [0.5], rtol=1e-6)
