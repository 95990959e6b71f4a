"""What clipping does to the direction of a gradient."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bythebook.probes.registry import Arms, probe

SIZE, THRESHOLD = 100, 1.0


@probe(seeds=30, sides=["norm", "value"], metrics=["cosine"])
def clipping(seeds: Sequence[int]) -> Arms:
    """Does a clipped gradient still point in its direction?

    Gradients of 100 numbers from a heavy-tailed distribution (Student's t, 2 degrees of freedom), clipped at 1 by their
    norm and number by number. ``cosine`` is between the gradient and what clipping left of it.

    Source: chapter 11, Gradient Clipping; R. Pascanu et al. 2013.
    """
    gradients = np.stack([np.random.default_rng(seed).standard_t(2, SIZE) for seed in seeds])
    lengths = np.linalg.norm(gradients, axis=1, keepdims=True)
    by_norm = gradients * np.minimum(1, THRESHOLD / lengths)
    by_value = np.clip(gradients, -THRESHOLD, THRESHOLD)
    return {name: {"cosine": _cosine(gradients, left)} for name, left in (("norm", by_norm), ("value", by_value))}


def _cosine(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return (first * second).sum(axis=1) / (np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1))
