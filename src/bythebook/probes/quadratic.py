"""A long, narrow bowl: what momentum does where one direction is steep and another is flat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bythebook.probes.registry import Arms, probe

STEEP, FLAT = 50.0, 1.0
LEARNING_RATE = 0.01
TOLERANCE = 1e-6
MOST = 300_000
# The decay of the velocity: 0 is plain gradient descent.
MOMENTA = {"sgd": 0.0, "momentum_90": 0.9, "momentum_99": 0.99, "momentum_999": 0.999, "momentum_9999": 0.9999}
NESTEROV = {"nesterov_90": 0.9, "nesterov_99": 0.99}


@probe(seeds=10, sides=[*MOMENTA, *NESTEROV], metrics=["steps", "overshoot", "turns"])
def quadratic(seeds: Sequence[int]) -> Arms:
    """How many steps do gradient descent, momentum and Nesterov take to the bottom of a narrow bowl?

    Formula: ``f(x) = (50 x1^2 + x2^2) / 2`` from a random start at distance 1, learning rate 0.01, until the distance
    is 1e-6. ``overshoot`` is how far a coordinate goes beyond the bottom, as a share of its start; ``turns`` counts how
    often a coordinate changes sign.

    Source: chapter 11, Momentum and Nesterov Accelerated Gradient; B. Polyak 1964, Y. Nesterov 1983.
    """
    return {name: descended(seeds, momentum, False) for name, momentum in MOMENTA.items()} | {
        name: descended(seeds, momentum, True) for name, momentum in NESTEROV.items()
    }


def descended(seeds: Sequence[int], momentum: float, nesterov: bool) -> dict[str, np.ndarray]:
    """Steps, overshoot and turns of every seed at once, with the updates that Keras' SGD makes."""
    curvature = np.array([STEEP, FLAT])
    angles = np.array([np.random.default_rng(seed).uniform(0.1, np.pi / 2 - 0.1) for seed in seeds])
    start = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    place, velocity, furthest = start.copy(), np.zeros_like(start), np.zeros_like(start)
    steps, turns = np.full(len(seeds), MOST), np.zeros(len(seeds))
    running = np.ones(len(seeds), dtype=bool)
    for step in range(1, MOST + 1):
        pull = LEARNING_RATE * curvature * place
        velocity = momentum * velocity - pull
        moved = place + (momentum * velocity - pull if nesterov else velocity)
        turns += running * (np.sign(moved) != np.sign(place)).sum(axis=1)
        place = moved
        furthest = np.maximum(furthest, running[:, None] * -place / start)
        done = running & (np.hypot(*place.T) < TOLERANCE)
        steps[done] = step
        running &= ~done
        if not running.any():
            break
    return {"steps": steps, "overshoot": furthest.max(axis=1), "turns": turns}
