"""A data set of the user's own as the download stage leaves it, and how later stages read it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bythebook.datasets.dataset import Dataset
from bythebook.datasets.labelled import Contents, Labelled
from bythebook.datasets.storage import load_array
from bythebook.documents import read_json

FACTS, IMAGES, LABELS = "facts.json", "images.npy", "labels.npy"


def own_dataset(raw: Path, name: str) -> Dataset:
    """The data set in ``raw / name``, as a registered one would be.

    Raises:
        UserError: the download stage has not run.
    """
    classes = read_json(raw / name / FACTS)["classes"]
    return Dataset(name, tuple(classes), (), (), _read)


def _read(folder: Path) -> Contents:
    """What was gathered from the user's own source."""
    facts = read_json(folder / FACTS)
    images, labels = (np.asarray(load_array(folder / name)) for name in (IMAGES, LABELS))
    return Contents(Labelled(images, labels), None, tuple(facts["source"]["unreadable"]), facts["source"])
