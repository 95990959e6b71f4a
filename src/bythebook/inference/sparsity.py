"""Weights next to nothing set to zero: a net that can be stored, and computed, as a sparse one.

Source: chapter 11, "Practical Guidelines": train as usual, then zero the tiny weights; l1 leaves more of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bythebook.lazy import keras

ZERO_THRESHOLD = 1e-3  # a smaller weight counts as none


def thresholded(model: Any) -> Any:
    """A copy of the model whose Dense kernels hold no weight below :data:`ZERO_THRESHOLD`; the model stays as it is."""
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    for layer in _dense(copy):
        kernel, *bias = layer.get_weights()
        layer.set_weights([np.where(np.abs(kernel) < ZERO_THRESHOLD, np.float32(0), kernel), *bias])
    return copy


def zero_share(model: Any) -> float:
    """The share of the weights of all Dense kernels, in [0, 1], that :func:`thresholded` sets to zero."""
    kernels = [np.abs(layer.get_weights()[0]) for layer in _dense(model)]
    return float(
        sum(int((kernel < ZERO_THRESHOLD).sum()) for kernel in kernels) / sum(kernel.size for kernel in kernels)
    )


def _dense(model: Any) -> list[Any]:
    return [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
