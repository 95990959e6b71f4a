"""Any Keras model: what comes out is one, and layers, losses, metrics and optimizers keep their ways."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from both_ways import (
    CLASSES,
    EPOCHS,
    SHAPE,
    STEPS,
    Case,
    as_bytes,
    assert_same_history,
    assert_same_weights,
    case,
    compiled,
    stack,
    started,
)

from bythebook.fused.program import CannotCompile
from bythebook.lazy import keras

pytestmark = pytest.mark.usefixtures("tensorflow")

STATEFUL: list[dict[str, Any]] = [
    {
        **{"optimizer": "momentum", "normalizer": "batch_norm_after"},
        **{"dropout": "dropout", "dropout_on": "last_hidden"},
    },
    {"optimizer": "adam"},
]


def assert_trains_as_in_fit(make: Callable[[], Case]) -> Case:
    """Returns the case that was trained by compiled epochs."""
    one, other = make(), make()
    start = as_bytes(one.model)
    assert start == as_bytes(other.model)
    assert_same_history(one.fused(), other.plain())
    assert_same_weights(one.model, other.model)
    assert as_bytes(one.model) != start
    return one


@pytest.mark.parametrize("delta", STATEFUL, ids=["momentum", "adam"])
def test_either_path_takes_up_what_the_other_left(delta: dict[str, Any]) -> None:
    """Weights, the optimizer's averages, moving statistics and the dropout's count go over."""
    straight, first, second = case(delta), case(delta), case(delta)
    straight.plain(3)
    first.fused(2)
    first.plain(3, initial_epoch=2)
    second.plain(1)
    second.fused(3, initial_epoch=1)
    for made in (first, second):
        assert_same_weights(made.model, straight.model)
        assert int(made.model.optimizer.iterations) == 3 * STEPS
        for mine, yours in zip(made.model.optimizer.variables, straight.model.optimizer.variables, strict=True):
            np.testing.assert_allclose(mine, yours, rtol=0, atol=1e-5)


@pytest.mark.parametrize("goes_on", [Case.fused, Case.plain])
def test_a_saved_model_goes_on_as_if_it_had_not_been_saved(goes_on: Callable[..., Any], tmp_path: Path) -> None:
    straight, made = case({"optimizer": "adam"}), case({"optimizer": "adam"})
    straight.fused(3)
    made.fused(2)
    made.model.save(tmp_path / "model.keras")
    made.model = keras.models.load_model(tmp_path / "model.keras")
    goes_on(made, 3, initial_epoch=2)
    assert_same_weights(made.model, straight.model)


def test_a_trained_model_predicts_and_evaluates() -> None:
    made = case({})
    history = made.fused()
    images, labels = made.held_out
    assert made.model.predict(images, verbose=0).shape == (len(images), CLASSES)
    loss, accuracy = made.model.evaluate(images, labels, verbose=0)
    assert loss == pytest.approx(history.history["val_loss"][-1], rel=1e-6)
    assert accuracy == pytest.approx(history.history["val_accuracy"][-1])


def test_frozen_layers_keep_every_bit_until_the_model_is_compiled_anew() -> None:
    def phase(made: Case, frozen: bool, train: Callable[..., Any]) -> list[bytes]:
        for layer in made.model.layers[:-1]:
            layer.trainable = not frozen
        made.model.compile(keras.optimizers.SGD(0.05, momentum=0.9), made.model.loss, metrics=["accuracy"])
        train(made, 1)
        return as_bytes(made.model)

    delta = {"normalizer": "batch_norm_after"}
    one, other = case(delta), case(delta)
    start = as_bytes(one.model)
    after_frozen, after_all = phase(one, True, Case.fused), phase(one, False, Case.fused)
    for frozen in (True, False):
        phase(other, frozen, Case.plain)
    assert after_frozen[:-2] == start[:-2]
    assert all(now != before for now, before in zip(after_frozen[-2:], start[-2:], strict=True))
    assert all(now != before for now, before in zip(after_all, after_frozen, strict=True))
    assert_same_weights(one.model, other.model)


def test_a_flag_changed_without_compiling_is_refused_before_anything_is_trained() -> None:
    made = case({"optimizer": "momentum"})
    made.fused(1)
    made.model.layers[1].trainable = False
    before = as_bytes(made.model)
    with pytest.raises(CannotCompile, match="compile the model again"):
        made.fused(1)
    assert as_bytes(made.model) == before


def functional(join: str = "concatenate") -> Any:
    """Two branches over one input, with a layer that both use."""
    inputs = keras.Input(SHAPE)
    flat = keras.layers.Flatten()(inputs)
    shared = keras.layers.Dense(8, activation="relu", kernel_regularizer=keras.regularizers.L2(0.01))
    left = shared(keras.layers.Dense(12, activation="tanh")(flat))
    right = shared(keras.layers.Dense(12, activation="relu")(flat))
    joined = getattr(keras.layers, join)([left, right])
    return started(keras.Model(inputs, keras.layers.Dense(CLASSES, activation="softmax")(joined)))


def nested() -> Any:
    return stack(keras.Sequential([keras.layers.Dense(8, activation="relu"), keras.layers.BatchNormalization()]))


def late() -> Any:
    """Built when it first sees data; ``compiled`` starts it on nothing."""
    model = keras.Sequential(
        [keras.layers.Flatten(), keras.layers.Dense(CLASSES, activation="softmax", kernel_initializer="zeros")]
    )
    assert not model.built
    return model


class Doubling(keras.Model):
    """A functional model with a step of its own."""

    def train_step(self, data: Any) -> Any:
        images, labels = data
        return super().train_step((images * 2, labels))


def doubling() -> Any:
    inputs = keras.Input(SHAPE)
    outputs = keras.layers.Dense(CLASSES, activation="softmax")(keras.layers.Flatten()(inputs))
    return started(Doubling(inputs, outputs))


@pytest.mark.parametrize("build", [functional, nested, doubling], ids=lambda build: build.__name__)
def test_a_model_of_any_form_trains_as_in_fit(build: Callable[[], Any]) -> None:
    assert_trains_as_in_fit(lambda: compiled(build(), keras.optimizers.SGD(0.02, momentum=0.9)))


def test_a_model_is_built_when_it_first_sees_data() -> None:
    one, other = compiled(late()), compiled(late())
    assert_same_history(one.fused(), other.plain())
    assert_same_weights(one.model, other.model)


def test_metrics_of_every_kind_are_those_of_fit() -> None:
    def make() -> Case:
        metrics = [
            "accuracy",
            keras.metrics.SparseTopKCategoricalAccuracy(k=3, name="top_3"),
            keras.losses.sparse_categorical_crossentropy,
            keras.metrics.MeanMetricWrapper(keras.metrics.sparse_categorical_accuracy, name="wrapped"),
        ]
        return compiled(stack(keras.layers.Dense(8)), metrics=metrics, weighted_metrics=["accuracy"])

    history = assert_trains_as_in_fit(make).model.history.history
    assert {"top_3", "val_top_3", "wrapped", "sparse_categorical_crossentropy"} <= set(history)


def averaged() -> Any:
    return keras.optimizers.SGD(0.05, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=4)


def accumulating() -> Any:
    schedule = keras.optimizers.schedules.InverseTimeDecay(0.1, 3, 1.0)
    return keras.optimizers.SGD(schedule, gradient_accumulation_steps=3)


def warming() -> Any:
    return keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.0, 20, warmup_target=0.02, warmup_steps=5))


@pytest.mark.parametrize("make", [averaged, accumulating, warming], ids=lambda make: make.__name__)
def test_optimizers_beyond_the_catalogue_train_as_in_fit(make: Callable[[], Any]) -> None:
    assert_trains_as_in_fit(lambda: compiled(stack(keras.layers.Dense(8)), make()))


def test_layers_that_draw_as_keras_does_draw_other_numbers_but_the_same_ones_each_time() -> None:
    """XLA has a generator of its own; this program's dropouts do not use either."""

    def make() -> Case:
        return compiled(stack(keras.layers.GaussianNoise(0.5, seed=3), keras.layers.Dropout(0.5, seed=4)))

    one, again, plain = make(), make(), make()
    first, second = one.fused(), again.fused()
    plain.plain()
    assert as_bytes(one.model) == as_bytes(again.model)
    assert first.history == second.history
    steps = [int(layer.seed_generator.state[1]) for layer in one.model.layers if hasattr(layer, "seed_generator")]
    assert steps == [EPOCHS * STEPS] * 2
    assert as_bytes(one.model) != as_bytes(plain.model)
    assert np.mean(np.abs(one.model.get_weights()[0] - plain.model.get_weights()[0])) < 0.05
