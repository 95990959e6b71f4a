"""Images of the data as PNG inside the page, pixel by pixel."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.image import imsave

EXAMPLES = 10


def picture(images: np.ndarray) -> str:
    """A data URI of uint8 images side by side: (n, h, w), black to white, or (n, h, w, 3) in colour."""
    count, height, width = images.shape[:3]
    gap = max(width // 8, 1)
    row = np.zeros((height, count, width + gap, 4), np.uint8)
    row[:, :, :width, :3] = images.swapaxes(0, 1).reshape(height, count, width, -1)
    row[:, :, :width, 3] = 255
    buffer = io.BytesIO()
    # The name of the program that wrote it would differ between versions.
    unsigned: dict[str, Any] = {"Software": None}
    imsave(buffer, row.reshape(height, -1, 4)[:, :-gap], format="png", metadata=unsigned)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def strips(examples: Path, classes: Sequence[str]) -> list[str]:
    """For each class one picture of its first training images side by side; empty for a class without any.

    Args:
        examples: the folder with ``images.npy`` and ``labels.npy``.
    """
    images = np.load(examples / "images.npy", mmap_mode="r", allow_pickle=False)
    labels = np.load(examples / "labels.npy", allow_pickle=False)
    found = []
    for index in range(len(classes)):
        chosen = np.flatnonzero(labels == index)[:EXAMPLES]
        found.append(picture(images[chosen]) if len(chosen) else "")
    return found
