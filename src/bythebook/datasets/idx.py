"""The idx format of MNIST and its relatives: a magic number, the dimensions, then unsigned bytes.

Reference: http://yann.lecun.com/exdb/mnist/ ("The IDX file format"). The magic is two zero bytes, the type of the
values (0x08 is unsigned byte) and the number of dimensions; each dimension is a big-endian 32-bit integer.
"""

from __future__ import annotations

import math
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bythebook.datasets.labelled import Contents, Labelled
from bythebook.datasets.unpacking import unpacked
from bythebook.errors import DataError

TRAIN_IMAGES = "train-images-idx3-ubyte.gz"
TRAIN_LABELS = "train-labels-idx1-ubyte.gz"
TEST_IMAGES = "t10k-images-idx3-ubyte.gz"
TEST_LABELS = "t10k-labels-idx1-ubyte.gz"

UNSIGNED_BYTE = 0x08
GZIP = b"\x1f\x8b"


def read(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """The array of an idx file of unsigned bytes with ``dimensions`` axes, compressed by gzip or not.

    Raises:
        UserError: there is no such file.
        DataError: the file is damaged, has another magic number, a dimension of 0, or more or less content than its
            dimensions say.
    """
    content = _content(path)
    header = 4 + 4 * dimensions
    expected = bytes((0, 0, UNSIGNED_BYTE, dimensions))
    if content[:4] != expected:
        raise DataError(f"{path}: idx magic is 0x{content[:4].hex()}, expected 0x{expected.hex()}.")
    if len(content) < header:
        raise DataError(f"{path}: ends within the idx header.")
    shape = struct.unpack(f">{dimensions}I", content[4:header])
    if 0 in shape:
        raise DataError(f"{path}: holds no values (dimensions {shape}).")
    if len(content) - header != math.prod(shape):
        raise DataError(f"{path}: {len(content) - header} values, but dimensions {shape} ask for {math.prod(shape)}.")
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape)


def _content(path: Path) -> bytes:
    if path.suffix != ".gz" and path.is_file():
        with path.open("rb") as file:
            if file.read(len(GZIP)) != GZIP:
                return path.read_bytes()
    return unpacked(path)


def read_folder(raw: Path) -> Contents:
    """The four files of an MNIST-like dataset in the folder ``raw``."""
    return Contents(
        train=read_pair(raw / TRAIN_IMAGES, raw / TRAIN_LABELS),
        test=read_pair(raw / TEST_IMAGES, raw / TEST_LABELS),
    )


def read_pair(images: Path, labels: Path) -> Labelled:
    """The images and labels of two files."""
    return Labelled(read(images, dimensions=3), read(labels, dimensions=1).astype(np.int64))
