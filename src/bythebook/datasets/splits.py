"""Reading the splits that standardize and split_tasks wrote."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bythebook.datasets.budgets import first_labels
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
class StoredImages:
    """Which images of a split are seen, and under which labels.

    Attributes:
        pixels: uint8 ``(n, h, w)`` or ``(n, h, w, 3)``, or the features of a table, float64 ``(n, d)``; as stored.
        labels: int64 ``(n,)``, positions in ``classes``.
        classes: the names of the classes.
    """

    pixels: NDArray[Any]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]


def load(
    directory: Path,
    split: str,
    scaling: str,
    task: Path | None = None,
    side: str | None = None,
    labels: int | None = None,
) -> Images:
    """One split of the standardized data, scaled, or one side of a task in it.

    Args:
        directory: the folder that standardize wrote.
        split: one of :data:`SPLITS`. Only the evaluation may ask for ``test``.
        scaling: ``standardized`` or ``unit``.
        task: the task's folder below the one that split_tasks wrote.
        side: ``a`` or ``b``; given with ``task`` only.
        labels: how many of the side's training images are seen, as :func:`first_labels` chooses them; None: all.

    Raises:
        UserError: a file is missing, the split, scaling or side does not exist, or there are fewer labels.
        DataError: a file does not hold what it should.
    """
    view = look(directory, split, task, side, labels)
    return Images(scaled(view.pixels, scaling, statistics(directory, task)), view.labels, view.classes)


def statistics(directory: Path, task: Path | None = None) -> PixelStatistics:
    """What the images are scaled by: a task of two data sets has statistics of its own, the same for both sides."""
    own = task / STATISTICS if task else None
    return read_statistics(own if own and own.is_file() else directory / STATISTICS)


def look(
    directory: Path, split: str, task: Path | None = None, side: str | None = None, labels: int | None = None
) -> StoredImages:
    """The same images as :func:`load` gives, as stored: to be shown, not trained on."""
    if split not in SPLITS:
        raise UserError(f"split: {unknown('split', split, SPLITS)}")
    # Still mapped into memory, but plain arrays to whoever gets them.
    pixels = np.asarray(load_array(directory / split / "images.npy"))
    every = np.asarray(load_array(directory / split / "labels.npy"))
    if (pixels.dtype.name, pixels.ndim) not in KINDS or every.shape != pixels.shape[:1]:
        raise DataError(f"{directory / split}: images {pixels.dtype} {pixels.shape} do not fit labels {every.shape}.")
    if task is None and side is None:
        return StoredImages(pixels, np.array(every), tuple(read_json(directory / "card.json")["classes"]))
    if task is None or side not in SIDES:
        raise UserError(f"side: {unknown('side', side, SIDES)} It is given together with a task.")
    declared = read_json(task / "task.json")
    chosen = positions(every, split, task, side, labels)
    return StoredImages(pixels[chosen], _mapped(every[chosen], declared, task, side), tuple(declared[side]["names"]))


def positions(every: NDArray[Any], split: str, task: Path, side: str, labels: int | None = None) -> NDArray[np.int64]:
    """Where the images of one side of a task stand in a split, ascending.

    Args:
        every: the labels of the whole split, ``(n,)``.
        labels: how many training images; other splits are seen in full.

    Raises:
        UserError: a file is missing, or there are fewer training images than ``labels``.
        DataError: the task's file does not fit the split.
    """
    if split == "test":
        # The indices of the test split are never stored: split_tasks must not read it.
        own = [int(old) for old in read_json(task / "task.json")["label_map"][side]]
        chosen = np.flatnonzero(np.isin(every, own))
    else:
        chosen = np.array(load_array(task / f"{side}_{split}.npy"))
    if len(chosen) == 0 or chosen.min() < 0 or chosen.max() >= len(every):
        raise DataError(f"{task}: {side}_{split} is empty or points outside the split of {len(every)} images.")
    if labels is None or split != "train":
        return chosen
    try:
        return chosen[first_labels(every[chosen], labels)]
    except ValueError as error:
        raise UserError(f"{task.name}: {error}") from None


def _mapped(labels: NDArray[Any], declared: dict[str, Any], task: Path, side: str) -> NDArray[np.int64]:
    """The labels that images have within a side of a task."""
    new_labels = {int(old): new for old, new in declared["label_map"][side].items()}
    table = np.full(max(int(labels.max()), *new_labels) + 1, -1, dtype=np.int64)
    table[list(new_labels)] = list(new_labels.values())
    mapped = table[labels]
    if mapped.min() < 0:
        raise DataError(f"{task}: side {side} holds an image of a class outside the task; run split_tasks again.")
    return mapped
