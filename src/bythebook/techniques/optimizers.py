"""Optimizers: how a gradient moves the weights.

Each returns a Keras optimizer. The program may give ``_schedule``, a Keras learning rate schedule or a float that takes
the place of ``learning_rate``, and ``_clipping``, the keyword arguments a clipping technique returns.
``g`` is the gradient, ``w`` the weights, ``rate`` the learning rate; epsilon is Keras' 1e-7.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bythebook.catalogue import technique
from bythebook.lazy import keras
from bythebook.techniques.ranges import NonNegative, Positive, Share

Clipping = Mapping[str, float] | None


def _settings(learning_rate: float, schedule: Any, clipping: Clipping) -> dict[str, Any]:
    """The keyword arguments all Keras optimizers share."""
    return {"learning_rate": learning_rate if schedule is None else schedule, **(clipping or {})}


def _with_momentum(momentum: float, nesterov: bool, cycle: Any, settings: dict[str, Any]) -> Any:
    if cycle is None:
        return keras.optimizers.SGD(momentum=momentum, nesterov=nesterov, **settings)
    from bythebook.techniques.cycled_momentum import CycledSGD

    return CycledSGD(cycle.lowest, cycle.steps, momentum=momentum, nesterov=nesterov, **settings)


@technique("optimizer")
def sgd(learning_rate: Positive = 0.01, _schedule: Any = None, _clipping: Clipping = None) -> Any:
    """Stochastic gradient descent.

    Formula: w -= rate * g
    Prefer: as the baseline, and with a good schedule; slow on its own.
    Source: Robbins and Monro 1951; chapter 11, "Faster Optimizers".
    """
    return keras.optimizers.SGD(**_settings(learning_rate, _schedule, _clipping))


@technique("optimizer")
def momentum(
    learning_rate: Positive = 0.01,
    momentum: Share = 0.9,
    _schedule: Any = None,
    _momentum: Any = None,
    _clipping: Clipping = None,
) -> Any:
    """Gradient descent with inertia; ends up to 1 / (1 - momentum) times faster.

    Formula: m = momentum * m - rate * g; w += m
    Prefer: in both guideline tables; close to 1 it overshoots for long.
    Source: Polyak 1964; chapter 11, "Momentum".
    """
    return _with_momentum(momentum, False, _momentum, _settings(learning_rate, _schedule, _clipping))


@technique("optimizer")
def nesterov(
    learning_rate: Positive = 0.01,
    momentum: Share = 0.9,
    _schedule: Any = None,
    _momentum: Any = None,
    _clipping: Clipping = None,
) -> Any:
    """Momentum that looks at the gradient slightly ahead.

    Formula: m = momentum * m - rate * g; w += momentum * m - rate * g
    Prefer: over plain momentum, nearly always; the third edition's default.
    Source: Nesterov 1983; chapter 11, "Nesterov Accelerated Gradient".
    """
    return _with_momentum(momentum, True, _momentum, _settings(learning_rate, _schedule, _clipping))


@technique("optimizer")
def adagrad(learning_rate: Positive = 0.001, _schedule: Any = None, _clipping: Clipping = None) -> Any:
    """Steps that shrink along steep dimensions, for ever; starts from an accumulator of 0.1.

    Formula: s += g^2; w -= rate * g / sqrt(s + epsilon)
    Prefer: for simple quadratic problems; it stops too early on deep nets.
    Source: Duchi et al. 2011, JMLR 12; chapter 11, "AdaGrad".
    """
    return keras.optimizers.Adagrad(**_settings(learning_rate, _schedule, _clipping))


@technique("optimizer")
def rmsprop(
    learning_rate: Positive = 0.001, rho: Share = 0.9, _schedule: Any = None, _clipping: Clipping = None
) -> Any:
    """AdaGrad that forgets old gradients.

    Formula: s = rho * s + (1 - rho) * g^2; w -= rate * g / sqrt(s + epsilon)
    Prefer: over AdaGrad; an alternative in both guideline tables.
    Source: Tieleman and Hinton 2012, lecture 6; chapter 11, "RMSProp".
    """
    return keras.optimizers.RMSprop(rho=rho, **_settings(learning_rate, _schedule, _clipping))


@technique("optimizer")
def adam(
    learning_rate: Positive = 0.001,
    beta_1: Share = 0.9,
    beta_2: Share = 0.999,
    _schedule: Any = None,
    _clipping: Clipping = None,
) -> Any:
    """Momentum and RMSProp together, with both averages corrected for starting at 0.

    Formula: m = beta_1 m + (1 - beta_1) g; s = beta_2 s + (1 - beta_2) g^2; with m' = m / (1 - beta_1^t) and
        s' = s / (1 - beta_2^t): w -= rate * m' / (sqrt(s') + epsilon)
    Prefer: when there is no time to tune the learning rate.
    Source: Kingma and Ba 2015, arXiv:1412.6980; chapter 11, "Adam".
    """
    settings = _settings(learning_rate, _schedule, _clipping)
    return keras.optimizers.Adam(beta_1=beta_1, beta_2=beta_2, **settings)


@technique("optimizer")
def adamax(
    learning_rate: Positive = 0.001,
    beta_1: Share = 0.9,
    beta_2: Share = 0.999,
    _schedule: Any = None,
    _clipping: Clipping = None,
) -> Any:
    """Adam with the largest recent gradient in place of their mean square.

    Formula: m as in Adam; s = max(beta_2 s, |g|); w -= rate * m / (1 - beta_1^t) / (s + epsilon)
    Prefer: where Adam is unstable on a task.
    Source: Kingma and Ba 2015, arXiv:1412.6980; chapter 11, "AdaMax".
    """
    settings = _settings(learning_rate, _schedule, _clipping)
    return keras.optimizers.Adamax(beta_1=beta_1, beta_2=beta_2, **settings)


@technique("optimizer")
def nadam(
    learning_rate: Positive = 0.001,
    beta_1: Share = 0.9,
    beta_2: Share = 0.999,
    _schedule: Any = None,
    _clipping: Clipping = None,
) -> Any:
    """Adam with Nesterov's look ahead.

    Formula: Adam, with the average m replaced by the one of the next step, whose momentum grows to beta_1
    Prefer: over Adam, slightly; an alternative in both guideline tables.
    Source: Dozat 2016, ICLR workshop; chapter 11, "Nadam".
    """
    settings = _settings(learning_rate, _schedule, _clipping)
    return keras.optimizers.Nadam(beta_1=beta_1, beta_2=beta_2, **settings)


@technique("optimizer")
def adamw(
    learning_rate: Positive = 0.001,
    weight_decay: NonNegative = 0.004,
    beta_1: Share = 0.9,
    beta_2: Share = 0.999,
    _schedule: Any = None,
    _clipping: Clipping = None,
) -> Any:
    """Adam with weight decay kept apart from the gradient, as l2 is not.

    Formula: w -= rate * weight_decay * w, then Adam
    Prefer: over Adam with l2; in the third edition's default table.
    Source: Loshchilov and Hutter 2019, arXiv:1711.05101; chapter 11, "AdamW".
    """
    settings = _settings(learning_rate, _schedule, _clipping)
    return keras.optimizers.AdamW(weight_decay=weight_decay, beta_1=beta_1, beta_2=beta_2, **settings)
