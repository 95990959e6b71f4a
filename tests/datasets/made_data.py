"""Small datasets made for the tests."""

from __future__ import annotations

import gzip
import hashlib
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bythebook.datasets import idx
from bythebook.datasets.dataset import Dataset, SourceFile
from bythebook.datasets.labelled import Labelled
from bythebook.datasets.standardize import SplitPlan, standardize

CLASSES = ("circle", "square", "star", "cross")
SHAPE = (5, 4)
FIRST = SplitPlan(method="first", validation=20, test=None, seed=1)
NAMES = (idx.TRAIN_IMAGES, idx.TRAIN_LABELS, idx.TEST_IMAGES, idx.TEST_LABELS)


def labelled(count: int, seed: int = 0, shape: tuple[int, int] = SHAPE, classes: int = len(CLASSES)) -> Labelled:
    """``count`` images of noise, no two alike, whose classes take turns."""
    images = np.random.default_rng(seed).integers(0, 256, (count, *shape), dtype=np.uint8)
    return Labelled(images, np.arange(count, dtype=np.int64) % classes)


def idx_bytes(array: NDArray[Any]) -> bytes:
    """``array`` as the content of an idx file of unsigned bytes."""
    header = bytes((0, 0, idx.UNSIGNED_BYTE, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(np.uint8).tobytes()


def write_idx(path: Path, array: NDArray[Any]) -> None:
    """Writes ``array`` as a compressed idx file; equal arrays give equal bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(idx_bytes(array), mtime=0))


def write_folder(folder: Path, train: Labelled, test: Labelled) -> Path:
    """Writes the four files of an MNIST-like dataset."""
    arrays = (train.images, train.labels, test.images, test.labels)
    for name, array in zip(NAMES, arrays, strict=True):
        write_idx(folder / name, array)
    return folder


def dataset_of(folder: Path, *addresses: str, name: str = "tiny_shapes") -> Dataset:
    """The dataset whose files stand in ``folder``, pinned as they are now."""
    files = []
    for file in NAMES:
        content = (folder / file).read_bytes()
        files.append(SourceFile(file, len(content), hashlib.sha256(content).hexdigest()))
    return Dataset(name, CLASSES, tuple(files), addresses, idx.read_folder)


def standardized(folder: Path, train: Labelled, test: Labelled, plan: SplitPlan = FIRST) -> Path:
    """Writes the raw files and standardizes them; returns the folder of the splits."""
    raw = write_folder(folder / "raw" / "tiny_shapes", train, test)
    standardize(dataset_of(raw), folder / "raw", folder / "standardized", plan, min_deviation=0.001)
    return folder / "standardized"


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file below ``folder``, hidden ones included, with its content."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
