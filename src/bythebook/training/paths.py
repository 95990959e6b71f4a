"""The ways through a phase of training: compiled epochs, and Keras' own ``fit`` on data in memory or on disk."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from bythebook.training import fused
from bythebook.training.feed import Feed, in_order
from bythebook.training.fused import VALIDATION_BATCH
from bythebook.training.tensors import tensor_of

log = logging.getLogger(__name__)

# Steps per call into TensorFlow on the plain path: the results are the same, and the Python between two steps is saved.
STEPS_PER_CALL = 32
HeldOut = tuple[np.ndarray, np.ndarray]


class Path(Protocol):
    """Trains a compiled model from one epoch of a phase to another."""

    name: str

    def fit(self, model: Any, initial_epoch: int, epochs: int, callbacks: Sequence[Any]) -> None:
        """Trains ``model`` in place; the callbacks see every epoch."""
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
            fused.fit(
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
        except fused.CannotCompile as reason:
            log.warning("trained by Keras' own fit, because the epoch cannot be compiled: %s", reason)
            self.name = Plain.name
            self._plain.fit(model, initial_epoch, epochs, callbacks)


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


PATHS: dict[str, Callable[[Feed, HeldOut], Path]] = {"plain": Plain, "fused": Fused, "streamed": Streamed}
