"""Small nets on small digits, trained by Keras' own ``fit`` and by compiled epochs on the same batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

from bythebook import network, recipe
from bythebook.fused.fit import VALIDATION_BATCH, fit
from bythebook.lazy import keras
from bythebook.training import compilation
from bythebook.training.batches import Feed

CLASSES, SHAPE = 10, (8, 8)
# Ten full batches and a last one of 10.
IMAGES, BATCH, STEPS = 330, 32, 11
EPOCHS = 2

# float32 has 6e-8 of relative rounding. XLA adds up in another order than TensorFlow's kernels, so weights drift apart
# by some roundings per step; over 22 steps that stays below this share of an array's largest weight. The weights of a
# layer are around 0.1; an array that is smaller as a whole (the mean of centred inputs) holds nothing but roundings.
WEIGHTS, USUAL = 1e-5, 0.1
# A loss is a mean over 330 images, in which such differences cancel.
LOSSES = 5e-6


@cache
def digits() -> tuple[Any, Any, Any, Any]:
    """Training and validation images float32 ``(n, 8, 8)`` around 0 with deviation 1, and labels int64 ``(n,)``."""
    images, labels = load_digits(return_X_y=True)
    images = ((images - images.mean()) / images.std()).astype(np.float32).reshape(-1, *SHAPE)
    labels = labels.astype(np.int64)
    return images[:IMAGES], labels[:IMAGES], images[-120:], labels[-120:]


@dataclass
class Case:
    """A compiled model, its data in the form its loss wants, and the callbacks of its schedule."""

    model: Any
    feed: Feed
    held_out: tuple[Any, Any]
    callbacks: list[Any]

    def fused(self, epochs: int = EPOCHS, callbacks: Sequence[Any] = (), initial_epoch: int = 0) -> Any:
        """The history of compiled epochs."""
        return fit(
            self.model,
            self.feed.images,
            self.feed.targets,
            batch_size=self.feed.batch_size,
            initial_epoch=initial_epoch,
            epochs=epochs,
            callbacks=[*self.callbacks, *callbacks],
            validation_data=self.held_out,
            order=self.order,
        )

    def plain(self, epochs: int = EPOCHS, callbacks: Sequence[Any] = (), initial_epoch: int = 0) -> Any:
        """The history of Keras' own ``fit`` on the same batches."""
        self.model.steps_per_execution = 1
        return self.model.fit(
            self.feed.dataset(),
            initial_epoch=initial_epoch,
            epochs=epochs,
            shuffle=False,
            validation_data=self.held_out,
            validation_batch_size=VALIDATION_BATCH,
            callbacks=[epoch_of(self.feed), *self.callbacks, *callbacks],
            verbose=0,
        )

    def order(self, epoch: int) -> np.ndarray:
        """The feed's order of an epoch."""
        self.feed.epoch = epoch
        return self.feed.order()


def epoch_of(feed: Feed) -> Any:
    """The callback that tells the feed the epoch."""
    return keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: setattr(feed, "epoch", epoch))


def case(delta: Mapping[str, Any], seed: int = 0, epochs: int = EPOCHS, batch_size: int = BATCH) -> Case:
    """What a recipe that differs from the defaults by ``delta`` stands for, built and compiled as a run does it."""
    resolved = recipe.resolve({"hidden": [12], "batch_size": batch_size, **delta}, "test")
    # One sigmoid unit stands for two classes.
    classes = 2 if resolved["loss"]["name"] == "binary_crossentropy" else CLASSES
    images, labels, held_out, held_out_labels = digits()
    model = network.build(resolved, SHAPE, classes, seed)
    feed = Feed(images, network.targets(resolved, labels % classes, classes), batch_size, seed)
    schedule = compilation.schedule_of(resolved, resolved["optimizer"]["learning_rate"], feed.steps, epochs)
    compilation.compile_model(model, resolved, schedule, compilation.metrics(resolved, classes))
    held_out_targets = network.targets(resolved, held_out_labels % classes, classes)
    return Case(model, feed, (held_out, held_out_targets), list(schedule.callbacks))


def compiled(model: Any, optimizer: Any = None, loss: Any = "sparse_categorical_crossentropy", **options: Any) -> Case:
    """Any Keras model over the digits, with the loss of a softmax output."""
    images, labels, held_out, held_out_labels = digits()
    model.compile(optimizer or keras.optimizers.SGD(0.05), loss, **{"metrics": ["accuracy"], **options})
    return Case(model, Feed(images, labels, BATCH, 0), (held_out, held_out_labels), [])


def stack(*layers: Any) -> Any:
    """A softmax classifier of digits over the given layers, with the same first kernels each time."""
    last = keras.layers.Dense(CLASSES, activation="softmax")
    return started(keras.Sequential([keras.Input(SHAPE), keras.layers.Flatten(), *layers, last]))


def started(model: Any) -> Any:
    """The model with kernels that depend on their places and shapes alone."""
    random = np.random.default_rng(0)
    for weight in model.trainable_weights:
        if len(weight.shape) == 2:
            weight.assign(random.normal(0, weight.shape[0] ** -0.5, weight.shape))
    return model


def assert_same_weights(one: Any, other: Any, tolerance: float = WEIGHTS) -> None:
    """All weights of two models agree within a share of the largest one of each array."""
    pairs = list(zip(one.get_weights(), other.get_weights(), strict=True))
    assert pairs
    for mine, yours in pairs:
        np.testing.assert_allclose(mine, yours, rtol=0, atol=tolerance * max(np.abs(yours).max(), USUAL))


def assert_same_history(one: Any, other: Any, tolerance: float = LOSSES) -> None:
    """Two histories have the same epochs and names in the same order, and numbers that agree."""
    assert one.epoch == other.epoch
    assert list(one.history) == list(other.history)
    assert "loss" in one.history
    for name, numbers in one.history.items():
        np.testing.assert_allclose(numbers, other.history[name], rtol=tolerance, atol=1e-7, err_msg=name)


def as_bytes(model: Any) -> list[bytes]:
    """The weights of a model, to compare to the last bit."""
    return [weight.tobytes() for weight in model.get_weights()]
