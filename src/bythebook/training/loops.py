"""Training loops through a phase: compiled epochs, and Keras' own ``fit`` on data in memory or on disk."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from bythebook.fused.fit import VALIDATION_BATCH, fit
from bythebook.fused.program import CannotCompile
from bythebook.fused.tensors import tensor_of
from bythebook.lazy import keras
from bythebook.training.batches import Feed, in_order

log = logging.getLogger(__name__)

# Steps per call into TensorFlow on the plain path: the results are the same, and the Python between two steps is saved.
STEPS_PER_CALL = 32
HeldOut = tuple[np.ndarray, np.ndarray]


class TrainingLoop(Protocol):
    """Trains a compiled model from one epoch of a phase to another."""

    name: str

    def fit(self, model: Any, initial_epoch: int, epochs: int, callbacks: Sequence[Any]) -> None:
        """Trains ``model`` in place; the callbacks see every epoch."""
        ...

    def step_losses(self, model: Any) -> np.ndarray:
        """Trains ``model``, compiled with one step per call, through one epoch; each step's loss, ``(steps,)``."""
        ...


class Plain:
    """Keras' own ``fit``: nothing to compile, so it is the faster one for little data, and every layer works in it."""

    name = "plain"

    def __init__(self, feed: Feed, held_out: HeldOut) -> None:
        self._feed, self._held_out = feed, held_out

    def fit(self, model: Any, initial_epoch: int, epochs: int, callbacks: Sequence[Any]) -> None:
        """Trains ``model`` in place."""
        model.fit(
            self._feed.dataset(),
            initial_epoch=initial_epoch,
            epochs=epochs,
            shuffle=False,
            validation_data=self._held_out,
            validation_batch_size=VALIDATION_BATCH,
            callbacks=list(callbacks),
            verbose=0,
        )

    def step_losses(self, model: Any) -> np.ndarray:
        """The losses of one epoch's steps."""
        noted = noting_losses(self._feed.batch_size, len(self._feed.images))
        self.fit(model, 0, 1, [noted])
        return np.array(noted.losses)


class Fused:
    """Compiled epochs; what cannot be compiled takes the plain path from there on, and says so."""

    name = "fused"

    def __init__(self, feed: Feed, held_out: HeldOut) -> None:
        self._feed, self._plain = feed, Plain(feed, held_out)
        self._images, self._targets = tensor_of(feed.images), tensor_of(feed.targets)
        self._held_out = tensor_of(held_out[0]), tensor_of(held_out[1])

    def fit(self, model: Any, initial_epoch: int, epochs: int, callbacks: Sequence[Any]) -> None:
        """Trains ``model`` in place."""
        if self.name == Plain.name:
            self._plain.fit(model, initial_epoch, epochs, callbacks)
            return
        try:
            fit(
                model,
                self._images,
                self._targets,
                batch_size=self._feed.batch_size,
                initial_epoch=initial_epoch,
                epochs=epochs,
                callbacks=callbacks,
                validation_data=self._held_out,
                validation_batch_size=VALIDATION_BATCH,
                order=lambda epoch: self._feed.order(),
            )
        except CannotCompile as reason:
            self._fall_back(reason)
            self._plain.fit(model, initial_epoch, epochs, callbacks)

    def step_losses(self, model: Any) -> np.ndarray:
        """The losses of one epoch's steps."""
        try:
            history = fit(
                model,
                self._images,
                self._targets,
                batch_size=self._feed.batch_size,
                order=lambda epoch: self._feed.order(),
            )
            losses: np.ndarray = history.step_losses[0]
        except CannotCompile as reason:
            self._fall_back(reason)
            losses = self._plain.step_losses(model)
        return losses

    def _fall_back(self, reason: CannotCompile) -> None:
        log.warning("trained by Keras' own fit, because the epoch cannot be compiled: %s", reason)
        self.name = Plain.name


class Streamed(Plain):
    """Keras' own ``fit`` on data that stay on disk: the batches, and so the numbers, are those of the plain path."""

    name = "streamed"

    def fit(self, model: Any, initial_epoch: int, epochs: int, callbacks: Sequence[Any]) -> None:
        """Trains ``model`` in place."""
        model.fit(
            self._feed.stream(),
            initial_epoch=initial_epoch,
            epochs=epochs,
            shuffle=False,
            validation_data=in_order(*self._held_out, VALIDATION_BATCH),
            callbacks=list(callbacks),
            verbose=0,
        )


def noting_losses(batch_size: int, images: int) -> Any:
    """A Keras callback whose ``losses`` are those of every step; Keras' logs have the mean over the images so far."""

    class Losses(keras.callbacks.Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            self.losses: list[float] = []
            self._sum = 0.0

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            seen = min((batch + 1) * batch_size, images)
            total = float((logs or {})["loss"]) * seen
            self.losses.append((total - self._sum) / (seen - batch * batch_size))
            self._sum = total

    return Losses()


LOOPS: dict[str, Callable[[Feed, HeldOut], TrainingLoop]] = {"plain": Plain, "fused": Fused, "streamed": Streamed}
