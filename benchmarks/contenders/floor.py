"""The matrix products of a net's training alone: no epoch can be faster through the same BLAS."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.clock import Clock
from benchmarks.contenders import BATCH, Request
from benchmarks.data import load
from benchmarks.nets import NETS


@dataclass(frozen=True)
class Layer:
    """What one layer multiplies, and where the products go: float32, allocated once, as a compiled program does it.

    Attributes:
        x: the inputs ``(batch, in)``.
        w: the weights ``(in, out)``.
        gradient: of the outputs, ``(batch, out)``.
        outputs: ``(batch, out)``.
        w_gradient: ``(in, out)``.
        x_gradient: ``(batch, in)``.
    """

    x: np.ndarray
    w: np.ndarray
    gradient: np.ndarray
    outputs: np.ndarray
    w_gradient: np.ndarray
    x_gradient: np.ndarray


def run(request: Request) -> dict[str, Any]:
    """Does the products of so many epochs; validation is not part of them."""
    net = NETS[request.net]
    data = load(net.side, request.images, request.times)
    steps = -(-len(data.x) // BATCH)
    layers = operands(net.widths(data.x[0].size, data.classes), BATCH)
    once(layers)
    clock = Clock()
    for _ in range(request.epochs):
        for _ in range(steps):
            once(layers)
        clock.mark()
    return {**clock.answer(), "images": len(data.x), "steps": steps}


def operands(widths: list[int], batch: int) -> list[Layer]:
    """The layers of a net with these widths, inputs and classes included, filled at random."""
    random = np.random.default_rng(0)

    def drawn(*shape: int) -> np.ndarray:
        return random.standard_normal(shape, dtype=np.float32)

    return [
        Layer(
            drawn(batch, fan_in), drawn(fan_in, units), drawn(batch, units),
            drawn(batch, units), drawn(fan_in, units), drawn(batch, fan_in),
        )
        for fan_in, units in pairwise(widths)
    ]  # fmt: skip


def once(layers: list[Layer]) -> None:
    """The products of one training step."""
    for index, layer in enumerate(layers):
        np.matmul(layer.x, layer.w, out=layer.outputs)
        np.matmul(layer.x.T, layer.gradient, out=layer.w_gradient)
        if index:
            np.matmul(layer.gradient, layer.w.T, out=layer.x_gradient)
