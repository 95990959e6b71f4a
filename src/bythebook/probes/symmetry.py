"""Why weights must start different: equal neurons learn the same and stay equal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bythebook.probes.perceptrons import TANH, Layers, glorot, train
from bythebook.probes.registry import Arms, probe

SAMPLES, INPUTS, UNITS, STEPS = 50, 5, 8, 500


@probe(seeds=10, sides=["random", "equal"], metrics=["spread", "moved"])
def symmetry(seeds: Sequence[int]) -> Arms:
    """Do neurons that start with the same weights ever become different?

    A net with 8 tanh units learns to tell which of two random clouds a point is from. ``spread`` is the largest
    deviation between the units' weights after 500 steps; ``moved`` how far the weights went from their start.

    Source: chapter 11, exercises 1 and 2.
    """
    drawn = glorot(seeds, [INPUTS, UNITS, 1])
    equal: Layers = [(np.broadcast_to(weights[:, :1, :1], weights.shape).copy(), biases) for weights, biases in drawn]
    return {name: _trained(start) for name, start in (("random", drawn), ("equal", equal))}


def _trained(start: Layers) -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    y = np.arange(SAMPLES)[:, None] % 2.0
    x = random.standard_normal((SAMPLES, INPUTS)) + 2 * y
    (weights, _), *_ = train(start, TANH, x, y, 0.1, STEPS)
    return {"spread": weights.std(axis=2).max(axis=1), "moved": np.abs(weights - start[0][0]).max(axis=(1, 2))}
