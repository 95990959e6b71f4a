"""What is shown of a dataset: its card, and the first training images of every class."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bythebook.datasets.storage import load_array, save_array, saving
from bythebook.documents import read_json, write_json
from bythebook.files import new_directory

PER_CLASS = 10


def write_showcase(standardized: Path, out: Path) -> None:
    """Writes ``card.json`` and, of images, ``images.npy`` and ``labels.npy`` to ``out``, as a whole or not at all.

    Args:
        standardized: the folder that standardize wrote.

    Raises:
        UserError: ``standardized`` is not there, or ``out`` cannot be written.
    """
    card = read_json(standardized / "card.json")
    labels = np.asarray(load_array(standardized / "train" / "labels.npy"))
    first = [np.flatnonzero(labels == label)[:PER_CLASS] for label in range(len(card["classes"]))]
    chosen = np.sort(np.concatenate(first))
    with saving(out), new_directory(out) as building:
        write_json(building / "card.json", card)
        if len(card["shape"]) > 1:
            save_array(building / "images.npy", load_array(standardized / "train" / "images.npy")[chosen])
            save_array(building / "labels.npy", labels[chosen])
