"""Batch normalization folded away: the same predictions from fewer layers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_records import run_record

from bythebook import network, recipe
from bythebook.datasets.splits import Images
from bythebook.evaluation import evaluated_run
from bythebook.evaluation.evaluated_run import EvaluationTask, Settings
from bythebook.inference import folding

pytestmark = pytest.mark.usefixtures("tensorflow")
RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.normal(size=(50, 4, 4)).astype(np.float32)


def net(**delta: Any) -> Any:
    """A net as the project builds it, whose weights and moments are those of no fresh net."""
    return seasoned(network.build(recipe.resolve({"hidden": [12, 8], **delta}, "made"), (4, 4), 3, seed=0))


def stacked(*layers: Any) -> Any:
    """A net of these layers behind flattened images, likewise."""
    import keras

    return seasoned(keras.Sequential([keras.Input((4, 4)), keras.layers.Flatten(), *layers]))


def seasoned(model: Any) -> Any:
    for layer in model.layers:
        if hasattr(layer, "moving_mean"):
            layer.set_weights([RANDOM.uniform(0.5, 2, weight.shape) for weight in layer.get_weights()])
        elif hasattr(layer, "kernel"):
            layer.set_weights([RANDOM.normal(0, 0.5, weight.shape) for weight in layer.get_weights()])
    return model


def parts(positions: str) -> list[Any]:
    """A hidden layer and the output's, with normalization before or after its activation, or before the output's."""
    from keras.layers import Activation, BatchNormalization, Dense, Dropout

    return {
        "before": [Dense(8, use_bias=False), BatchNormalization(), Activation("elu"), Dense(3, "softmax")],
        "before, with a bias": [Dense(8), BatchNormalization(), Activation("elu"), Dense(3, "softmax")],
        "after": [Dense(8), Activation("elu"), BatchNormalization(), Dense(3, "softmax")],
        "inside the layer": [Dense(8, "relu"), BatchNormalization(), Dense(3, "softmax")],
        "inputs": [BatchNormalization(), Dense(8, "relu", use_bias=False), Dense(3, "softmax")],
        "outputs": [Dense(8, "relu"), Dense(3), BatchNormalization(), Activation("softmax")],
        "dropout between": [
            *(Dense(8), Dropout(0.5), BatchNormalization(), Activation("relu")),
            *(BatchNormalization(), Dropout(0.5), Dense(3, "softmax")),
        ],
        "one after another": [BatchNormalization(), BatchNormalization(scale=False), Dense(8, "relu"), Dense(3)],
        "without a term": [Dense(8), BatchNormalization(center=False), Activation("relu"), Dense(3)],
    }[positions]


@pytest.mark.parametrize(
    "positions",
    [
        *("before", "before, with a bias", "after", "inside the layer", "inputs", "outputs", "dropout between"),
        *("one after another", "without a term"),
    ],
)
def test_a_folded_net_predicts_the_same_without_normalization(positions: str) -> None:
    model = stacked(*parts(positions))
    assert_folded(model)


@pytest.mark.parametrize("normalizer", ["batch_norm_before", "batch_norm_after"])
@pytest.mark.parametrize("delta", [{}, {"dropout": "dropout"}, {"activation": "prelu", "output": "sigmoid"}])
def test_nets_of_recipes_can_be_folded(normalizer: str, delta: dict[str, Any]) -> None:
    loss = {"loss": "binary_crossentropy"} if "output" in delta else {}
    assert_folded(net(normalizer=normalizer, **delta, **loss))


def assert_folded(model: Any) -> None:
    before = [weight.tobytes() for weight in model.get_weights()]
    small = folding.folded(model)
    assert folding.normalizes(model) and not folding.normalizes(small)
    assert len(small.layers) < len(model.layers)
    assert small.count_params() < model.count_params()
    np.testing.assert_allclose(predicted(small), predicted(model), atol=1e-5)
    assert [weight.tobytes() for weight in model.get_weights()] == before


def predicted(model: Any) -> np.ndarray:
    return np.asarray(model(IMAGES))


def test_a_net_that_does_not_normalize_stays_what_it_is() -> None:
    model = net(activation="maxout")
    assert not folding.normalizes(model)
    assert np.array_equal(predicted(folding.folded(model)), predicted(model))


def test_a_normalization_that_no_layer_can_take_up_is_refused() -> None:
    from keras.layers import Activation, BatchNormalization, Dense

    between = [Dense(8, "relu"), BatchNormalization(name="alone"), Activation("relu", name="next"), Dense(3)]
    with pytest.raises(ValueError, match="before 'next' cannot be folded"):
        folding.folded(stacked(*between))
    with pytest.raises(ValueError, match="last batch normalization"):
        folding.folded(stacked(Dense(3, "softmax"), BatchNormalization()))


def test_half_precision_keeps_eleven_bits_of_every_weight() -> None:
    model = net()
    model.layers[-1].set_weights([model.layers[-1].get_weights()[0], np.array([1e6, -1e6, 0], np.float32)])
    rounded = folding.half(model)
    *weights, biases = rounded.get_weights()
    assert biases.tolist() == [65504, -65504, 0]
    for weight, own in zip(weights, model.get_weights()[:-1], strict=True):
        assert weight.dtype == np.float32
        assert not np.array_equal(weight, own)
        np.testing.assert_allclose(weight, own, rtol=2**-11, atol=2**-24)


def test_the_largest_difference_is_of_log_probabilities() -> None:
    one = np.array([[0.5, 0.5], [1.0, 0.0]], np.float32)
    other = np.array([[0.25, 0.75], [1.0, 1e-45]], np.float32)
    assert folding.largest_logit_difference(one, other) == pytest.approx(np.log(2))
    assert folding.largest_logit_difference(one, one) == 0


def test_a_net_that_normalizes_is_evaluated_without_its_normalization_too() -> None:
    test = Images(IMAGES, np.arange(len(IMAGES)) % 3, ("a", "b", "c"))

    def variants(settings: Settings | None, **delta: Any) -> dict[str, Any]:
        record = run_record({"hidden": [12, 8], **delta}, classes=3)
        model = net(**delta)
        task = EvaluationTask("suite/r/seed-0", record, Path(), Path(), Path(), settings, Path())
        return evaluated_run._variants(task, model, test, predicted(model))

    found = variants(Settings(2, 1.0), normalizer="batch_norm_after")
    assert found.keys() == {"folded", "half"}
    assert found["folded"]["accuracy"] == pytest.approx(found["half"]["accuracy"], abs=0.1)
    assert 0 < found["folded"]["largest_logit_difference"] < 1e-4
    assert 1e-4 < found["half"]["largest_logit_difference"] < 1
    assert variants(Settings(2, 1.0)) == {}
    assert variants(None, normalizer="batch_norm_after") == {}
