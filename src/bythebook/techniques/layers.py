"""Activation layers that Keras lacks. Imports Keras, so it is imported where one of them is built.

They are registered under the package name ``bythebook``: a saved model finds them once this module is imported.
"""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="bythebook")
class Swish(keras.layers.Layer):
    """``z * sigmoid(beta * z)`` for a fixed beta; keeps shape and dtype."""

    def __init__(self, beta: float = 1.0, **options: Any) -> None:
        super().__init__(**options)
        self.beta = beta

    def call(self, inputs: Any) -> Any:
        """The activation of ``inputs``."""
        return inputs * keras.ops.sigmoid(self.beta * inputs)

    def get_config(self) -> dict[str, Any]:
        """What :meth:`from_config` needs to make this layer again."""
        return {**super().get_config(), "beta": self.beta}


@keras.saving.register_keras_serializable(package="bythebook")
class ApproximateGelu(keras.layers.Layer):
    """GELU with ``tanh(sqrt(2 / pi) * (z + 0.044715 z^3))`` in place of erf; keeps shape and dtype."""

    def call(self, inputs: Any) -> Any:
        """The activation of ``inputs``."""
        return keras.activations.gelu(inputs, approximate=True)


@keras.saving.register_keras_serializable(package="bythebook")
class Maxout(keras.layers.Layer):
    """The largest of ``pieces`` trained affine maps of the input, element by element.

    Shape ``(batch, units)`` in and out. The maps start from LeCun's distribution, which keeps the second moment of the
    signal for two pieces, drawn with ``seed``.
    """

    def __init__(self, pieces: int = 2, seed: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.pieces = pieces
        self.seed = seed

    def build(self, input_shape: tuple[int, ...]) -> None:
        """Makes the weights: kernel ``(units, pieces * units)`` and bias ``(pieces * units,)``."""
        self.units = input_shape[-1]
        width = self.pieces * self.units
        initializer = keras.initializers.LecunNormal(seed=self.seed)
        self.kernel = self.add_weight(name="kernel", shape=(self.units, width), initializer=initializer)
        self.bias = self.add_weight(name="bias", shape=(width,), initializer="zeros")

    def call(self, inputs: Any) -> Any:
        """The activation of ``inputs``."""
        maps = keras.ops.matmul(inputs, self.kernel) + self.bias
        return keras.ops.max(keras.ops.reshape(maps, (-1, self.pieces, self.units)), axis=1)

    def get_config(self) -> dict[str, Any]:
        """What :meth:`from_config` needs to make this layer again."""
        return {**super().get_config(), "pieces": self.pieces, "seed": self.seed}
