"""Parts that a model's author wrote himself: they are used as they are, or the model is left to ``fit``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from both_ways import CLASSES, SHAPE, Case, as_bytes, assert_same_history, assert_same_weights, compiled, stack, started

from bythebook.fused import program_cache
from bythebook.fused.custom_objects import custom_objects
from bythebook.fused.program import CannotCompile
from bythebook.lazy import keras

pytestmark = pytest.mark.usefixtures("tensorflow")


def scaled_layer(factor: float) -> type:
    """A layer class of one name, whose code depends on ``factor``, as when a cell of a notebook is run again."""
    import keras

    class Scaled(keras.layers.Layer):
        def call(self, inputs: Any) -> Any:
            return inputs * factor

    return Scaled


def seeded_layer() -> type:
    """A layer class that takes its seed as a constant."""
    import keras

    class Shifted(keras.layers.Layer):
        def __init__(self, seed: int, **options: Any) -> None:
            super().__init__(**options)
            self.seed = seed

        def call(self, inputs: Any) -> Any:
            return inputs + float(self.seed)

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "seed": self.seed}

    return Shifted


def scaled_loss(factor: float) -> Callable[[Any, Any], Any]:
    def scaled(labels: Any, outputs: Any) -> Any:
        return factor * keras.losses.sparse_categorical_crossentropy(labels, outputs)

    return scaled


def steep(inputs: Any) -> Any:
    return keras.ops.tanh(inputs * 2)


def silu(inputs: Any) -> Any:
    """Has the name of another function of Keras."""
    return keras.ops.tanh(inputs)


def sparse_categorical_crossentropy(labels: Any, outputs: Any) -> Any:
    """Has the name of one of Keras' losses."""
    return 2 * keras.losses.sparse_categorical_crossentropy(labels, outputs)


def share_of_zeros(labels: Any, outputs: Any) -> Any:
    return keras.ops.cast(keras.ops.equal(labels, 0), "float32")


ADDED: dict[str, Callable[[], Case]] = {
    "layer": lambda: compiled(stack(scaled_layer(2.0)())),
    "loss": lambda: compiled(stack(), loss=scaled_loss(2.0)),
    "activation": lambda: compiled(stack(keras.layers.Dense(8, activation=steep))),
    "metric": lambda: compiled(stack(), metrics=["accuracy", share_of_zeros]),
}


def assert_same_as_fit(make: Callable[[], Case]) -> None:
    one, other = make(), make()
    assert_same_history(one.fused(), other.plain())
    assert_same_weights(one.model, other.model)


@pytest.mark.parametrize("kind", ADDED)
def test_a_part_of_ones_own_need_not_be_registered(kind: str) -> None:
    assert len(custom_objects(ADDED[kind]().model)) == 1
    assert_same_as_fit(ADDED[kind])


def test_a_model_of_parts_of_keras_and_of_this_program_has_none() -> None:
    from bythebook.techniques.dropout_layers import Dropout

    model = compiled(
        stack(Dropout(0.1), keras.layers.Dense(8, activation="relu"), keras.layers.BatchNormalization())
    ).model
    assert custom_objects(model) == {}


@pytest.mark.parametrize("part", ["layer", "loss"])
def test_a_part_written_anew_under_its_old_name_is_the_one_that_trains(part: str) -> None:
    def anew(factor: float) -> Case:
        own = scaled_layer(factor)() if part == "layer" else scaled_loss(factor)
        return compiled(stack(own)) if part == "layer" else compiled(stack(), loss=own)

    anew(2.0).fused(1)
    assert_same_as_fit(lambda: anew(-1.0))


def test_models_with_the_same_part_share_a_program_and_settings_of_it_are_never_shared() -> None:
    program_cache.forget()
    Shifted = seeded_layer()
    trained = []
    for seed in (1, 1, 2):
        made = compiled(stack(Shifted(seed), keras.layers.Dense(8, activation="relu")))
        made.fused()
        trained.append(as_bytes(made.model))
    assert trained[0] == trained[1] != trained[2]
    assert program_cache.compiled() == 2


REFUSED: dict[str, tuple[Callable[[], Case], str]] = {
    "activation": (
        lambda: compiled(stack(keras.layers.Dense(8, activation=silu))),
        "'silu' has the name of one of Keras",
    ),
    "loss": (lambda: compiled(stack(), loss=sparse_categorical_crossentropy), "has the name of one of Keras"),
    "twice": (
        lambda: compiled(stack(scaled_layer(2.0)(), scaled_layer(3.0)())),
        "two different parts of it have the name 'Scaled'",
    ),
    "lambda": (lambda: compiled(stack(keras.layers.Lambda(lambda inputs: inputs * 2))), "lambda"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_part_that_its_name_does_not_lead_to_is_left_to_fit(kind: str) -> None:
    make, reason = REFUSED[kind]
    assert_refused(make(), reason)


def assert_refused(made: Case, reason: str) -> None:
    """With a reason, and nothing of the model has changed, so that ``fit`` trains it as if nothing had been tried."""
    before = as_bytes(made.model)
    with pytest.raises(CannotCompile, match=reason):
        made.fused()
    assert as_bytes(made.model) == before
    assert int(made.model.optimizer.iterations) == 0


def test_models_that_keras_does_not_copy_are_left_to_fit() -> None:
    import keras

    class Stack(keras.Sequential):
        def train_step(self, data: Any) -> Any:
            return super().train_step((data[0] * 0, data[1]))

    class Subclassed(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.flat, self.head = keras.layers.Flatten(), keras.layers.Dense(CLASSES, activation="softmax")

        def build(self, shape: Any) -> None:
            self.head.build((shape[0], 64))

        def call(self, inputs: Any) -> Any:
            return self.head(self.flat(inputs))

    layers = [keras.Input(SHAPE), keras.layers.Flatten(), keras.layers.Dense(CLASSES, activation="softmax")]
    assert_refused(compiled(started(Stack(layers))), "copies a Stack as a plain Sequential")
    subclassed = Subclassed()
    subclassed.build((None, *SHAPE))
    assert_refused(compiled(subclassed), "cannot copy the model|cannot be told")


def test_an_optimizer_that_does_more_than_its_configuration_says_is_left_to_fit() -> None:
    sparing = keras.optimizers.AdamW(0.01, weight_decay=0.5)
    sparing.exclude_from_weight_decay(var_names=["bias"])
    assert_refused(compiled(stack(), sparing), "spares some weights")
    assert_refused(compiled(stack(), keras.optimizers.SGD(lambda: 0.05)), "neither a number nor a schedule")
    scaling = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD())
    assert_refused(compiled(stack(), scaling), "scales the loss")
