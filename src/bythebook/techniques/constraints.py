"""Constraints: what is done to every Dense kernel after each training step."""

from __future__ import annotations

from typing import Any

from bythebook.catalogue import technique
from bythebook.lazy import keras
from bythebook.techniques.ranges import Positive


@technique("constraint")
def max_norm(max_value: Positive = 1.0) -> Any:
    """Scales the incoming weights of a unit back when they grow too long.

    Formula: w * max_value / ||w|| if ||w|| > max_value else w, for the weights w into each unit
    Prefer: against overfitting without a term in the loss; it also helps against unstable gradients.
    Source: Srivastava et al. 2014, JMLR 15; chapter 11, "Max-Norm Regularization".
    """
    return keras.constraints.MaxNorm(max_value=max_value, axis=0)
