"""Statistics of pixels and features: mean and deviation over the training part, and how far others stray from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bythebook.datasets.scaling import PixelStatistics, scaled
from bythebook.errors import UserError

CHUNK = 4096
WHITE = 255
Moments = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True)
class PixelMeasurements:
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


@dataclass(frozen=True)
class Range:
    """What features lie between: the smallest value of each, and what is divided by; float64 ``(d,)``."""

    low: NDArray[np.float64]
    span: NDArray[np.float64]

    @classmethod
    def of(cls, *parts: NDArray[np.float64]) -> Range:
        """The range of features ``(n, d)`` over all ``parts``; a feature that never varies is divided by 1."""
        low = np.min([part.min(axis=0) for part in parts], axis=0)
        span = np.max([part.max(axis=0) for part in parts], axis=0) - low
        return cls(low, np.where(span > 0, span, 1.0))


def measure(*parts: NDArray[Any], min_deviation: float) -> PixelMeasurements:
    """Mean and population deviation of every pixel, of pixels divided by 255; of several ``parts`` each counts as much.

    Of two parts, a pixel is divided by no less than 0.7 times its deviation in either: neither does a large part make
    extreme inputs of a small one that looks otherwise, nor a handful of images of a large one.

    Args:
        parts: uint8 ``(n, h, w)`` or ``(n, h, w, 3)``, whose sums are of whole numbers, so that the result is the same
            on every machine; or features, float64 ``(n, d)``, which are brought to [0, 1] by their range first.
        min_deviation: pixels that vary by less have this deviation instead.

    Raises:
        UserError: ``min_deviation`` is not from 0 to 1.
    """
    if not 0 <= min_deviation <= 1:
        raise UserError(f"min_deviation: must be from 0 to 1; given {min_deviation!r}.")
    limits = Range.of(*parts) if parts[0].ndim == 2 else None
    mean, deviation = _joined([_moments(part, limits) for part in parts])
    constant = deviation == 0
    raised = (deviation < min_deviation) & ~constant
    guarded = np.where(constant, 1.0, np.maximum(deviation, min_deviation))
    of_features = vars(limits) if limits else {}
    statistics = PixelStatistics(mean.astype(np.float32), guarded.astype(np.float32), **of_features)
    least = float(deviation[~constant].min()) if not constant.all() else 0.0
    return PixelMeasurements(statistics, int(constant.sum()), int(raised.sum()), least)


def largest_z(images: NDArray[Any], statistics: PixelStatistics) -> float:
    """The largest distance of any pixel from its mean, in deviations."""
    return max(float(np.abs(scaled(chunk, "standardized", statistics)).max()) for chunk in _chunks(images))


def _moments(images: NDArray[Any], limits: Range | None) -> Moments:
    if limits:
        values = (images - limits.low) / limits.span
        return values.mean(axis=0), values.std(axis=0)
    total = np.zeros(images.shape[1:], dtype=np.int64)
    squares = np.zeros(images.shape[1:], dtype=np.int64)
    for chunk in _chunks(images):
        values = chunk.astype(np.int64)
        total += values.sum(axis=0)
        squares += (values * values).sum(axis=0)
    count = len(images)
    return total / count / WHITE, np.sqrt((squares * count - total * total) / count**2) / WHITE


def _joined(moments: Sequence[Moments]) -> Moments:
    """Of a mixture in which every part has the same weight."""
    if len(moments) == 1:
        return moments[0]
    means, deviations = (np.stack(values) for values in zip(*moments, strict=True))
    mean = means.mean(axis=0)
    return mean, np.sqrt((deviations**2 + (means - mean) ** 2).mean(axis=0))


def _chunks(images: NDArray[Any]) -> Iterator[NDArray[Any]]:
    for start in range(0, len(images), CHUNK):
        yield images[start : start + CHUNK]
