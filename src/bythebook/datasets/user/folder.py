"""A folder with one subfolder of image files for each class."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bythebook.datasets.user.pictures import Pictures
from bythebook.datasets.user.source import Gathered, Outline, Rules, existing, in_order, some
from bythebook.errors import DataError, Problems

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")


@dataclass(frozen=True)
class Folder:
    """``<path>/<class>/<file>.png``; hidden files are passed over.

    Attributes:
        path: the folder.
    """

    path: Path
    kind: str = "folder"

    @property
    def paths(self) -> tuple[Path, ...]:
        """The folder."""
        return (self.path,)

    def outline(self) -> Outline:
        """The names of the subfolders, and how many image files each has.

        Raises:
            UserError: the folder is not there.
            DataError: it is empty, has one class, a class without images, or images outside of a class.
        """
        files = self._files()
        return Outline(tuple(files), tuple(len(own) for own in files.values()))

    def gather(self, rules: Rules) -> Gathered:
        """All images, by class and name of the file.

        Raises:
            UserError: as :meth:`outline`.
            DataError: as :meth:`outline`; or too many files cannot be read, or images have another size or colour mode.
        """
        files = self._files()
        pictures, unreadable, labels = Pictures(rules), [], []
        for label, own in enumerate(files.values()):
            for file in own:
                name = f"{file.parent.name}/{file.name}"
                image = _opened(file)
                if image is None:
                    unreadable.append(name)
                else:
                    pictures.add(name, image)
                    labels.append(label)
        problems = Problems()
        with problems.collecting():
            self._check_unreadable(unreadable, sum(len(own) for own in files.values()), rules)
        with problems.collecting():
            images = pictures.stacked(str(self.path)) if labels else None
        problems.raise_if_any(DataError)
        assert images is not None, "a folder of which nothing can be read is refused"
        return Gathered(
            images,
            np.array(labels, dtype=np.int64),
            tuple(files),
            unreadable=tuple(unreadable),
            converted=pictures.converted,
        )

    def _files(self) -> dict[str, list[Path]]:
        """The image files of each class, in order."""
        existing(self.path, folder=True)
        entries = [entry for entry in sorted(self.path.iterdir()) if not entry.name.startswith(".")]
        folders = {entry.name: entry for entry in entries if entry.is_dir()}
        problems = Problems()
        outside = [entry.name for entry in entries if _is_image(entry)]
        if outside:
            problems.add(str(self.path), f"{len(outside)} images stand outside of a class's folder: {some(outside)}.")
        if not folders:
            problems.add(str(self.path), "has no folders; it should have one subfolder of images for each class.")
        elif len(folders) == 1:
            problems.add(str(self.path), f"has one class, '{next(iter(folders))}'; at least 2 are needed.")
        files = {name: _images(folders[name], problems) for name in in_order(set(folders))}
        problems.raise_if_any(DataError)
        return files

    def _check_unreadable(self, unreadable: list[str], files: int, rules: Rules) -> None:
        share = len(unreadable) / files
        if share > rules.unreadable or len(unreadable) == files:
            raise DataError(
                f"{self.path}: {len(unreadable)} of {files} image files cannot be read, {share:.1%}; unreadable allows"
                f" {rules.unreadable:.1%}: {some(unreadable)}."
            )


def _images(folder: Path, problems: Problems) -> list[Path]:
    entries = [entry for entry in sorted(folder.iterdir()) if not entry.name.startswith(".")]
    files = [entry for entry in entries if _is_image(entry)]
    deeper = [entry.name for entry in entries if entry.is_dir()]
    if deeper:
        problems.add(str(folder), f"has folders in it ({some(deeper)}); a class's folder has images only.")
    elif not files:
        problems.add(str(folder), f"has no image ({', '.join(SUFFIXES)}); every class needs at least 3.")
    return files


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.is_file()


def _opened(path: Path) -> Any | None:
    """The image of a file, loaded and upright, or None if it cannot be read."""
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as image:
            image.load()
            return ImageOps.exif_transpose(image)
    except (OSError, SyntaxError, ValueError, EOFError, zlib.error, struct.error, Image.DecompressionBombError):
        return None
