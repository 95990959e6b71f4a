"""Batches in an order that is a pure function of the seed and the epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from bythebook.fused.tensors import tensor_of
from bythebook.seeds import derived

# Batches read while the ones before are trained on.
AHEAD = 8
Batches = Callable[[], Iterator[tuple[np.ndarray, np.ndarray]]]


class Feed:
    """The training data as a ``tf.data.Dataset`` whose order follows :attr:`epoch`.

    The order does not depend on the model, so arms that are compared see the same batches in the same order.

    Args:
        images: float32 ``(n, ...)``.
        targets: ``(n, ...)`` in the form the loss wants.
        batch_size: images per step; the last batch of an epoch may be smaller.
        seed: the run's seed.
    """

    def __init__(self, images: np.ndarray, targets: np.ndarray, batch_size: int, seed: int) -> None:
        self.images, self.targets, self.batch_size, self.seed = images, targets, batch_size, seed
        self.epoch = 0

    @property
    def steps(self) -> int:
        """Batches per epoch."""
        return -(-len(self.images) // self.batch_size)

    def order(self) -> np.ndarray:
        """The permutation of this epoch, int64 ``(n,)``."""
        return np.random.default_rng([derived(self.seed, "order"), self.epoch]).permutation(len(self.images))

    def dataset(self) -> Any:
        """Pairs of ``(images, targets)`` batches; each iteration follows the order of the epoch set at its start."""
        import tensorflow as tf

        images, targets = tensor_of(self.images), tensor_of(self.targets)

        def orders() -> Iterator[np.ndarray]:
            yield self.order()

        order = tf.data.Dataset.from_generator(orders, output_signature=tf.TensorSpec([len(self.images)], tf.int64))
        indices = order.flat_map(tf.data.Dataset.from_tensor_slices).batch(self.batch_size)
        batches = indices.map(lambda index: (tf.gather(images, index), tf.gather(targets, index)))
        return batches.apply(tf.data.experimental.assert_cardinality(self.steps)).prefetch(2)

    def stream(self) -> Any:
        """The same batches as :meth:`dataset`, read from ``images`` one by one: for data larger than memory."""

        def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
            order = self.order()
            for start in range(0, len(order), self.batch_size):
                rows = order[start : start + self.batch_size]
                yield self.images[rows], self.targets[rows]

        return _streamed(batches, self.images, self.targets, self.steps)


def in_order(images: np.ndarray, targets: np.ndarray, batch_size: int) -> Any:
    """Batches in the order of the arrays, read one by one."""

    def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for start in range(0, len(images), batch_size):
            yield images[start : start + batch_size], targets[start : start + batch_size]

    return _streamed(batches, images, targets, -(-len(images) // batch_size))


def _streamed(batches: Batches, images: np.ndarray, targets: np.ndarray, count: int) -> Any:
    import tensorflow as tf

    signature = tuple(tf.TensorSpec([None, *part.shape[1:]], part.dtype) for part in (images, targets))
    dataset = tf.data.Dataset.from_generator(batches, output_signature=signature)
    return dataset.apply(tf.data.experimental.assert_cardinality(count)).prefetch(AHEAD)
