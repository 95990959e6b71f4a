"""What can be asked of images without their labels: their own pixels, or by how many quarters they were turned.

Source: Gidaris et al. 2018, arXiv:1803.07728 (rotations); chapter 11, "Unsupervised Pretraining" and "Pretraining on an
Auxiliary Task".
"""

from __future__ import annotations

import numpy as np

from bythebook.seeds import derived
from bythebook.target import RECONSTRUCTION, ROTATION
from bythebook.training.train import Split

QUARTERS = 4


def outputs_of(target: str, classes: int, pixels: int) -> int:
    """What a net gives one number each for: classes, quarters or pixels."""
    if target == RECONSTRUCTION:
        return pixels
    return QUARTERS if target == ROTATION else classes


def with_targets(target: str, split: Split, seed: int, part: str) -> Split:
    """The images as the net sees them, and what it is asked of them.

    Args:
        target: ``labels`` leaves the split as it is; ``reconstruction`` asks for the pixels, float32 ``(n, h * w)``;
            ``rotation`` turns every image, which must be square, by a number of quarters that follows from its place,
            the seed and the part, and asks for the number, int64 ``(n,)``. The published method shows each image turned
            in all four ways; here it is shown in one, so that an epoch has as many steps as without.
        part: which split it is; each has numbers of its own.
    """
    if target == RECONSTRUCTION:
        return Split(split.images, split.images.reshape(len(split.images), -1))
    if target == ROTATION:
        quarters = np.random.default_rng(derived(seed, "rotation", part)).integers(QUARTERS, size=len(split.images))
        return Split(turned(split.images, quarters), quarters)
    return split


def turned(images: np.ndarray, quarters: np.ndarray) -> np.ndarray:
    """A copy of square images ``(n, h, h, ...)``, each turned counterclockwise by its number of quarters ``(n,)``."""
    found = images.copy()
    for count in range(1, QUARTERS):
        chosen = quarters == count
        found[chosen] = np.rot90(images[chosen], count, axes=(1, 2))
    return found
