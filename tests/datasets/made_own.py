"""Data of the user's own, made for the tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def noise(seed: int, shape: tuple[int, ...] = (6, 5)) -> np.ndarray:
    """An image of noise, uint8."""
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def write_image(path: Path, image: np.ndarray, mode: str | None = None) -> Path:
    """Writes an image file, in another mode of Pillow's if one is given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = Image.fromarray(image)
    (made.convert(mode) if mode else made).save(path)
    return path


def write_classes(folder: Path, per_class: int = 4, classes: tuple[str, ...] = ("cat", "dog"), first: int = 0) -> Path:
    """A folder of PNG files, a subfolder for each class, no two images alike."""
    for label, name in enumerate(classes):
        for number in range(per_class):
            write_image(folder / name / f"{number}.png", noise(first + label * per_class + number))
    return folder
