"""What goes wrong is said before anything is trained, or within the epoch, and leaves a model that can go on."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from both_ways import (
    BATCH,
    CLASSES,
    IMAGES,
    SHAPE,
    as_bytes,
    assert_same_history,
    assert_same_weights,
    case,
    compiled,
    digits,
    stack,
    started,
)

from bythebook import network, recipe
from bythebook.fused import program_cache
from bythebook.fused.fit import fit
from bythebook.fused.program import CannotCompile
from bythebook.lazy import keras
from bythebook.techniques.strategies import Phase
from bythebook.training.train import Outcome, Split, train

pytestmark = pytest.mark.usefixtures("tensorflow")


@pytest.mark.parametrize("batch_size", [1, 110, IMAGES - 1, 10 * IMAGES])
def test_batches_of_any_size_are_those_of_fit(batch_size: int) -> None:
    delta = {"optimizer": "momentum", "dropout": "dropout", "dropout_on": "last_hidden"}
    one, other = (case(delta, batch_size=batch_size) for _ in range(2))
    history = one.fused()
    assert_same_history(history, other.plain())
    assert_same_weights(one.model, other.model)
    steps = -(-IMAGES // batch_size)
    assert [len(losses) for losses in history.step_losses] == [steps] * 2
    assert int(one.model.optimizer.iterations) == 2 * steps


def test_batches_of_one_class_and_of_one_image_train_as_in_fit() -> None:
    images, labels, _, _ = digits()
    one, other = (case({"normalizer": "batch_norm_after"}) for _ in range(2))
    sorted_by_class = np.argsort(labels, kind="stable")[: 2 * BATCH + 1]
    assert set(labels[sorted_by_class[:BATCH]]) == {0}
    for made in (one, other):
        made.feed.images, made.feed.targets = images[sorted_by_class], labels[sorted_by_class]
        made.order = lambda epoch: np.arange(2 * BATCH + 1)  # type: ignore[method-assign]
    one.fused(1)
    other.model.fit(other.feed.images, other.feed.targets, batch_size=BATCH, shuffle=False, verbose=0)
    assert_same_weights(one.model, other.model)


def through_the_engine(delta: dict[str, Any], training: Split | None = None) -> tuple[Any, Outcome]:
    resolved = recipe.resolve({"hidden": [8], "activation": "linear", **delta}, "test")
    model = network.build(resolved, SHAPE, CLASSES, 0)
    images, labels, held_out, held_out_labels = digits()
    splits = training or Split(images, labels), Split(held_out, held_out_labels)
    return model, train(model, resolved, (Phase("fit", 3),), *splits, CLASSES, 0, lambda row: None, loop="fused")


def test_a_loss_that_is_no_number_ends_the_run_within_its_epoch() -> None:
    _, outcome = through_the_engine({"optimizer": {"name": "sgd", "learning_rate": 1e30}})
    assert (outcome.status, outcome.loop) == ("diverged", "fused")
    assert outcome.reason is not None
    assert outcome.reason.endswith("in epoch 0")
    assert outcome.rows == []
    assert outcome.kept is None


def test_one_broken_image_ends_the_run_and_the_epoch_is_told() -> None:
    images, labels, _, _ = digits()
    broken = images.copy()
    broken[100, 3, 3] = np.nan
    _, outcome = through_the_engine({}, Split(broken, labels))
    assert outcome.status == "diverged"
    assert "loss" in str(outcome.reason)
    assert "became nan in epoch 0" in str(outcome.reason)


def test_after_a_diverged_run_its_program_trains_the_next_one_as_before() -> None:
    program_cache.forget()
    first, _ = through_the_engine({})
    through_the_engine({"optimizer": {"name": "sgd", "learning_rate": 1e30}})
    again, outcome = through_the_engine({})
    assert outcome.status == "finished"
    assert program_cache.compiled() == 1
    assert as_bytes(first) == as_bytes(again)


def uncompilable() -> Any:
    """Images are turned by an operation that XLA lacks on a CPU."""
    return started(
        keras.Sequential(
            [
                keras.Input(SHAPE),
                keras.layers.Reshape((*SHAPE, 1)),
                keras.layers.RandomRotation(0.1, seed=1),
                keras.layers.Flatten(),
                keras.layers.Dense(CLASSES, activation="softmax"),
            ]
        )
    )


def python_layer() -> Any:
    import tensorflow as tf

    class Python(keras.layers.Layer):
        def call(self, inputs: Any) -> Any:
            doubled = tf.py_function(lambda values: values * 2, [inputs], tf.float32)
            doubled.set_shape(inputs.shape)
            return doubled

    return stack(Python())


@pytest.mark.parametrize(
    ("build", "reason"),
    [(uncompilable, "ImageProjectiveTransform"), (python_layer, "EagerPyFunc")],
    ids=["image", "python"],
)
def test_a_layer_that_xla_cannot_compile_is_named_and_the_model_is_as_it_was(
    build: Callable[[], Any], reason: str
) -> None:
    made, untouched = compiled(build()), compiled(build())
    before = [np.array(variable) for variable in made.model.variables]
    compiled_before = program_cache.compiled()
    with pytest.raises(CannotCompile, match=reason) as refusal:
        made.fused()
    assert "\n" not in str(refusal.value)
    assert all(np.array_equal(now, then) for now, then in zip(made.model.variables, before, strict=True))
    assert program_cache.compiled() == compiled_before
    assert_same_history(made.plain(), untouched.plain())
    assert as_bytes(made.model) == as_bytes(untouched.model)


def test_the_engine_trains_such_a_model_all_the_same_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    model = uncompilable()
    images, labels, held_out, held_out_labels = digits()
    splits = Split(images, labels), Split(held_out, held_out_labels)
    with caplog.at_level(logging.WARNING):
        resolved = recipe.resolve({}, "test")
        outcome = train(model, resolved, (Phase("fit", 1),), *splits, CLASSES, 0, lambda row: None, loop="fused")
    assert (outcome.status, outcome.loop, len(outcome.rows)) == ("finished", "plain", 1)
    assert "ImageProjectiveTransform" in caplog.text


def nothing(images: Any, labels: Any) -> tuple[Any, Any]:
    return images[:0], labels[:0]


BAD_DATA: dict[str, tuple[Callable[[Any, Any], tuple[Any, Any]], type[Exception], str]] = {
    "fewer targets": (lambda images, labels: (images, labels[:-1]), ValueError, "given 330 images and 329 targets"),
    "nothing": (nothing, ValueError, "no images"),
    "two inputs": (lambda images, labels: ([images, images], labels), CannotCompile, "not list, ndarray"),
    "named inputs": (lambda images, labels: ({"image": images}, labels), CannotCompile, "not dict, ndarray"),
    "another form": (lambda images, labels: (images[:, :4], labels), CannotCompile, "ValueError"),
    "other targets": (lambda images, labels: (images, np.zeros((IMAGES, 3))), CannotCompile, "shape"),
    "words": (lambda images, labels: (images, np.array(["one"] * IMAGES)), CannotCompile, "string"),
}


@pytest.mark.parametrize("kind", BAD_DATA)
def test_data_that_do_not_fit_are_refused_before_anything_is_trained(kind: str) -> None:
    spoil, error, message = BAD_DATA[kind]
    made = compiled(stack())
    before = as_bytes(made.model)
    with pytest.raises(error, match=message):
        fit(made.model, *spoil(made.feed.images, made.feed.targets))
    assert as_bytes(made.model) == before


@pytest.mark.parametrize("kind", ["fewer targets", "nothing", "two inputs", "named inputs"])
def test_so_are_validation_data_of_another_kind(kind: str) -> None:
    """Whether they fit the model is seen when the first epoch is validated, as in ``fit``."""
    spoil, error, message = BAD_DATA[kind]
    made = compiled(stack())
    before = as_bytes(made.model)
    good = made.feed.images, made.feed.targets
    with pytest.raises(error, match=message):
        fit(made.model, *good, validation_data=spoil(*good))
    assert as_bytes(made.model) == before


def test_a_batch_of_nothing_is_refused() -> None:
    made = compiled(stack())
    with pytest.raises(ValueError, match="at least one image; given batch_size=0"):
        fit(made.model, made.feed.images, made.feed.targets, batch_size=0)


def test_weights_of_samples_are_refused_and_not_forgotten() -> None:
    made = compiled(stack())
    images, labels = made.feed.images, made.feed.targets
    with pytest.raises(CannotCompile, match="one array of images and one of targets"):
        fit(made.model, images, labels, validation_data=(images, labels, np.ones(IMAGES)))  # type: ignore[arg-type]


def test_a_label_that_is_no_class_is_no_number_in_the_loss() -> None:
    """Within a compiled epoch XLA cannot raise; the loss says it, and a run ends as diverged."""
    made = case({}, batch_size=110)
    made.feed.targets = made.feed.targets + (made.feed.targets == CLASSES - 1)
    history = fit(made.model, made.feed.images, made.feed.targets, batch_size=110)
    assert math.isnan(history.history["loss"][0])


@pytest.mark.parametrize("built", [True, False])
def test_a_model_that_is_not_compiled_is_refused(built: bool) -> None:
    model = stack() if built else keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(CLASSES)])
    images, labels, _, _ = digits()
    with pytest.raises(ValueError, match="must be compiled"):
        fit(model, images, labels)


def test_no_epochs_train_nothing() -> None:
    made = case({})
    before = as_bytes(made.model)
    assert made.fused(0).history == {}
    assert made.fused(2, initial_epoch=2).history == {}
    assert as_bytes(made.model) == before
