"""Keras' dropouts with masks that are a pure function of (seed, counter), on every path and under XLA too.

Only the draw is replaced: configuration, arithmetic and what inference does are Keras'. The n-th draw of a layer has
counter n, as its ``seed_generator`` counts; :func:`bythebook.techniques.counter_random.position` sets the counter. They
are registered under the package name ``bythebook``: a saved model finds them once this module is imported.

``rate`` is an input of a compiled program: an attribute that converts to a scalar tensor serves as well as a float, and
Python asks only whether it is above 0.
"""

from __future__ import annotations

from typing import Any

import keras

from bythebook.techniques.counter_random import keep_mask, next_key

# Where SELU ends on the negative side: -alpha * scale.
SELU_LIMIT = -1.6732632423543772848170429916717 * 1.0507009873554804934193349852946


@keras.saving.register_keras_serializable(package="bythebook")
class Dropout(keras.layers.Dropout):
    """``x / (1 - rate)`` with chance ``1 - rate``, else 0, while training; keeps shape and dtype.

    Arguments and errors are those of ``keras.layers.Dropout``.
    """

    hyperparameters = ("rate",)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """``inputs`` with units dropped, or as they are when the net predicts or the rate is 0."""
        if not training or not self.rate > 0:
            return inputs
        kept = 1.0 - keras.ops.convert_to_tensor(self.rate, "float64")
        # At rate 1 nothing is kept, and an infinite scale would make gradients NaN.
        scale = keras.ops.where(kept > 0, 1.0 / kept, 0.0)
        return keras.ops.where(_kept(self, inputs), inputs * keras.ops.cast(scale, inputs.dtype), 0.0)


@keras.saving.register_keras_serializable(package="bythebook")
class AlphaDropout(keras.layers.AlphaDropout):
    """``a * (x or SELU's limit) + b`` while training, the limit with chance ``rate``; keeps shape and dtype.

    The constants a and b restore mean 0 and deviation 1. Arguments and errors are those of
    ``keras.layers.AlphaDropout``.
    """

    hyperparameters = ("rate",)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """``inputs`` with units dropped, or as they are when the net predicts or the rate is 0."""
        if not training or not self.rate > 0:
            return inputs
        rate = keras.ops.convert_to_tensor(self.rate, "float64")
        a = 1.0 / keras.ops.sqrt((1.0 - rate) * (1.0 + rate * SELU_LIMIT**2))
        b = -a * SELU_LIMIT * rate
        a, b = keras.ops.cast(a, inputs.dtype), keras.ops.cast(b, inputs.dtype)
        return a * keras.ops.where(_kept(self, inputs), inputs, SELU_LIMIT) + b


def with_keras_dropouts(model: Any) -> Any:
    """A copy of the model, weights included, with Keras' own dropouts: it can be loaded without this package."""
    kinds = {Dropout: keras.layers.Dropout, AlphaDropout: keras.layers.AlphaDropout}

    def own(layer: Any) -> Any:
        return kinds.get(type(layer), type(layer)).from_config(layer.get_config())

    plain = keras.models.clone_model(model, clone_function=own)
    plain.set_weights(model.get_weights())
    return plain


def _kept(layer: Any, inputs: Any) -> Any:
    """The mask of the layer's next draw: bool of the inputs' shape, or of the layer's ``noise_shape``."""
    shape = keras.ops.shape(inputs)
    if layer.noise_shape is not None:
        given = tuple(layer.noise_shape)
        if len(given) != len(shape):
            raise ValueError(f"noise_shape {given} must have one entry per axis of the input, which has {len(shape)}.")
        shape = tuple(own if wanted is None else wanted for own, wanted in zip(shape, given, strict=True))
    return keep_mask(next_key(layer.seed_generator), shape, layer.rate)
