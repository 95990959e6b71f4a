"""Augmentations: training images changed at random, so that no net sees the same image twice.

Each returns a new Keras layer for tensors of shape ``(batch, height, width)`` that keeps shape and dtype, and does
nothing when the net predicts.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from bythebook.catalogue import technique

ShiftShare = Annotated[float, Field(ge=0, le=0.5)]


@technique("augmentation")
def shift_and_flip(_seed: int, height: ShiftShare = 0.2, width: ShiftShare = 0.2, flip: bool = False) -> Any:
    """Moves every image by whole pixels, and mirrors half of them if asked to; a moved edge repeats its last pixel.

    Formula: image[y + dy, x + dx] with whole dy, dx uniform within the shares ``height`` and ``width`` of the size;
        with ``flip``, x counts from the right with chance 1/2
    Prefer: when images are few and a moved one is of the same class; flips suit clothes, not letters. On inputs in
        [0, 1]: standardized pixels have each the mean of their own place.
    Source: Keras, ``ImageDataGenerator``; source note S001; chapter 11, "Avoiding Overfitting Through Regularization".
    """
    from bythebook.techniques.augmentation_layers import ShiftAndFlip

    return ShiftAndFlip(height, width, flip, seed=_seed)
