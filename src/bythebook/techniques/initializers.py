"""Initializers: the distribution that the weights of a layer start from.

Each returns a Keras initializer seeded with ``_seed``: two built alike give equal float32 values. ``fan_in`` and
``fan_out`` are the numbers of inputs and units of the layer. The normal ones are truncated at two deviations, as Keras
draws them, and corrected so that the deviation is the one of the formula. Give every layer a seed of its own.
"""

from __future__ import annotations

from typing import Any, Literal

from bythebook.catalogue import technique
from bythebook.lazy import keras
from bythebook.techniques.ranges import Finite, Positive


@technique("initializer")
def he_normal(_seed: int) -> Any:
    """He initialization, normal.

    Formula: w ~ N(0, 2 / fan_in)
    Prefer: with ReLU and its variants, ELU, GELU, Swish and Mish; the default of the default net.
    Source: He et al. 2015, arXiv:1502.01852; chapter 11, "Glorot and He Initialization".
    """
    return keras.initializers.HeNormal(seed=_seed)


@technique("initializer")
def he_uniform(_seed: int) -> Any:
    """He initialization, uniform.

    Formula: w ~ U(-r, r), r = sqrt(6 / fan_in)
    Prefer: where he_normal fits and no weight should be far out.
    Source: He et al. 2015, arXiv:1502.01852; chapter 11, "Glorot and He Initialization".
    """
    return keras.initializers.HeUniform(seed=_seed)


@technique("initializer")
def he_average_uniform(_seed: int) -> Any:
    """He initialization scaled by the average fan, uniform.

    Formula: w ~ U(-r, r), r = sqrt(6 / fan_average), fan_average = (fan_in + fan_out) / 2
    Prefer: when the backward signal of a ReLU net should keep its variance as well as the forward one.
    Source: He et al. 2015, arXiv:1502.01852; chapter 11, "Glorot and He Initialization".
    """
    return keras.initializers.VarianceScaling(scale=2.0, mode="fan_avg", distribution="uniform", seed=_seed)


@technique("initializer")
def glorot_normal(_seed: int) -> Any:
    """Glorot (Xavier) initialization, normal.

    Formula: w ~ N(0, 2 / (fan_in + fan_out))
    Prefer: with no activation, tanh, the logistic sigmoid and softmax.
    Source: Glorot and Bengio 2010, AISTATS; chapter 11, "Glorot and He Initialization".
    """
    return keras.initializers.GlorotNormal(seed=_seed)


@technique("initializer")
def glorot_uniform(_seed: int) -> Any:
    """Glorot (Xavier) initialization, uniform; what Keras does when nothing is said.

    Formula: w ~ U(-r, r), r = sqrt(6 / (fan_in + fan_out))
    Prefer: with no activation, tanh, the logistic sigmoid and softmax; the output layer.
    Source: Glorot and Bengio 2010, AISTATS; chapter 11, "Glorot and He Initialization".
    """
    return keras.initializers.GlorotUniform(seed=_seed)


@technique("initializer")
def lecun_normal(_seed: int) -> Any:
    """LeCun initialization, normal.

    Formula: w ~ N(0, 1 / fan_in)
    Prefer: with SELU, which normalizes itself only with it.
    Source: LeCun et al. 1998, "Efficient BackProp"; chapter 11, "Glorot and He Initialization".
    """
    return keras.initializers.LecunNormal(seed=_seed)


@technique("initializer")
def lecun_uniform(_seed: int) -> Any:
    """LeCun initialization, uniform.

    Formula: w ~ U(-r, r), r = sqrt(3 / fan_in)
    Prefer: where lecun_normal fits and no weight should be far out.
    Source: LeCun et al. 1998, "Efficient BackProp"; chapter 11, "Glorot and He Initialization".
    """
    return keras.initializers.LecunUniform(seed=_seed)


@technique("initializer")
def variance_scaling(
    _seed: int,
    scale: Positive = 1.0,
    mode: Literal["fan_in", "fan_out", "fan_avg"] = "fan_in",
    distribution: Literal["truncated_normal", "untruncated_normal", "uniform"] = "truncated_normal",
) -> Any:
    """The family that Glorot, He and LeCun belong to, with its three parts free.

    Formula: variance of w = scale / fan, fan being what ``mode`` says
    Prefer: to try a scale between the named ones.
    Source: Keras, ``VarianceScaling``; chapter 11, "Glorot and He Initialization".
    """
    return keras.initializers.VarianceScaling(scale=scale, mode=mode, distribution=distribution, seed=_seed)


@technique("initializer")
def random_normal(_seed: int, deviation: Positive = 0.05) -> Any:
    """Normal weights whose deviation ignores the size of the layer; the "normal" of the source notes.

    Formula: w ~ N(0, deviation^2)
    Prefer: never for training; it is the control that shows what scaling by the fans is worth.
    Source: Keras, ``RandomNormal``; chapter 11, "The Vanishing/Exploding Gradients Problems".
    """
    return keras.initializers.RandomNormal(mean=0.0, stddev=deviation, seed=_seed)


@technique("initializer")
def random_uniform(_seed: int, limit: Positive = 0.05) -> Any:
    """Uniform weights whose range ignores the size of the layer.

    Formula: w ~ U(-limit, limit)
    Prefer: never for training; it is a control, as random_normal is.
    Source: Keras, ``RandomUniform``; chapter 11, "The Vanishing/Exploding Gradients Problems".
    """
    return keras.initializers.RandomUniform(minval=-limit, maxval=limit, seed=_seed)


@technique("initializer")
def constant(value: Finite) -> Any:
    """The same value for every weight.

    Formula: w = value
    Prefer: never; the units of a layer stay equal for ever, which is what the exercise about it shows.
    Source: Keras, ``Constant``; chapter 11, exercise 2 (equal initial weights).
    """
    return keras.initializers.Constant(value)
