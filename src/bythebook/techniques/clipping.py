"""Clipping: limits on the gradients. Each returns the keyword arguments that every Keras optimizer takes for it."""

from __future__ import annotations

from bythebook.catalogue import technique
from bythebook.techniques.ranges import Positive


@technique("clipping")
def clip_value(threshold: Positive = 1.0) -> dict[str, float]:
    """Cuts every component of the gradient to a range; may turn its direction.

    Formula: min(max(g, -threshold), threshold) for each component
    Prefer: when gradients explode and direction matters little; [0.9, 100] becomes [0.9, 1].
    Source: Pascanu et al. 2013, arXiv:1211.5063; chapter 11, "Gradient Clipping".
    """
    return {"clipvalue": threshold}


@technique("clipping")
def clip_norm(threshold: Positive = 1.0) -> dict[str, float]:
    """Shortens the gradient of each weight array that is too long; keeps its direction.

    Formula: g * threshold / ||g|| if ||g|| > threshold else g, for each kernel and bias
    Prefer: when gradients explode and the direction must stay; [0.9, 100] becomes [0.009, 1].
    Source: Pascanu et al. 2013, arXiv:1211.5063; chapter 11, "Gradient Clipping".
    """
    return {"clipnorm": threshold}
