"""What runs note besides loss and accuracy, made up: layers, the noise of steps, range tests."""

from __future__ import annotations

from typing import Any

import numpy as np


def made_layers(
    random: np.random.Generator, count: int, gradient: float = 1.0, spread: float = 1.0, dead: float = 0.0
) -> dict[str, list[float | None]]:
    """An epoch's ``layers`` of a net with ``count`` hidden layers.

    Args:
        gradient: the factor by which a layer's gradient is smaller than that of the next one.
        spread: the same for the activations, on the way from the inputs.
        dead: the share of dead units in the last layer.
    """
    depth = np.arange(1, count + 1)
    noise = np.exp(random.normal(0, 0.15, (2, count)))
    found = {
        "activation_mean": random.normal(0, 0.1, count),
        "activation_deviation": 0.9 * spread**depth * noise[0],
        "dead_share": dead * depth / count,
        "gradient_norm": 0.4 * gradient ** (count - depth) * noise[1],
    }
    return {name: [float(value) for value in values] for name, values in found.items()}


def made_range_test(random: np.random.Generator, best: float = 0.3, points: int = 100) -> dict[str, Any]:
    """A range test from 1e-5 to 10 whose loss is lowest near ``best`` and explodes above."""
    rates = np.geomspace(1e-5, 10, points)
    ratio = rates / (best * np.exp(random.normal(0, 0.15)))
    losses = 0.55 + 1.8 / (1 + (30 * ratio) ** 1.5) + 0.02 * ratio**4
    lowest = float(rates[int(np.argmin(losses))])
    return {"learning_rate": lowest / 10, "rates": rates.tolist(), "losses": losses.tolist()}
