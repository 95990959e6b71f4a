"""Small dense nets with one sigmoid output, trained for many seeds at once with plain gradient descent in NumPy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np


def logistic(z: np.ndarray) -> np.ndarray:
    """``1 / (1 + exp(-z))``, which does not overflow; float64 of the same shape."""
    # Whoever only looks up what there is need not wait for SciPy.
    from scipy import special

    found: np.ndarray = special.expit(z)
    return found


@dataclass(frozen=True)
class Activation:
    """A function and its derivative, both of what the function gave."""

    value: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]


SIGMOID = Activation(logistic, lambda a: a * (1 - a))
RELU = Activation(lambda z: np.maximum(z, 0), lambda a: (a > 0).astype(a.dtype))
TANH = Activation(np.tanh, lambda a: 1 - a * a)

Layers = list[tuple[np.ndarray, np.ndarray]]


def glorot(seeds: Sequence[int], sizes: Sequence[int]) -> Layers:
    """Weights ``(seeds, inputs, outputs)``, Glorot uniform, and biases of 0, ``(seeds, 1, outputs)``, float64."""
    randoms = [np.random.default_rng(seed) for seed in seeds]
    layers = []
    for inputs, outputs in zip(sizes[:-1], sizes[1:], strict=True):
        limit = np.sqrt(6 / (inputs + outputs))
        weights = np.stack([random.uniform(-limit, limit, (inputs, outputs)) for random in randoms])
        layers.append((weights, np.zeros((len(seeds), 1, outputs))))
    return layers


def outputs(layers: Layers, activation: Activation, x: np.ndarray) -> list[np.ndarray]:
    """What every layer gives for ``x``, the input first, the sigmoid output last."""
    given = [np.broadcast_to(x, (len(layers[0][0]), *x.shape))]
    for weights, biases in layers[:-1]:
        given.append(activation.value(given[-1] @ weights + biases))
    weights, biases = layers[-1]
    return [*given, logistic(given[-1] @ weights + biases)]


def gradients(layers: Layers, activation: Activation, x: np.ndarray, y: np.ndarray) -> Layers:
    """Gradients of the mean binary cross-entropy, in the shapes of the layers.

    Args:
        y: targets float ``(n, 1)``.
    """
    given = outputs(layers, activation, x)
    signal = (given[-1] - y) / len(y)
    found: Layers = []
    for (weights, _), below in zip(reversed(layers), reversed(given[:-1]), strict=True):
        found.append((below.swapaxes(1, 2) @ signal, signal.sum(axis=1, keepdims=True)))
        signal = signal @ weights.swapaxes(1, 2) * activation.slope(below)
    return found[::-1]


def train(
    layers: Layers, activation: Activation, x: np.ndarray, y: np.ndarray, learning_rate: float, steps: int
) -> Layers:
    """The layers after so many steps on all of ``x``."""
    for _ in range(steps):
        slopes = gradients(layers, activation, x, y)
        layers = [
            (weights - learning_rate * steep, biases - learning_rate * steep_bias)
            for (weights, biases), (steep, steep_bias) in zip(layers, slopes, strict=True)
        ]
    return layers


def loss(predicted: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The mean binary cross-entropy of each seed, in nats."""
    sure = np.clip(predicted, 1e-7, 1 - 1e-7)
    found: np.ndarray = -(y * np.log(sure) + (1 - y) * np.log(1 - sure)).mean(axis=(1, 2))
    return found
