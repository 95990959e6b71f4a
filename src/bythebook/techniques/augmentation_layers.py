"""Layers that change training images at random. Imports Keras, so it is imported where one of them is built.

They are registered under the package name ``bythebook``: a saved model finds them once this module is imported.
"""

from __future__ import annotations

from typing import Any

import keras

from bythebook.techniques.counter_random import bits, next_key


@keras.saving.register_keras_serializable(package="bythebook")
class ShiftAndFlip(keras.layers.Layer):
    """Images ``(batch, height, width)`` moved by whole pixels and mirrored, each on its own; keeps shape and dtype.

    The n-th draw is a pure function of the seed and n, as in the dropout layers.

    Args:
        height: the largest move up or down, as a share of the height.
        width: the largest move to a side, as a share of the width.
        flip: whether half of the images are mirrored left to right.
        seed: of what is drawn.

    Raises:
        ValueError: the inputs are no images of one channel.
    """

    def __init__(self, height: float, width: float, flip: bool, seed: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.height, self.width, self.flip, self.seed = height, width, flip, seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Refuses inputs that have no height and width."""
        if len(input_shape) != 3:
            raise ValueError(f"only images can be moved; the inputs have the shape {input_shape[1:]}.")

    def call(self, inputs: Any, training: bool = False) -> Any:
        """``inputs`` moved and mirrored, or as they are when the net predicts."""
        if not training:
            return inputs
        count, height, width = keras.ops.shape(inputs)
        drawn = bits(next_key(self.seed_generator), (count, 3))
        rows = _moved(height, self.height, drawn[:, 0])
        columns = _moved(width, self.width, drawn[:, 1])
        if self.flip:
            mirrored = keras.ops.bitwise_and(drawn[:, 2:], keras.ops.cast(1, "uint32")) == 1
            columns = keras.ops.where(mirrored, width - 1 - columns, columns)
        # As products with matrices of a single 1 per row: exact, and far faster than gathering on every path.
        left = keras.ops.one_hot(rows, height, dtype=inputs.dtype)
        right = keras.ops.one_hot(columns, width, dtype=inputs.dtype)
        return keras.ops.matmul(keras.ops.matmul(left, inputs), keras.ops.swapaxes(right, 1, 2))

    def get_config(self) -> dict[str, Any]:
        """What :meth:`from_config` needs to make this layer again."""
        own = {"height": self.height, "width": self.width, "flip": self.flip, "seed": self.seed}
        return {**super().get_config(), **own}


def _moved(size: int, share: float, drawn: Any) -> Any:
    """For every image, from which place each of ``size`` places takes its pixel: int32 ``(batch, size)``."""
    most = int(share * size)
    moves = keras.ops.cast(keras.ops.mod(drawn, keras.ops.cast(2 * most + 1, "uint32")), "int32") - most
    return keras.ops.clip(keras.ops.arange(size, dtype="int32")[None, :] + moves[:, None], 0, size - 1)
