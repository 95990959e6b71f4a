from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from bythebook import network, recipe
from bythebook import techniques as techniques
from bythebook.catalogue import technique
from bythebook.catalogue import techniques as registered

NORMALIZED_OUTPUTS = {"name": "batch_norm_before", "inputs": False, "outputs": True, "bias": True}

pytestmark = pytest.mark.usefixtures("tensorflow")


def build(seed: int = 0, classes: int = 10, **delta: Any) -> Any:
    return network.build(recipe.resolve(delta, "r"), (28, 28), classes, seed)


@pytest.mark.parametrize(
    ("delta", "classes", "parameters"),
    [
        ({}, 10, 266_610),
        ({"activation": "prelu"}, 10, 267_010),
        ({"normalizer": "batch_norm_after"}, 10, 271_346),
        ({"normalizer": "batch_norm_before"}, 10, 270_946),
        ({"hidden": [300, 100, 50, 50, 50]}, 8, 276_158),
        ({"hidden": [300, 100, 50, 50, 50], "output": "sigmoid", "loss": "binary_crossentropy"}, 2, 275_801),
        ({"hidden": [100, 100, 100]}, 10, 99_710),
        ({"hidden": [300, *[100] * 99]}, 10, 1_256_410),
        ({"hidden": []}, 10, 7_850),
        # The fourth source note's tenth net: its normalization keeps every bias and comes before the output too.
        ({"hidden": [15], "normalizer": NORMALIZED_OUTPUTS}, 10, 12_035),
    ],
)
def test_parameter_counts_are_those_of_the_notebooks(delta: dict[str, Any], classes: int, parameters: int) -> None:
    assert build(classes=classes, **delta).count_params() == parameters


def test_initial_weights_are_a_function_of_the_seed_and_differ_between_layers() -> None:
    first, again, other = build(3, hidden=[50, 50]), build(3, hidden=[50, 50]), build(4, hidden=[50, 50])
    for one, two, three in zip(first.weights, again.weights, other.weights, strict=True):
        assert np.array_equal(one, two)
        if "kernel" in one.path:
            assert not np.array_equal(one, three)
    assert not np.array_equal(first.get_layer("dense_2").kernel[:10, :10], first.get_layer("head").kernel[:10, :10])


def test_a_layer_keeps_its_first_weights_whatever_stands_around_it() -> None:
    plain, dropped = build(hidden=[20]), build(hidden=[20], dropout="dropout", normalizer="batch_norm_after")
    assert np.array_equal(plain.get_layer("dense_1").kernel, dropped.get_layer("dense_1").kernel)


@pytest.mark.parametrize("name", sorted(registered("activation")))
@pytest.mark.parametrize("normalizer", [None, "batch_norm_before", "batch_norm_after"])
def test_every_activation_builds_a_net_with_finite_outputs(name: str, normalizer: str | None) -> None:
    assert len(registered("activation")) >= 10
    model = build(hidden=[5, 4], activation=name, normalizer=normalizer)
    outputs = np.asarray(model(np.random.default_rng(0).normal(size=(3, 28, 28)).astype(np.float32)))
    assert outputs.shape == (3, 10)
    assert np.isfinite(outputs).all()
    assert outputs.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_normalized_outputs_still_sum_to_one_and_are_of_the_head() -> None:
    model = build(hidden=[5], normalizer=NORMALIZED_OUTPUTS)
    outputs = np.asarray(model(np.random.default_rng(0).normal(size=(3, 28, 28)).astype(np.float32)))
    assert outputs.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert [layer.name for layer in model.layers if network.is_of_head(layer)] == [
        "head",
        "head_normalization",
        "output",
    ]


@pytest.mark.parametrize(
    ("places", "before"),
    [
        ("everywhere", ["dense_1", "dense_2", "head"]),
        ("hidden", ["dense_2", "head"]),
        ("last_hidden", ["head"]),
    ],
)
def test_dropout_stands_where_the_recipe_says(places: str, before: list[str]) -> None:
    layers = build(hidden=[5, 4], dropout="dropout", dropout_on=places).layers
    found = [after.name for layer, after in pairwise(layers) if type(layer).__name__ == "Dropout"]
    assert found == before


def test_the_output_layer_can_be_spared_from_penalties_and_limits() -> None:
    delta = {"hidden": [5], "regularizer": "l2", "constraint": "max_norm"}
    both, hidden = build(**delta), build(**delta, regularize_output=False)
    for name, present in (("dense_1", True), ("head", False)):
        for key in ("kernel_regularizer", "kernel_constraint"):
            assert getattr(both.get_layer(name), key) is not None
            assert (getattr(hidden.get_layer(name), key) is not None) == present


def test_biases_start_as_the_recipe_says_and_otherwise_at_zero() -> None:
    plain, raised = build(hidden=[5]), build(hidden=[5], bias_initializer={"name": "constant", "value": 0.1})
    drawn = build(hidden=[5], bias_initializer={"name": "random_normal", "deviation": 0.1})
    for name in ("dense_1", "head"):
        assert not np.any(plain.get_layer(name).bias)
        assert np.asarray(raised.get_layer(name).bias) == pytest.approx(0.1)
        assert len(set(np.asarray(drawn.get_layer(name).bias).tolist())) > 1
        assert np.array_equal(plain.get_layer(name).kernel, drawn.get_layer(name).kernel)


def test_targets_and_probabilities_follow_loss_and_output() -> None:
    labels = np.array([0, 1, 1])
    softmax = recipe.resolve({}, "r")
    one_hot = recipe.resolve({"loss": "categorical_crossentropy"}, "r")
    sigmoid = recipe.resolve({"output": "sigmoid", "loss": "binary_crossentropy"}, "r")
    assert network.targets(softmax, labels, 3) is labels
    assert network.targets(one_hot, labels, 3).tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 0]]
    assert network.targets(sigmoid, labels, 2).tolist() == [[0], [1], [1]]
    assert network.targets(sigmoid, labels, 3).shape == (3, 3)
    assert network.probabilities(sigmoid, np.array([[0.25]]), 2).tolist() == [[0.75, 0.25]]
    assert network.probabilities(sigmoid, np.array([[0.2, 0.2, 0.4]]), 3) == pytest.approx(
        np.array([[0.25, 0.25, 0.5]])
    )


def test_a_technique_registered_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="registered twice"):
        technique("activation")(registered("activation")["relu"].build)
    with pytest.raises(ValueError, match="unknown family 'activatoin'. Did you mean 'activation'"):
        technique("activatoin")
