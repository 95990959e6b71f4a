"""What a source of the user's own data gives, and the sentences that all kinds of sources share."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from bythebook.errors import UserError

SHOWN = 5  # examples of one kind of problem that are told


@dataclass(frozen=True)
class Rules:
    """How images are treated.

    Attributes:
        size: height and width of all images; None: whatever they all have.
        mode: ``grey`` or ``rgb``.
        mixed: of images of another size or colour mode: ``refuse`` or ``convert``.
        unreadable: the share of image files that may be damaged; they are left out.
    """

    size: tuple[int, int] | None = None
    mode: str = "grey"
    mixed: str = "refuse"
    unreadable: float = 0.01


@dataclass(frozen=True)
class Outline:
    """What can be said of a source without reading its images: its classes, and how many images each has."""

    classes: tuple[str, ...]
    per_class: tuple[int, ...]


@dataclass(frozen=True)
class Gathered:
    """What was read.

    Attributes:
        images: uint8 ``(n, h, w)`` or ``(n, h, w, 3)``, or the features of a table, float64 ``(n, d)``.
        labels: int64 ``(n,)``, positions in ``classes``.
        classes: the names of the classes.
        features: the names of a table's features.
        unreadable: image files that were left out.
        converted: how many images were converted, by what was converted: ``size`` and ``mode``.
    """

    images: NDArray[Any]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    features: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    converted: Mapping[str, int] = field(default_factory=dict)


class Source(Protocol):
    """One kind of source."""

    @property
    def kind(self) -> str:
        """What kind it is: the key that declares it."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """What it is read from."""

    def outline(self) -> Outline:
        """Its classes.

        Raises:
            UserError: it is not there, or not what it is said to be.
        """

    def gather(self, rules: Rules) -> Gathered:
        """All of it.

        Raises:
            UserError: as above; or the images are not as the rules say.
        """


def encoded(values: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The different ``values`` in order - as numbers where all are whole numbers - and the position of each value."""
    classes = in_order(set(values))
    positions = {name: label for label, name in enumerate(classes)}
    return classes, np.array([positions[value] for value in values], dtype=np.int64)


def in_order(names: set[str]) -> tuple[str, ...]:
    """The names of classes in the order of their labels."""
    numbers = all(name.isascii() and name.isdecimal() for name in names)
    return tuple(sorted(names, key=lambda name: (int(name), name) if numbers else (0, name)))


def outlined(classes: Sequence[str], labels: NDArray[np.int64]) -> Outline:
    """The outline of labels, positions in ``classes``."""
    return Outline(tuple(classes), tuple(np.bincount(labels, minlength=len(classes)).tolist()))


def some(names: Sequence[str]) -> str:
    """The first of many names, and how many others there are."""
    others = f" and {len(names) - SHOWN} others" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + others


def existing(path: Path, folder: bool) -> None:
    """Makes sure that a folder, or a file, is there.

    Raises:
        UserError: it is not, with the nearest name that is.
    """
    kind, other = ("folder", "file") if folder else ("file", "folder")
    if not path.exists():
        beside = sorted(entry.name for entry in path.parent.iterdir()) if path.parent.is_dir() else []
        close = difflib.get_close_matches(path.name, beside, n=1)
        hint = f" Did you mean '{path.parent / close[0]}'?" if close else ""
        raise UserError(f"{path}: no such {kind}.{hint}")
    if path.is_dir() != folder:
        raise UserError(f"{path}: is a {other}; a {kind} is expected.")
