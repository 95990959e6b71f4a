"""What can be asked of images without their labels: their own pixels, or by how many quarters they were turned.

Source: Gidaris et al. 2018, arXiv:1803.07728 (rotations); chapter 11, "Unsupervised Pretraining" and "Pretraining on an
Auxiliary Task".
"""

from __future__ import annotations

import numpy as np

from bythebook.errors import UserError
from bythebook.seeds import derived
from bythebook.target import RECONSTRUCTION, ROTATION
from bythebook.training.engine import Split

QUARTERS = 4


def outputs_of(target: str, classes: int, pixels: int) -> int:
    """What a net gives one number each for: classes, quarters or pixels."""
    if target == RECONSTRUCTION:
        return pixels
    return QUARTERS if target == ROTATION else classes


def posed(target: str, split: Split, seed: int, part: str) -> Split:
    """The images as the net sees them, and what it is asked of them.

    Args:
        target: ``labels`` leaves the split as it is; ``reconstruction`` asks for the pixels, float32 ``(n, h * w)``;
            ``rotation`` turns every image by a number of quarters that follows from its place, the seed and the part,
            and asks for the number, int64 ``(n,)``. The published method shows each image turned in all four ways;
            here it is shown in one, so that an epoch has as many steps as without.
        part: which split it is; each has numbers of its own.

    Raises:
        UserError: images to be turned are not square.
    """
    if target == RECONSTRUCTION:
        return Split(split.images, split.images.reshape(len(split.images), -1))
    if target == ROTATION:
        check_square(split.images.shape[1:], "the images")
        quarters = np.random.default_rng(derived(seed, "rotation", part)).integers(QUARTERS, size=len(split.images))
        return Split(turned(split.images, quarters), quarters)
    return split


def turned(images: np.ndarray, quarters: np.ndarray) -> np.ndarray:
    """A copy of square images ``(n, h, h)``, each turned counterclockwise by its number of quarters, int64 ``(n,)``."""
    found = images.copy()
    for count in range(1, QUARTERS):
        chosen = quarters == count
        found[chosen] = np.rot90(images[chosen], count, axes=(1, 2))
    return found


def check_square(shape: tuple[int, ...], what: str) -> None:
    """Lets square images pass.

    Raises:
        UserError: they are not square, and so cannot be turned by a quarter.
    """
    height, width = shape
    if height != width:
        raise UserError(f"{what}: are {height} by {width} pixels; to tell how they were turned, they must be square.")
