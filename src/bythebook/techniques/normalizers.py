"""Normalizers: what keeps the distribution of each layer's inputs stable while the net trains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from bythebook.catalogue import technique
from bythebook.lazy import keras
from bythebook.techniques.ranges import Positive

Momentum = Annotated[float, Field(gt=0, lt=1)]


@dataclass(frozen=True)
class Normalizer:
    """Where the builder puts normalization layers, and how it makes them.

    Attributes:
        position: ``"before"`` each hidden activation (between it and its Dense layer) or ``"after"`` it.
        inputs: whether one more layer stands right after the flattened inputs.
        outputs: whether one more layer stands before the output's activation.
        dense_bias: whether hidden Dense layers keep their bias: normalization right after them subtracts it again.
        make: makes a new normalization layer, with a name if it is given one; call it once per place.
    """

    position: Literal["before", "after"]
    inputs: bool
    outputs: bool
    dense_bias: bool
    make: Callable[..., Any]


def _batch_normalization(momentum: float, epsilon: float) -> Callable[..., Any]:
    return lambda name=None: keras.layers.BatchNormalization(momentum=momentum, epsilon=epsilon, name=name)


@technique("normalizer")
def batch_norm_before(
    inputs: bool = True,
    outputs: bool = False,
    bias: bool = False,
    momentum: Momentum = 0.99,
    epsilon: Positive = 0.001,
) -> Normalizer:
    """Batch normalization between a Dense layer and its activation.

    Formula: gamma * (z - mean) / sqrt(variance + epsilon) + beta, moments of the batch; moving averages of them predict
    Prefer: as the authors of the method put it; try both places. The Dense layers lose their bias unless ``bias``.
    Source: Ioffe and Szegedy 2015, arXiv:1502.03167; chapter 11, "Batch Normalization".
    """
    return Normalizer("before", inputs, outputs, bias, _batch_normalization(momentum, epsilon))


@technique("normalizer")
def batch_norm_after(inputs: bool = True, momentum: Momentum = 0.99, epsilon: Positive = 0.001) -> Normalizer:
    """Batch normalization after the activation.

    Formula: gamma * (z - mean) / sqrt(variance + epsilon) + beta, moments of the batch; moving averages of them predict
    Prefer: for deep nets with ELU or ReLU; not with SELU, which normalizes itself.
    Source: Ioffe and Szegedy 2015, arXiv:1502.03167; chapter 11, "Batch Normalization".
    """
    return Normalizer("after", inputs, False, True, _batch_normalization(momentum, epsilon))
