"""What is noted of every epoch: statistics of the hidden layers, and how noisy the steps are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from both_ways import CLASSES, SHAPE, as_bytes, digits

from bythebook import network, recipe
from bythebook import techniques as techniques
from bythebook.techniques.strategies import Phase
from bythebook.training.observation import of_layers
from bythebook.training.train import Split, train

pytestmark = pytest.mark.usefixtures("tensorflow")
STATISTICS = {"activation_mean", "activation_deviation", "dead_share", "gradient_norm"}


def run(loop: str = "plain", phases: tuple[Phase, ...] = (Phase("fit", 2),), **delta: Any) -> Any:
    resolved = recipe.resolve({"hidden": [16, 8], **delta}, "r")
    images, labels, held_out, held_out_labels = digits()
    model = network.build(resolved, SHAPE, CLASSES, 0)
    data = Split(images, labels), Split(held_out, held_out_labels)
    return model, train(model, resolved, phases, *data, CLASSES, 0, lambda row: None, loop)


def look(**delta: Any) -> tuple[Any, dict[str, list[float | None]]]:
    resolved = recipe.resolve({"hidden": [16, 8], "observe": ["layers"], **delta}, "r")
    model = network.build(resolved, SHAPE, CLASSES, 0)
    model.compile("sgd", "sparse_categorical_crossentropy")
    looking = of_layers(model, resolved, digits()[2:])
    assert looking is not None
    return model, looking()


@pytest.mark.parametrize("loop", ["plain", "fused"])
def test_looking_changes_nothing_and_is_in_every_row(loop: str) -> None:
    # The two compiled epochs of a frozen phase would take as long as all of this file.
    frozen = (Phase("frozen", 1, frozen=None),) if loop == "plain" else ()
    phases = (*frozen, Phase("fine_tuning", 2 - len(frozen)))
    delta = {"dropout": "dropout", "dropout_on": "last_hidden", "normalizer": "batch_norm_after"}
    blind, without = run(loop, phases, **delta)
    seen, outcome = run(loop, phases, **delta, observe=["layers", "steps"])
    assert as_bytes(blind) == as_bytes(seen)
    for row, other in zip(outcome.rows, without.rows, strict=True):
        layers = row.pop("layers")
        assert set(layers) == STATISTICS
        assert all(len(values) == 2 and None not in values for values in layers.values())
        assert row.pop("step_noise") > 0
        assert row == other
    assert outcome.rows[0] != outcome.rows[1]


@pytest.mark.parametrize("normalizer", [None, "batch_norm_before", "batch_norm_after"])
def test_statistics_are_those_of_the_activations(normalizer: str | None) -> None:
    model, found = look(normalizer=normalizer, dropout="dropout")
    signal, expected = digits()[2], []
    for layer in model.layers:
        signal = np.asarray(layer(signal))
        if type(layer).__name__ == "Activation":
            expected.append(signal)
    assert len(expected) == 2
    assert found["activation_mean"] == pytest.approx([values.mean() for values in expected], rel=1e-5)
    assert found["activation_deviation"] == pytest.approx([values.std() for values in expected], rel=1e-5)


def test_dead_units_are_those_that_answer_every_image_alike() -> None:
    model, before = look()
    biases = [np.where(np.arange(16) < 4, -100, 0).astype(np.float32), np.zeros(8, np.float32)]
    resolved = recipe.resolve({"hidden": [16, 8], "observe": ["layers"]}, "r")
    for name, bias in zip(("dense_1", "dense_2"), biases, strict=True):
        model.get_layer(name).bias.assign(bias)
    looking = of_layers(model, resolved, digits()[2:])
    assert looking is not None
    assert before["dead_share"][0] == 0
    assert looking()["dead_share"][0] == 0.25


def test_gradients_vanish_in_a_deep_sigmoid_net_and_are_seen_to() -> None:
    _, found = look(hidden=[{"layers": 6, "units": 8}], activation="sigmoid")
    norms = found["gradient_norm"]
    assert len(norms) == 6
    assert norms[0] is not None and norms[-1] is not None and norms[0] < norms[-1] / 100


def test_nothing_is_looked_at_unless_asked_for() -> None:
    assert of_layers(None, recipe.resolve({"hidden": []}, "r"), digits()[2:]) is None
    assert "layers" not in run(phases=(Phase("fit", 1),))[1].rows[0]


@pytest.mark.parametrize("loop", ["plain", "fused"])
def test_the_noise_of_steps_falls_with_the_size_of_batches(loop: str) -> None:
    delta = {"hidden": [8], "observe": ["steps"], "optimizer": {"name": "sgd", "learning_rate": 1e-9}}
    once = (Phase("fit", 1),)
    noise = {size: run(loop, once, batch_size=size, **delta)[1].rows[0]["step_noise"] for size in (2, 8)}
    # By the square root of 4; an epoch has 165 and 42 steps to measure it by.
    assert noise[2] / noise[8] == pytest.approx(2, rel=0.35)


def test_the_noise_of_steps_equals_its_formula() -> None:
    import keras

    from bythebook.training.step_noise import StepNoise

    metric = StepNoise(keras.losses.MeanSquaredError())
    assert float(metric.result()) == 0
    losses = [1.0, 4.0, 2.0]
    for loss in losses:
        metric.update_state(np.zeros((5, 1)), np.full((5, 1), loss**0.5))
    assert float(metric.result()) == pytest.approx(np.sqrt(np.mean(np.square(np.diff(losses))) / 2))
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(metric))
    assert isinstance(again, StepNoise) and isinstance(again.loss, keras.losses.MeanSquaredError)
