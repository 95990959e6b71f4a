"""Images and labels as arrays: an .npz file, or a pair of idx files."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bythebook.datasets import idx
from bythebook.datasets.user.pictures import conformed
from bythebook.datasets.user.source import Gathered, Outline, Rules, encoded, existing, outlined
from bythebook.errors import DataError, Problems, unknown

NEEDED, POSSIBLE = ("images", "labels"), ("images", "labels", "classes")
SHAPES = "(n, height, width) or (n, height, width, 3)"


@dataclass(frozen=True)
class Npz:
    """An ``.npz`` file with ``images``, ``labels`` and, where labels are positions, the names of ``classes``.

    Attributes:
        path: the file.
    """

    path: Path
    kind: str = "npz"

    @property
    def paths(self) -> tuple[Path, ...]:
        """The file."""
        return (self.path,)

    def outline(self) -> Outline:
        """The classes; the images are not read.

        Raises:
            UserError: there is no such file.
            DataError: it is damaged, holds pickled objects, lacks an array, or its labels are not of one kind.
        """
        return outlined(*self._labels())

    def gather(self, rules: Rules) -> Gathered:
        """Everything.

        Raises:
            UserError: there is no such file.
            DataError: as :meth:`outline`; or the images are no images, or not as the rules say.
        """
        classes, labels = self._labels()
        images = self._members("images")["images"]
        return _gathered(images, labels, classes, rules, str(self.path))

    def _labels(self) -> tuple[tuple[str, ...], NDArray[np.int64]]:
        members = self._members("labels", "classes")
        labels, names = members["labels"], members.get("classes")
        if labels.ndim != 1 or labels.dtype.kind not in "iuU" or not len(labels):
            kind = f"{labels.dtype} {labels.shape}"
            raise DataError(f"{self.path}: labels is {kind}; whole numbers or names of the shape (n,) are expected.")
        if names is None:
            return encoded([str(label) for label in labels.tolist()])
        return self._named(labels, names)

    def _named(self, labels: NDArray[Any], names: NDArray[Any]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
        if names.ndim != 1 or names.dtype.kind != "U" or len(set(names.tolist())) < len(names):
            raise DataError(f"{self.path}: classes is {names.dtype} {names.shape}; different names are expected.")
        if labels.dtype.kind == "U" or labels.min() < 0 or labels.max() >= len(names):
            most = len(names) - 1
            raise DataError(f"{self.path}: labels must be positions in classes, whole numbers from 0 to {most}.")
        return tuple(names.tolist()), labels.astype(np.int64)

    def _members(self, *wanted: str) -> dict[str, NDArray[Any]]:
        """Those of the wanted arrays that are there."""
        existing(self.path, folder=False)
        try:
            with self.path.open("rb") as file, np.load(file, allow_pickle=False) as members:
                _check_names(members.files, str(self.path))
                return {name: members[name] for name in wanted if name in members.files}
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise DataError(f"{self.path}: not a sound .npz file ({error}).") from None
        except (ValueError, AttributeError, TypeError) as error:
            pickled = "holds pickled Python objects, which are never opened; save arrays of numbers"
            reason = pickled if "pickle" in str(error) else f"not an .npz file ({error})"
            raise DataError(f"{self.path}: {reason}.") from None


@dataclass(frozen=True)
class Idx:
    """A file of images and a file of labels in the format of MNIST, compressed or not.

    Attributes:
        images: the file of images.
        labels: the file of labels.
    """

    images: Path
    labels: Path
    kind: str = "idx"

    @property
    def paths(self) -> tuple[Path, ...]:
        """Both files."""
        return self.images, self.labels

    def outline(self) -> Outline:
        """The classes, named by their numbers; the images are not read.

        Raises:
            UserError: a file is not there.
            DataError: the labels are damaged.
        """
        for path in self.paths:
            existing(path, folder=False)
        return outlined(*self._labels())

    def gather(self, rules: Rules) -> Gathered:
        """Everything.

        Raises:
            UserError: a file is not there.
            DataError: a file is damaged or truncated, they do not fit, or the images are not as the rules say.
        """
        existing(self.images, folder=False)
        classes, labels = self._labels()
        return _gathered(idx.read(self.images, dimensions=3), labels, classes, rules, str(self.images))

    def _labels(self) -> tuple[tuple[str, ...], NDArray[np.int64]]:
        existing(self.labels, folder=False)
        return encoded([str(label) for label in idx.read(self.labels, dimensions=1).tolist()])


def _check_names(found: list[str], where: str) -> None:
    problems = Problems()
    for name in NEEDED:
        if name not in found:
            problems.add(where, f"has no array '{name}'; it has {', '.join(sorted(found)) or 'none'}.")
    for name in found:
        if name not in POSSIBLE:
            problems.add(where, unknown("array", name, POSSIBLE))
    problems.raise_if_any(DataError)


def _gathered(
    images: NDArray[Any], labels: NDArray[np.int64], classes: tuple[str, ...], rules: Rules, where: str
) -> Gathered:
    coloured = images.ndim == 4 and images.shape[-1] == 3
    if images.dtype != np.uint8 or not (images.ndim == 3 or coloured) or 0 in images.shape:
        raise DataError(f"{where}: images is {images.dtype} {images.shape}; uint8 of {SHAPES} is expected.")
    if len(images) != len(labels):
        raise DataError(f"{where}: {len(images)} images but {len(labels)} labels.")
    alike, converted = conformed(images, rules, where)
    return Gathered(alike, labels, classes, converted=converted)
