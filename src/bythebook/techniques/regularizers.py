"""Regularizers: what is added to the loss for every Dense kernel, so that weights stay small or few."""

from __future__ import annotations

from typing import Any

from bythebook.catalogue import technique
from bythebook.lazy import keras
from bythebook.techniques.ranges import Positive


@technique("regularizer")
def l1(factor: Positive = 0.01) -> Any:
    """Penalty on the absolute weights (lasso).

    Formula: factor * sum |w|
    Prefer: when a sparse model is wanted; strong factors underfit.
    Source: Tibshirani 1996; chapter 11, "l1 and l2 Regularization".
    """
    return keras.regularizers.L1(factor)


@technique("regularizer")
def l2(factor: Positive = 0.01) -> Any:
    """Penalty on the squared weights (ridge).

    Formula: factor * sum w^2 (no 1/2)
    Prefer: when early stopping is not enough; with SGD and momentum, while Adam wants decoupled decay (adamw).
    Source: Krogh and Hertz 1991, NIPS; chapter 11, "l1 and l2 Regularization".
    """
    return keras.regularizers.L2(factor)


@technique("regularizer")
def l1_l2(l1: Positive = 0.01, l2: Positive = 0.01) -> Any:
    """Both penalties at once (elastic net).

    Formula: l1 * sum |w| + l2 * sum w^2
    Prefer: when sparse weights are wanted and large ones are not.
    Source: Zou and Hastie 2005; chapter 11, "l1 and l2 Regularization".
    """
    return keras.regularizers.L1L2(l1=l1, l2=l2)
