"""Statistics of pixels: their mean and deviation over the training part, and how far others stray from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bythebook.datasets.scaling import PixelStatistics, scaled
from bythebook.errors import UserError

CHUNK = 4096


@dataclass(frozen=True)
class Measured:
    """Statistics with what the guard did.

    Attributes:
        constant: pixels that have the same value in every image; their deviation is set to 1.
        raised: pixels that vary by less than the least deviation allowed; their deviation is raised to it.
        least: the least deviation of a pixel that varies, before the guard.
    """

    statistics: PixelStatistics
    constant: int
    raised: int
    least: float


def measure(images: NDArray[np.uint8], min_deviation: float) -> Measured:
    """Mean and population deviation of every pixel of ``images`` ``(n, h, w)``, of pixels divided by 255.

    The sums are of whole numbers, so the result is the same on every machine.

    Raises:
        UserError: ``min_deviation`` is not from 0 to 1.
    """
    if not 0 <= min_deviation <= 1:
        raise UserError(f"min_deviation: must be from 0 to 1; given {min_deviation!r}.")
    total = np.zeros(images.shape[1:], dtype=np.int64)
    squares = np.zeros(images.shape[1:], dtype=np.int64)
    for chunk in _chunks(images):
        values = chunk.astype(np.int64)
        total += values.sum(axis=0)
        squares += (values * values).sum(axis=0)
    count = len(images)
    mean = total / count / 255
    deviation = np.sqrt((squares * count - total * total) / count**2) / 255
    constant = deviation == 0
    raised = (deviation < min_deviation) & ~constant
    guarded = np.where(constant, 1.0, np.maximum(deviation, min_deviation))
    statistics = PixelStatistics(mean.astype(np.float32), guarded.astype(np.float32))
    least = float(deviation[~constant].min()) if not constant.all() else 0.0
    return Measured(statistics, int(constant.sum()), int(raised.sum()), least)


def largest_z(images: NDArray[np.uint8], statistics: PixelStatistics) -> float:
    """The largest distance of any pixel from its mean, in deviations."""
    return max(float(np.abs(scaled(chunk, "standardized", statistics)).max()) for chunk in _chunks(images))


def _chunks(images: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    for start in range(0, len(images), CHUNK):
        yield images[start : start + CHUNK]
