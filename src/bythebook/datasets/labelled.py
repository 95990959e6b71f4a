"""Images with their labels, and the questions every stage asks about them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bythebook.errors import DataError, Problems

FEWEST = 3  # images of a class that is divided into three splits
TOLD = 5  # classes that an error names


@dataclass(frozen=True)
class Labelled:
    """Images, or the features of a table, and their labels.

    Attributes:
        images: uint8 ``(n, h, w)`` in grey or ``(n, h, w, 3)`` in colour; or the features of a table, a line of it for
            each image, float64 ``(n, d)``.
        labels: int64 ``(n,)``, positions in the dataset's list of classes.
    """

    images: NDArray[Any]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        """The number of images."""
        return len(self.labels)

    def take(self, chosen: NDArray[np.bool_]) -> Labelled:
        """The images for which the boolean mask ``chosen`` ``(n,)`` is true, in their order."""
        return Labelled(self.images[chosen], self.labels[chosen])

    def per_class(self, classes: int) -> list[int]:
        """How many images each of the ``classes`` classes has."""
        return np.bincount(self.labels, minlength=classes).tolist()

    def digest(self) -> str:
        """sha256 of shape, pixels and labels, 64 hexadecimal digits."""
        sha = hashlib.sha256(str(self.images.shape).encode())
        sha.update(np.ascontiguousarray(self.images).data)
        sha.update(np.ascontiguousarray(self.labels, dtype="<i8").data)
        return sha.hexdigest()


@dataclass(frozen=True)
class Contents:
    """What a dataset's raw files hold.

    Attributes:
        train: the training part.
        test: the test part, where the dataset has one of its own.
        unreadable: files among them that are no images, which are left out.
        source: what the data card says of a data set of the user's own; empty for others.
    """

    train: Labelled
    test: Labelled | None
    unreadable: tuple[str, ...] = ()
    source: Mapping[str, Any] = field(default_factory=dict)


def check_images(contents: Contents, classes: Sequence[str], where: str) -> None:
    """Makes sure that images and labels can be what they claim to be.

    Raises:
        DataError: with every problem: unequal numbers of images and labels, a label out of range, a class without an
            image, images of another size in the test part.
    """
    problems = Problems()
    for name, part in (("training part", contents.train), ("test part", contents.test)):
        if part is not None:
            _check_part(part, classes, f"{where}: {name}", problems)
    if contents.test is not None and contents.test.images.shape[1:] != contents.train.images.shape[1:]:
        shapes = f"{contents.train.images.shape[1:]} in training, {contents.test.images.shape[1:]} in test"
        problems.add(where, f"images differ in size: {shapes}.")
    problems.raise_if_any(DataError)


def check_classes(part: Labelled, classes: Sequence[str], where: str, problems: Problems) -> None:
    """Notes every class that has no image in ``part``."""
    for name, count in zip(classes, part.per_class(len(classes)), strict=True):
        if count == 0:
            problems.add(where, f"class '{name}' has no image; every class needs at least one.")


def check_enough(per_class: Sequence[int], classes: Sequence[str], where: str) -> None:
    """Makes sure that every class has an image for each of three splits.

    Raises:
        UserError: with the classes that have fewer.
    """
    few = [(name, count) for name, count in zip(classes, per_class, strict=True) if count < FEWEST]
    problems = Problems()
    for name, count in few[:TOLD]:
        has = f"{count} image{'' if count == 1 else 's'}" if count else "no image"
        problems.add(where, f"class '{name}' has {has}; train, validation and test need one each.")
    if len(few) > TOLD:
        problems.add(where, f"{len(few) - TOLD} further classes of {len(classes)} have too few.")
    problems.raise_if_any()


def _check_part(part: Labelled, classes: Sequence[str], where: str, problems: Problems) -> None:
    if len(part.images) != len(part.labels):
        problems.add(where, f"{len(part.images)} images but {len(part.labels)} labels.")
    outside = np.flatnonzero((part.labels < 0) | (part.labels >= len(classes)))
    if len(outside):
        first = outside[0]
        allowed = f"allowed: 0 to {len(classes) - 1}"
        problems.add(
            where, f"{len(outside)} labels out of range, the first {part.labels[first]} at image {first}; {allowed}."
        )
    else:
        check_classes(part, classes, where, problems)
