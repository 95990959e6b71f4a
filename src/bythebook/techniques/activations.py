"""Activations: the nonlinearity between the layers.

Each returns a new Keras layer for tensors of shape ``(batch, units)`` that keeps shape and dtype. Build one per hidden
layer and put it after the Dense layer (which then has no activation of its own).
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from bythebook.catalogue import technique
from bythebook.lazy import keras
from bythebook.techniques.ranges import NonNegative, Positive


@technique("activation")
def relu() -> Any:
    """Rectified linear unit.

    Formula: max(0, z)
    Prefer: as the first thing to try for shallow nets, and where prediction must be fast.
    Source: Nair and Hinton 2010, ICML; chapter 11, "Better Activation Functions".
    """
    return keras.layers.Activation("relu")


@technique("activation")
def leaky_relu(negative_slope: NonNegative = 0.2) -> Any:
    """ReLU that leaks on the negative side, so that no unit dies.

    Formula: z if z >= 0 else negative_slope * z
    Prefer: over ReLU when units die, and over smoother functions when speed matters.
    Source: Maas et al. 2013, ICML; Xu et al. 2015, arXiv:1505.00853; chapter 11, "Leaky ReLU".
    """
    return keras.layers.LeakyReLU(negative_slope=negative_slope)


@technique("activation")
def prelu() -> Any:
    """Leaky ReLU whose slope is learned, one per unit, from 0.

    Formula: z if z >= 0 else alpha * z, alpha trained
    Prefer: with many images; with few it overfits.
    Source: He et al. 2015, arXiv:1502.01852; chapter 11, "Leaky ReLU".
    """
    return keras.layers.PReLU()


@technique("activation")
def elu(alpha: Positive = 1.0) -> Any:
    """Exponential linear unit: negative outputs pull the mean activation towards 0.

    Formula: z if z >= 0 else alpha * (exp(z) - 1)
    Prefer: over the ReLU variants in the second edition's default net; slower to compute.
    Source: Clevert et al. 2016, arXiv:1511.07289; chapter 11, "ELU and SELU".
    """
    return keras.layers.ELU(alpha=alpha)


@technique("activation")
def selu() -> Any:
    """Scaled ELU: a plain stack of dense layers normalizes itself.

    Formula: 1.0507 * (z if z >= 0 else 1.6733 * (exp(z) - 1))
    Prefer: for deep plain dense nets, with LeCun initialization, standardized inputs, and neither batch normalization,
        ordinary dropout, l1, l2 nor max-norm.
    Source: Klambauer et al. 2017, arXiv:1706.02515; chapter 11, "ELU and SELU".
    """
    return keras.layers.Activation("selu")


@technique("activation")
def gelu(approximate: bool = False) -> Any:
    """Gaussian error linear unit: z weighted by the chance that a standard normal is below it.

    Formula: z * (1 + erf(z / sqrt(2))) / 2; ``approximate`` uses tanh instead of erf
    Prefer: for complex tasks, where it often beats the others; slower to compute.
    Source: Hendrycks and Gimpel 2016, arXiv:1606.08415; chapter 11, "GELU, Swish, and Mish".
    """
    if not approximate:
        return keras.layers.Activation("gelu")
    from bythebook.techniques.layers import ApproximateGelu

    return ApproximateGelu()


@technique("activation")
def swish(beta: Positive = 1.0) -> Any:
    """Swish, also called SiLU when beta is 1.

    Formula: z * sigmoid(beta * z)
    Prefer: as the third edition's default for deep nets.
    Source: Ramachandran et al. 2017, arXiv:1710.05941; chapter 11, "GELU, Swish, and Mish".
    """
    if beta == 1.0:
        return keras.layers.Activation("silu")
    from bythebook.techniques.layers import Swish

    return Swish(beta=beta)


@technique("activation")
def mish() -> Any:
    """Mish: smooth, not convex, not monotonic, close to Swish.

    Formula: z * tanh(log(1 + exp(z)))
    Prefer: as an alternative to Swish on complex tasks.
    Source: Misra 2019, arXiv:1908.08681; chapter 11, "GELU, Swish, and Mish".
    """
    return keras.layers.Activation("mish")


@technique("activation")
def tanh() -> Any:
    """Hyperbolic tangent: S-shaped, centred on 0, slope 1 at 0.

    Formula: 2 * sigmoid(2 * z) - 1
    Prefer: over the logistic sigmoid; with Glorot initialization.
    Source: LeCun et al. 1998, "Efficient BackProp"; chapter 11, "Glorot and He Initialization".
    """
    return keras.layers.Activation("tanh")


@technique("activation")
def sigmoid() -> Any:
    """Logistic function: S-shaped, saturates at 0 and 1, slope at most 1/4.

    Formula: 1 / (1 + exp(-z))
    Prefer: not in hidden layers; it shows how gradients vanish.
    Source: chapter 11, "The Vanishing/Exploding Gradients Problems".
    """
    return keras.layers.Activation("sigmoid")


@technique("activation")
def linear() -> Any:
    """No activation: the net stays one linear map, however deep.

    Formula: z
    Prefer: never in hidden layers; it is the control for every other activation.
    Source: chapter 10, "The Multilayer Perceptron and Backpropagation".
    """
    return keras.layers.Activation("linear")


@technique("activation")
def maxout(pieces: Annotated[int, Field(ge=2)] = 2, _seed: int | None = None) -> Any:
    """The largest of several trained linear maps: the nonlinearity itself is learned.

    Formula: max over i of (W_i' z + b_i), i = 1..pieces, each as wide as z
    Prefer: rarely; it multiplies the weights of the net by more than ``pieces``.
    Source: Goodfellow et al. 2013, arXiv:1302.4389.
    """
    from bythebook.techniques.layers import Maxout

    return Maxout(pieces=pieces, seed=_seed)
