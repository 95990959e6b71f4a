"""Exclusive or: four points that a deep ReLU net learns and a deep sigmoid net does not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bythebook.probes.perceptrons import RELU, SIGMOID, Activation, glorot, gradients, loss, outputs, train
from bythebook.probes.registry import Arms, probe

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = np.array([[0.0], [1.0], [1.0], [0.0]])
UNITS, LAYERS = 10, 7
LEARNING_RATE, STEPS = 0.1, 10_000
# The activation, and how many layers.
NETS = {"relu": (RELU, LAYERS), "sigmoid": (SIGMOID, LAYERS), "sigmoid_one_layer": (SIGMOID, 1)}


@probe(seeds=100, sides=NETS, metrics=["solved", "loss", "vanished"])
def xor(seeds: Sequence[int]) -> Arms:
    """Does a net of seven hidden layers learn exclusive or?

    Nets of 10 units a layer, Glorot uniform, binary cross-entropy, 10,000 steps of gradient descent at 0.1 on the four
    points. ``solved`` is 1 when all four are right; ``vanished`` is how many powers of ten the first layer's gradient
    is smaller than the last layer's before training.

    Source: source note S003; chapter 11, The Vanishing/Exploding Gradients Problems.
    """
    return {name: _learned(seeds, activation, depth) for name, (activation, depth) in NETS.items()}


def _learned(seeds: Sequence[int], activation: Activation, depth: int) -> dict[str, np.ndarray]:
    layers = glorot(seeds, [2, *[UNITS] * depth, 1])
    norms = [np.linalg.norm(weights, axis=(1, 2)) for weights, _ in gradients(layers, activation, X, Y)]
    predicted = outputs(train(layers, activation, X, Y, LEARNING_RATE, STEPS), activation, X)[-1]
    return {
        "solved": ((predicted > 0.5) == (Y > 0.5)).all(axis=(1, 2)).astype(float),
        "loss": loss(predicted, Y),
        "vanished": np.log10(norms[-1] / np.maximum(norms[0], np.finfo(float).tiny)),
    }
