"""The nets that the questions are about, as recipes, and their initial weights without any framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from bythebook import recipe
from bythebook import techniques as techniques  # fills the catalogue
from bythebook.records.recipe import Recipe

Weights = list[np.ndarray]


@dataclass(frozen=True)
class Net:
    """A net of the benchmarks.

    Attributes:
        name: its key in :data:`NETS`.
        title: what tables call it.
        declared: the recipe, as what differs from the defaults.
        side: ``a`` for the eight classes of model A, None for all ten.
    """

    name: str
    title: str
    declared: Mapping[str, Any]
    side: str | None = None

    @cached_property
    def recipe(self) -> Recipe:
        """The resolved recipe."""
        return recipe.resolve(self.declared, f"benchmarks: {self.name}")

    def widths(self, inputs: int, classes: int) -> list[int]:
        """The widths of all layers, inputs and classes included: consecutive ones are a matrix product's sides."""
        return [inputs, *self.recipe["hidden"], classes]

    def initial(self, inputs: int, classes: int, seed: int = 0) -> Weights:
        """Float32 weights in the order in which Keras lists them: per layer kernel ``(in, out)`` and bias ``(out,)``.

        With batch normalization every normalized layer has gamma, beta, mean and variance, after the kernel that it
        follows, and only the head has a bias.
        """
        random = np.random.default_rng(seed)
        normalized = self.recipe["normalizer"] is not None
        weights = _moments(inputs) if normalized else []
        widths = self.widths(inputs, classes)
        gain = 2.0 if self.recipe["activation"]["name"] == "elu" else 1.0
        for layer, (fan_in, units) in enumerate(pairwise(widths)):
            last = layer == len(widths) - 2
            weights.append((random.standard_normal((fan_in, units)) * np.sqrt(gain / fan_in)).astype(np.float32))
            weights += [np.zeros(units, np.float32)] if last or not normalized else _moments(units)
        return weights


def _moments(units: int) -> Weights:
    ones, zeros = np.ones(units, np.float32), np.zeros(units, np.float32)
    return [ones, zeros, zeros, ones]


_LISTED = (
    Net(
        "model_a",
        "784-300-100-50-50-50-8, SELU, LeCun, SGD",
        {
            "hidden": [300, 100, 50, 50, 50],
            "activation": "selu",
            "initializer": "lecun_normal",
            "optimizer": {"name": "sgd", "learning_rate": 0.001},
        },
        side="a",
    ),
    Net(
        "deep",
        "20 layers of 100, ELU, He, batch norm before the activation, Nadam",
        {
            "hidden": [100] * 20,
            "activation": "elu",
            "initializer": "he_normal",
            "normalizer": "batch_norm_before",
            "optimizer": {"name": "nadam", "learning_rate": 0.001},
        },
    ),
    Net(
        "dropout",
        "784-300-100-10, ELU, He, dropout 0.2, max-norm 1, Nadam",
        {
            "hidden": [300, 100],
            "activation": "elu",
            "initializer": "he_normal",
            "dropout": {"name": "dropout", "rate": 0.2},
            "constraint": "max_norm",
            "optimizer": {"name": "nadam", "learning_rate": 0.001},
        },
    ),
    Net(
        "alpha_dropout",
        "784-300-100-10, SELU, LeCun, alpha dropout 0.1, SGD with Nesterov momentum",
        {
            "hidden": [300, 100],
            "activation": "selu",
            "initializer": "lecun_normal",
            "dropout": {"name": "alpha_dropout", "rate": 0.1},
            "optimizer": {"name": "nesterov", "learning_rate": 0.01},
        },
    ),
)
NETS = {net.name: net for net in _LISTED}
