"""Reading images out of a tar archive, a folder for each class, without unpacking anything to disk."""

from __future__ import annotations

import io
import logging
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from bythebook.datasets.labelled import Labelled
from bythebook.errors import DataError, Problems, UserError, unknown

log = logging.getLogger(__name__)

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp")
LARGEST = 1 << 20  # bytes of one image file
SHOWN = 5  # problems of one kind that are told


def read(path: Path, classes: Sequence[str], shape: tuple[int, int]) -> tuple[Labelled, tuple[str, ...]]:
    """The images of a tar archive (``.../<class>/<file>.png``), ordered by the names of their files.

    Args:
        classes: the names of the folders, in the order of the labels.
        shape: height and width that every image must have; others are refused before they are decoded.

    Returns:
        The images in grey, and the names of the files that are no images, which are left out and logged.

    Raises:
        UserError: there is no such file.
        DataError: the archive is damaged, holds a path that leads out of it, a link, a folder that is no class, a file
            too large for an image, or an image of another size.
    """
    images: list[tuple[tuple[str, str], NDArray[np.uint8], int]] = []
    unreadable, problems = [], Problems()
    for name, content in _files(path, problems):
        label = PurePosixPath(name).parent.name
        if label not in classes:
            problems.add(f"{path}: {name}", unknown("class", label, classes))
            continue
        try:
            image = _decoded(content, shape)
        except DataError as error:
            problems.add(f"{path}: {name}", str(error))
        else:
            if image is None:
                unreadable.append(name)
            else:
                images.append(((PurePosixPath(name).name, label), image, list(classes).index(label)))
    _raise(problems, path)
    if unreadable:
        log.warning("%s: %d files are no images and left out: %s", path, len(unreadable), ", ".join(unreadable[:SHOWN]))
    if not images:
        raise DataError(f"{path}: holds no image ({', '.join(SUFFIXES)}) in a folder named after its class.")
    images.sort(key=lambda entry: entry[0])
    labels = np.array([label for _, _, label in images], dtype=np.int64)
    return Labelled(np.stack([image for _, image, _ in images]), labels), tuple(sorted(unreadable))


def _files(path: Path, problems: Problems) -> Iterator[tuple[str, bytes]]:
    """Name and content of every image file, as the archive has them; what is unsafe is noted and left out."""
    try:
        with tarfile.open(path, "r|gz") as archive:
            for member in archive:
                unsafe = _unsafe(member)
                if unsafe:
                    problems.add(f"{path}: {member.name}", unsafe)
                elif member.isfile() and member.name.lower().endswith(SUFFIXES):
                    file = archive.extractfile(member)
                    yield member.name, file.read() if file else b""
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; the download stage has not run.") from None
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise DataError(f"{path}: not a sound tar.gz archive ({error}).") from None


def _unsafe(member: tarfile.TarInfo) -> str | None:
    """Why nothing may be made of a member, or None."""
    parts = PurePosixPath(member.name)
    if parts.is_absolute() or ".." in parts.parts:
        return "leads out of the archive's own folder; such an archive is not trusted."
    if not (member.isfile() or member.isdir()):
        return "is neither a file nor a folder; links and devices are not followed."
    if member.isfile() and member.size > LARGEST:
        return f"has {member.size} bytes; an image has at most {LARGEST}."
    return None


def _decoded(content: bytes, shape: tuple[int, int]) -> NDArray[np.uint8] | None:
    """The image in grey, uint8 of ``shape``, or None if it is none.

    Raises:
        DataError: it has another size, as its header says: it is not decoded, however small the file.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as image:
            if (image.height, image.width) != shape:
                raise DataError(f"is {image.height}x{image.width} pixels, expected {shape[0]}x{shape[1]}.")
            return np.asarray(image.convert("L"))
    except Image.DecompressionBombError as error:
        raise DataError(f"is refused: {error}") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, zlib.error):
        return None


def _raise(problems: Problems, path: Path) -> None:
    found = problems.found
    if len(found) > SHOWN:
        raise DataError(*found[:SHOWN], f"{path}: and {len(found) - SHOWN} further problems.")
    problems.raise_if_any(DataError)
