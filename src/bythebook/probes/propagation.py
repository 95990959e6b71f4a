"""Signals through deep untrained nets: which initialization keeps the deviation of which activation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from bythebook.probes.perceptrons import logistic
from bythebook.probes.registry import Arms, probe

IMAGES, WIDTH, DEPTH = 500, 100, 100
AFTER = (10, 50, 100)
ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805


def _selu(z: np.ndarray) -> np.ndarray:
    return SCALE * np.where(z > 0, z, ALPHA * np.expm1(np.minimum(z, 0)))


ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sigmoid": logistic,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "selu": _selu,
}
# Variances of the weights; with as many inputs as outputs, LeCun's and Glorot's are the same.
VARIANCES = {"glorot": 1 / WIDTH, "he": 2 / WIDTH}
SIDES = {
    f"{activation}_{initializer}": (ACTIVATIONS[activation], variance)
    for activation in ACTIVATIONS
    for initializer, variance in VARIANCES.items()
}
METRICS = (*(f"deviation_{layer}" for layer in AFTER), "faded", "mean_100")


@probe(seeds=10, sides=SIDES, metrics=METRICS)
def propagation(seeds: Sequence[int]) -> Arms:
    """Does a signal keep its deviation through 100 untrained layers?

    ``deviation_10`` and its like are the deviation of that layer's outputs over 500 standard normal inputs, averaged
    over its 100 units; ``faded`` is ``|log10 deviation_100|``, 0 for a signal that neither fades nor grows;
    ``mean_100`` is the distance of the outputs' mean from 0.

    Source: chapter 11, Glorot and He Initialization; Nonsaturating Activation Functions. X. Glorot and Y. Bengio 2010;
    K. He et al. 2015; G. Klambauer et al. 2017.
    """
    return {side: _through(seeds, activation, variance) for side, (activation, variance) in SIDES.items()}


def _through(
    seeds: Sequence[int], activation: Callable[[np.ndarray], np.ndarray], variance: float
) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {name: [] for name in METRICS}
    for seed in seeds:
        random = np.random.default_rng(seed)
        signal = random.standard_normal((IMAGES, WIDTH))
        for layer in range(1, DEPTH + 1):
            signal = activation(signal @ random.normal(0, np.sqrt(variance), (WIDTH, WIDTH)))
            if layer in AFTER:
                found[f"deviation_{layer}"].append(_deviation(signal))
        found["faded"].append(abs(float(np.log10(max(_deviation(signal), np.finfo(float).tiny)))))
        found["mean_100"].append(abs(float(signal.mean())))
    return found


def _deviation(signal: np.ndarray) -> float:
    return float(signal.std(axis=0).mean())
