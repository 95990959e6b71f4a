"""From stored bytes to the numbers a network reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bythebook.datasets.storage import load_arrays
from bythebook.errors import DataError, UserError, unknown

SCALINGS = ("standardized", "unit")
WHITE = np.float32(255)


@dataclass(frozen=True)
class PixelStatistics:
    """Mean and deviation of every pixel over the training part, of pixels divided by 255: float32 ``(h, w)``."""

    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]


def read_statistics(path: Path) -> PixelStatistics:
    """The statistics in ``statistics.npz``.

    Raises:
        UserError: there is no such file.
        DataError: it holds something else, or numbers that cannot be divided by.
    """
    arrays = load_arrays(path)
    if set(arrays) != {"mean", "deviation"}:
        raise DataError(f"{path}: holds {sorted(arrays)}, expected ['deviation', 'mean'].")
    statistics = PixelStatistics(**arrays)
    if not (np.isfinite(statistics.mean).all() and (statistics.deviation > 0).all()):
        raise DataError(f"{path}: a mean is not finite or a deviation is not above 0.")
    return statistics


def scaled(images: NDArray[np.uint8], scaling: str, statistics: PixelStatistics) -> NDArray[np.float32]:
    """``images`` ``(n, h, w)`` as float32: ``unit`` divides by 255, ``standardized`` also by pixel statistics.

    Raises:
        UserError: the scaling does not exist.
    """
    if scaling not in SCALINGS:
        raise UserError(f"scaling: {unknown('scaling', scaling, SCALINGS)}")
    values = np.array(images, dtype=np.float32)
    values /= WHITE
    if scaling == "standardized":
        values -= statistics.mean
        values /= statistics.deviation
    return values
