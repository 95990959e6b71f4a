"""Monte Carlo dropout: the mean of many predictions, each with other units dropped.

Source: Y. Gal and Z. Ghahramani, "Dropout as a Bayesian Approximation", 2016; chapter 11, Monte Carlo (MC) Dropout.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bythebook.techniques.counter_random import position

BATCH = 1000
# What the evaluation calls these predictions, the plain ones of noisy images, both, and an untrained net's.
VARIANTS = ("mc", "shifted", "shifted_mc", "untrained_mc")


def draws(model: Any) -> bool:
    """Whether any layer of the model drops units."""
    return any(_drops(layer) for layer in model.layers)


def predict(model: Any, images: np.ndarray, passes: int) -> np.ndarray:
    """The mean output of ``passes`` stochastic passes; equal weights and images give equal bytes.

    Only layers that drop units work as in training: batch normalization would otherwise use, and change, the batch's
    own statistics.

    Args:
        images: float32 ``(n, h, w)``, scaled.
        passes: how many predictions are averaged.

    Returns:
        Float32 ``(n, outputs)``.
    """
    return predictor(model)(images, passes)


def predictor(model: Any) -> Callable[[np.ndarray, int], np.ndarray]:
    """:func:`predict` of one model, for several calls: only the first one compiles."""
    import tensorflow as tf

    # One compiled program for the whole pass: drawing masks number by number would cost ten times the net.
    once = tf.function(lambda signal: _through(model, signal), jit_compile=True, reduce_retracing=True)

    def averaged(images: np.ndarray, passes: int) -> np.ndarray:
        total = []
        for first in range(0, len(images), BATCH):
            position(model, first // BATCH * passes)
            part = tf.constant(images[first : first + BATCH])
            total.append(np.mean([once(part).numpy() for _ in range(passes)], axis=0, dtype=np.float64))
        return np.concatenate(total).astype(np.float32)

    return averaged


def noisy(images: np.ndarray, deviation: float) -> np.ndarray:
    """The images with independent normal noise, the same for every model: float32 of the same shape."""
    drawn = np.random.default_rng(0).normal(0, deviation, images.shape).astype(np.float32)
    return images + drawn


def _through(model: Any, signal: Any) -> Any:
    for layer in model.layers:
        signal = layer(signal, training=True) if _drops(layer) else layer(signal)
    return signal


def _drops(layer: Any) -> bool:
    return bool(getattr(layer, "rate", 0) and layer._seed_generators)
