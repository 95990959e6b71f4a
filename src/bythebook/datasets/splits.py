"""Reading the splits that standardize and split_tasks wrote."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bythebook.datasets.scaling import PixelStatistics, read_statistics, scaled
from bythebook.datasets.storage import load_array
from bythebook.documents import read_json
from bythebook.errors import DataError, UserError, unknown

SPLITS = ("train", "validation", "test")
SIDES = ("a", "b")
STATISTICS = "statistics.npz"
# Images in grey, images in colour, features of a table.
KINDS = (("uint8", 3), ("uint8", 4), ("float64", 2))


@dataclass(frozen=True)
class Images:
    """What a network is trained or judged on.

    Attributes:
        images: float32 ``(n, h, w)``, ``(n, h, w, 3)`` or ``(n, d)``, scaled.
        labels: int64 ``(n,)``, positions in ``classes``.
        classes: the names of the classes.
    """

    images: NDArray[np.float32]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]


@dataclass(frozen=True)
class View:
    """Which images of a split are seen, and under which labels.

    Attributes:
        pixels: uint8 ``(n, h, w)`` or ``(n, h, w, 3)``, or the features of a table, float64 ``(n, d)``; as stored.
        labels: int64 ``(n,)``, positions in ``classes``.
        classes: the names of the classes.
    """

    pixels: NDArray[Any]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]


def load(directory: Path, split: str, scaling: str, task: Path | None = None, side: str | None = None) -> Images:
    """One split of the standardized data, scaled, or one side of a task in it.

    Args:
        directory: the folder that standardize wrote.
        split: one of :data:`SPLITS`. Only the evaluation may ask for ``test``.
        scaling: ``standardized`` or ``unit``.
        task: the task's folder below the one that split_tasks wrote.
        side: ``a`` or ``b``; given with ``task`` only.

    Raises:
        UserError: a file is missing, or the split, scaling or side does not exist.
        DataError: a file does not hold what it should.
    """
    view = look(directory, split, task, side)
    return Images(scaled(view.pixels, scaling, statistics(directory, task)), view.labels, view.classes)


def statistics(directory: Path, task: Path | None = None) -> PixelStatistics:
    """What the images are scaled by: a task of two data sets has statistics of its own, the same for both sides."""
    own = task / STATISTICS if task else None
    return read_statistics(own if own and own.is_file() else directory / STATISTICS)


def look(directory: Path, split: str, task: Path | None = None, side: str | None = None) -> View:
    """The same images as :func:`load` gives, as stored: to be shown, not trained on."""
    if split not in SPLITS:
        raise UserError(f"split: {unknown('split', split, SPLITS)}")
    # Still mapped into memory, but plain arrays to whoever gets them.
    pixels = np.asarray(load_array(directory / split / "images.npy"))
    labels = np.asarray(load_array(directory / split / "labels.npy"))
    if (pixels.dtype.name, pixels.ndim) not in KINDS or labels.shape != pixels.shape[:1]:
        raise DataError(f"{directory / split}: images {pixels.dtype} {pixels.shape} do not fit labels {labels.shape}.")
    if task is None and side is None:
        return View(pixels, np.array(labels), tuple(read_json(directory / "card.json")["classes"]))
    if task is None or side not in SIDES:
        raise UserError(f"side: {unknown('side', side, SIDES)} It is given together with a task.")
    return _one_side(pixels, labels, split, task, side)


def _one_side(pixels: NDArray[Any], labels: NDArray[Any], split: str, task: Path, side: str) -> View:
    declared = read_json(task / "task.json")
    new_labels = {int(old): new for old, new in declared["label_map"][side].items()}
    if split == "test":
        # The indices of the test split are never stored: split_tasks must not read it.
        chosen = np.flatnonzero(np.isin(labels, list(new_labels)))
    else:
        chosen = np.array(load_array(task / f"{side}_{split}.npy"))
    if len(chosen) == 0 or chosen.min() < 0 or chosen.max() >= len(labels):
        raise DataError(f"{task}: {side}_{split} is empty or points outside the split of {len(labels)} images.")
    table = np.full(max(int(labels.max()), *new_labels) + 1, -1, dtype=np.int64)
    table[list(new_labels)] = list(new_labels.values())
    mapped = table[labels[chosen]]
    if mapped.min() < 0:
        raise DataError(f"{task}: {side}_{split} holds an image of a class outside the task; run split_tasks again.")
    return View(pixels[chosen], mapped, tuple(declared[side]["names"]))
