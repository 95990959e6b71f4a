"""What a dataset declares, and the decorator that registers it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bythebook.datasets.labelled import Contents
from bythebook.docstrings import first_line


@dataclass(frozen=True)
class SourceFile:
    """One file of a dataset, pinned: whatever has another size or sha256 is not this file."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Dataset:
    """One registered dataset.

    Attributes:
        name: the name users give; also the name of its folder under ``data/raw``.
        classes: the names of its classes; a label is a position in this list.
        files: what must stand in the raw folder.
        addresses: public folders that hold the files, asked in this order.
        read: from the raw folder to images and labels.
        package: ``(importable package, folder in it)`` when an installed package ships the files.
        folder: the folder of a mirror that holds the files; named as the dataset unless given.
    """

    name: str
    classes: tuple[str, ...]
    files: tuple[SourceFile, ...]
    addresses: tuple[str, ...]
    read: Callable[[Path], Contents]
    package: tuple[str, str] | None = None
    folder: str | None = None

    @property
    def summary(self) -> str:
        """The first line of the documentation of the dataset's function."""
        return first_line(self.read)


REGISTER: dict[str, Dataset] = {}


def dataset(
    *,
    classes: Sequence[str],
    files: Sequence[SourceFile],
    addresses: Sequence[str],
    package: tuple[str, str] | None = None,
    folder: str | None = None,
) -> Callable[[Callable[[Path], Contents]], Callable[[Path], Contents]]:
    """Registers the decorated function, which reads the dataset's raw folder, under its own name.

    Raises:
        ValueError: the name is taken.
    """

    def register(read: Callable[[Path], Contents]) -> Callable[[Path], Contents]:
        name = read.__name__
        if name in REGISTER:
            raise ValueError(f"dataset '{name}' is registered twice")
        REGISTER[name] = Dataset(name, tuple(classes), tuple(files), tuple(addresses), read, package, folder)
        return read

    return register
