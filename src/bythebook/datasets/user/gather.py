"""From a source of the user's own to raw files like those of any data set."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from bythebook.datasets.fingerprints import fingerprints
from bythebook.datasets.labelled import check_enough
from bythebook.datasets.storage import save_array, saving
from bythebook.datasets.user.raw import FACTS, IMAGES, LABELS
from bythebook.datasets.user.source import Outline, Rules, Source, outlined, some
from bythebook.documents import write_json
from bythebook.errors import DataError, UserError
from bythebook.files import new_directory

log = logging.getLogger(__name__)


def look(name: str, source: Source) -> Outline:
    """The classes of a source, and how many images each has, without reading the images.

    Raises:
        UserError: with what is wrong with it so far.
    """
    with _about(name):
        outline = source.outline()
    _check_classes(outline, f"datasets.{name}")
    return outline


def gather(name: str, source: Source, rules: Rules, raw: Path) -> None:
    """Reads a source and writes it to ``raw / name``, as a whole or not at all.

    The order is that of the images' digests: any first images of them are a sample, whatever files were called.

    Raises:
        UserError: with what is wrong with the source, or ``raw`` cannot be written.
    """
    with _about(name):
        gathered = source.gather(rules)
    _check_classes(outlined(gathered.classes, gathered.labels), f"datasets.{name}")
    if left_out := gathered.unreadable:
        log.warning("%s: %d image files cannot be read and are left out: %s", name, len(left_out), some(left_out))
    prints = fingerprints(gathered.images)
    order = np.lexsort((gathered.labels, *prints.T[::-1]))
    described = {
        "kind": source.kind,
        "converted": dict(gathered.converted),
        "unreadable": list(gathered.unreadable),
        "features": list(gathered.features),
    }
    out = raw / name
    with saving(out), new_directory(out) as building:
        save_array(building / IMAGES, gathered.images[order])
        save_array(building / LABELS, gathered.labels[order])
        write_json(building / FACTS, {"classes": list(gathered.classes), "source": described})
    log.info("%s: %d images of %d classes", name, len(order), len(gathered.classes))


def _check_classes(outline: Outline, where: str) -> None:
    if len(outline.classes) < 2:
        raise DataError(f"{where}: has one class, '{outline.classes[0]}'; at least 2 are needed.")
    check_enough(outline.per_class, outline.classes, where)


@contextmanager
def _about(name: str) -> Iterator[None]:
    """Says of every problem in the block which data set it is about."""
    try:
        yield
    except UserError as error:
        raise type(error)(*(f"datasets.{name}: {problem}" for problem in error.problems)) from None
