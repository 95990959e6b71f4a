"""Batch normalization folded into Dense layers: a net of fewer layers that predicts the same.

A net that predicts normalizes with fixed moments, so that normalization is one factor and one term per unit. A linear
Dense layer right before it can take them into its own weights; else the next Dense layer behind it can.
Source: chapter 11, "Batch Normalization"; Jacob et al. 2018, arXiv:1712.05877, section 3.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bythebook.lazy import keras

# What the evaluation calls a folded net, and one at half precision.
VARIANTS = ("folded", "half")


@dataclass(frozen=True)
class _Affine:
    """``scale * x + shift``, unit by unit: float64 ``(units,)`` each."""

    scale: np.ndarray
    shift: np.ndarray

    def after(self, other: _Affine | None) -> _Affine:
        """The one map that is ``other`` followed by this one."""
        if other is None:
            return self
        return _Affine(self.scale * other.scale, self.scale * other.shift + self.shift)


def normalizes(model: Any) -> bool:
    """Whether any layer of the model is batch normalization."""
    return any(isinstance(layer, keras.layers.BatchNormalization) for layer in model.layers)


def folded(model: Any) -> Any:
    """A new model without batch normalization that predicts what ``model`` predicts, but for rounding.

    It is for predictions alone: dropout, which does nothing then, is left out. The moments are the moving ones.

    Args:
        model: a ``keras.Sequential`` with weights; it stays as it is.

    Returns:
        A ``keras.Sequential`` of the same inputs and outputs, not compiled.

    Raises:
        ValueError: no Dense layer stands where it could take up a normalization.
    """
    made: list[tuple[Any, list[np.ndarray]]] = []
    waiting: _Affine | None = None
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            if waiting is None and made and _is_linear(made[-1][0]):
                made[-1] = made[-1][0], _behind(made[-1][1], _map_of(layer))
            else:
                waiting = _map_of(layer).after(waiting)
        elif isinstance(layer, keras.layers.Dense):
            made.append((_dense(layer), _ahead(layer.get_weights(), waiting)))
            waiting = None
        elif not isinstance(layer, keras.layers.Dropout | keras.layers.AlphaDropout):
            if waiting is not None:
                raise ValueError(f"the batch normalization before '{layer.name}' cannot be folded into a Dense layer.")
            made.append((type(layer).from_config(layer.get_config()), layer.get_weights()))
    if waiting is not None:
        raise ValueError("the last batch normalization cannot be folded: no Dense layer stands right before or behind.")
    small = keras.Sequential([keras.Input(model.input_shape[1:]), *(layer for layer, _ in made)])
    for layer, weights in made:
        layer.set_weights(weights)
    return small


def multiply_adds(model: Any) -> int:
    """Multiplications, each with its addition, that one prediction of the folded model takes in its Dense layers.

    They are the same on every day and every computer, and for nets of one kind they stand for the time that a
    prediction takes; activations are not counted. ``make latency`` times nets of several sizes.
    """
    return sum(
        int(np.prod(layer.kernel.shape)) for layer in folded(model).layers if isinstance(layer, keras.layers.Dense)
    )


def half(model: Any) -> Any:
    """A copy of the model whose weights were rounded to float16 and back: half the size to store.

    It computes in float32, as processors without arithmetic of half precision would. What is beyond float16 becomes
    its largest number.
    """
    largest = np.finfo(np.float16).max
    copy = keras.models.clone_model(model)
    copy.set_weights(
        [weight.clip(-largest, largest).astype(np.float16).astype(np.float32) for weight in model.get_weights()]
    )
    return copy


def largest_logit_difference(probabilities: np.ndarray, others: np.ndarray) -> float:
    """How far two predictions are apart at most, over all images and classes.

    Logits are taken to be log-probabilities in nats, which softmax leaves of them; the smallest float32 stands for 0.

    Args:
        probabilities: float ``(n, classes)``.
        others: of the same shape.
    """
    least = np.finfo(np.float32).tiny
    one, other = (np.log(np.maximum(both.astype(np.float64), least)) for both in (probabilities, others))
    return float(np.abs(one - other).max())


def _map_of(layer: Any) -> _Affine:
    """What a batch normalization does when the net predicts."""
    mean, variance = (np.asarray(moment, np.float64) for moment in (layer.moving_mean, layer.moving_variance))
    gamma, beta = (
        np.asarray(weight, np.float64) if used else default
        for weight, used, default in ((layer.gamma, layer.scale, 1.0), (layer.beta, layer.center, 0.0))
    )
    scale = gamma / np.sqrt(variance + layer.epsilon)
    return _Affine(scale, beta - scale * mean)


def _is_linear(layer: Any) -> bool:
    return isinstance(layer, keras.layers.Dense) and layer.activation is keras.activations.linear


def _dense(layer: Any) -> Any:
    """A Dense layer of the same units and activation, with a bias, and without what only training needs."""
    return keras.layers.Dense(layer.units, activation=layer.activation, name=layer.name)


def _ahead(weights: list[np.ndarray], affine: _Affine | None) -> list[np.ndarray]:
    """Kernel ``(in, out)`` and bias ``(out,)`` of a Dense layer that maps its inputs first."""
    kernel, bias = weights if len(weights) == 2 else (weights[0], np.zeros(weights[0].shape[1], np.float32))
    if affine is None:
        return [kernel, bias]
    wide = kernel.astype(np.float64)
    return [(affine.scale[:, None] * wide).astype(np.float32), (bias + affine.shift @ wide).astype(np.float32)]


def _behind(weights: list[np.ndarray], affine: _Affine) -> list[np.ndarray]:
    """Kernel and bias of a linear Dense layer that maps its outputs afterwards."""
    kernel, bias = weights
    return [(kernel * affine.scale).astype(np.float32), (bias * affine.scale + affine.shift).astype(np.float32)]
