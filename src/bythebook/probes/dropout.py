"""What dropout does to the mean and the deviation of a signal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bythebook import catalogue
from bythebook import techniques as techniques  # fills the catalogue
from bythebook.probes.propagation import ACTIVATIONS
from bythebook.probes.registry import Arms, probe

IMAGES, WIDTH, DEPTH = 1000, 100, 20
SIDES: dict[str, dict[str, Any]] = {
    "dropout_20": {"name": "dropout", "rate": 0.2},
    "dropout_50": {"name": "dropout", "rate": 0.5},
    "alpha_dropout_20": {"name": "alpha_dropout", "rate": 0.2},
}
METRICS = ("mean_error", "deviation", "drift")


@probe(seeds=10, sides=SIDES, metrics=METRICS, keras=True)
def dropout(seeds: Sequence[int]) -> Arms:
    """Does a signal keep its mean and its deviation under dropout?

    ``mean_error`` is the relative error of the mean of 100,000 numbers from a uniform distribution on [0, 2] after one
    dropout; ``deviation`` the standard deviation after 20 SELU layers with LeCun initialization and a dropout before
    each, of standard normal inputs; ``drift`` is its distance from 1.

    Source: chapter 11, Dropout; N. Srivastava et al. 2014; G. Klambauer et al. 2017.
    """
    return {side: _measured(seeds, declaration) for side, declaration in SIDES.items()}


def _measured(seeds: Sequence[int], declaration: dict[str, Any]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {metric: [] for metric in METRICS}
    for seed in seeds:
        random = np.random.default_rng(seed)
        layers = [_layer(declaration, 1000 * seed + place) for place in range(DEPTH + 1)]
        uniform = random.uniform(0, 2, (IMAGES, WIDTH))
        found["mean_error"].append(float(abs(layers[0](uniform).mean() / uniform.mean() - 1)))
        signal = random.standard_normal((IMAGES, WIDTH))
        for layer in layers[1:]:
            weights = random.normal(0, np.sqrt(1 / WIDTH), (WIDTH, WIDTH))
            signal = ACTIVATIONS["selu"](layer(signal) @ weights)
        found["deviation"].append(float(signal.std(axis=0).mean()))
        found["drift"].append(abs(found["deviation"][-1] - 1))
    return found


def _layer(declaration: dict[str, Any], seed: int) -> Callable[[np.ndarray], np.ndarray]:
    made = catalogue.build("dropout", declaration, _seed=seed)
    return lambda signal: np.asarray(made(signal.astype(np.float32), training=True), dtype=np.float64)
