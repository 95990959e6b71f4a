"""From stored bytes to the numbers a network reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bythebook.datasets.storage import load_arrays
from bythebook.errors import DataError, UserError, unknown

SCALINGS = ("standardized", "unit")
WHITE = np.float32(255)


@dataclass(frozen=True)
class PixelStatistics:
    """What is known of every pixel, or every feature of a table, over the training part.

    Attributes:
        mean: float32, of the shape of one image; of pixels divided by 255, or of features as ``low`` and ``span`` say.
        deviation: as ``mean``.
        low: of features: the smallest value of each, float64 ``(d,)``; None for images.
        span: of features: what a value less ``low`` is divided by, float64 ``(d,)``; None for images.
    """

    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]
    low: NDArray[np.float64] | None = None
    span: NDArray[np.float64] | None = None

    def arrays(self) -> dict[str, NDArray[Any]]:
        """By name, what there is of them."""
        return {name: array for name, array in vars(self).items() if array is not None}


def read_statistics(path: Path) -> PixelStatistics:
    """The statistics in ``statistics.npz``.

    Raises:
        UserError: there is no such file.
        DataError: it holds something else, or numbers that cannot be divided by.
    """
    arrays = load_arrays(path)
    if set(arrays) - {"low", "span"} != {"mean", "deviation"} or ("low" in arrays) != ("span" in arrays):
        raise DataError(f"{path}: holds {sorted(arrays)}, expected ['deviation', 'mean'].")
    statistics = PixelStatistics(**arrays)
    divisors = [array for name, array in arrays.items() if name in ("deviation", "span")]
    if not np.isfinite(statistics.mean).all() or not all((array > 0).all() for array in divisors):
        raise DataError(f"{path}: a mean is not finite or a deviation is not above 0.")
    return statistics


def unit(images: NDArray[Any], statistics: PixelStatistics) -> NDArray[np.float32]:
    """Pixels divided by 255, or features of a table moved and divided so that the training part lies in [0, 1]."""
    if statistics.low is None or statistics.span is None:
        values = np.array(images, dtype=np.float32)
        values /= WHITE
        return values
    return ((images - statistics.low) / statistics.span).astype(np.float32)


def scaled(images: NDArray[Any], scaling: str, statistics: PixelStatistics) -> NDArray[np.float32]:
    """``images`` as float32: ``unit`` brings them to [0, 1], ``standardized`` also to mean 0 and deviation 1.

    Args:
        images: uint8 ``(n, h, w)`` or ``(n, h, w, 3)``, or the features of a table, float64 ``(n, d)``.

    Raises:
        UserError: the scaling does not exist.
    """
    if scaling not in SCALINGS:
        raise UserError(f"scaling: {unknown('scaling', scaling, SCALINGS)}")
    values = unit(images, statistics)
    if scaling == "standardized":
        values -= statistics.mean
        values /= statistics.deviation
    return values
