"""How many numbers batch normalization adds to a net."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bythebook import network, recipe
from bythebook.probes.registry import Arms, probe


@probe(seeds=5, sides=["added"], metrics=["numbers_per_input", "trained_per_input"], keras=True)
def batch_norm(seeds: Sequence[int]) -> Arms:
    """How many numbers does batch normalization add for each of its inputs, and how many of them are trained?

    Nets of growing width with the normalization after the activation, of inputs and hidden layers, against the same
    nets without it.

    Source: chapter 11, Batch Normalization; S. Ioffe and C. Szegedy 2015.
    """
    added, trained = [], []
    for seed in seeds:
        widths = [seed + 2, seed + 3]
        inputs = 9 + sum(widths)
        plain, normalized = (_net(widths, normalizer, seed) for normalizer in (None, "batch_norm_after"))
        added.append((normalized.count_params() - plain.count_params()) / inputs)
        trained.append((_trained(normalized) - _trained(plain)) / inputs)
    return {"added": {"numbers_per_input": added, "trained_per_input": trained}}


def _net(widths: list[int], normalizer: str | None, seed: int) -> Any:
    resolved = recipe.resolve({"hidden": widths, "normalizer": normalizer}, "probe")
    return network.build(resolved, (3, 3), 10, seed)


def _trained(model: Any) -> int:
    return int(sum(weight.numpy().size for weight in model.trainable_variables))
