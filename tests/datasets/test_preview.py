from __future__ import annotations

from pathlib import Path

import numpy as np
from made_data import labelled, standardized

from bythebook.datasets.preview import PER_CLASS, write_showcase
from bythebook.documents import read_json


def test_it_has_the_card_and_the_first_images_of_every_class(tmp_path: Path) -> None:
    folder = standardized(tmp_path, labelled(100), labelled(20, seed=1))
    write_showcase(folder, tmp_path / "cards")
    assert read_json(tmp_path / "cards" / "card.json") == read_json(folder / "card.json")
    images, labels = (np.load(tmp_path / "cards" / f"{name}.npy") for name in ("images", "labels"))
    train, known = (np.load(folder / "train" / f"{name}.npy") for name in ("images", "labels"))
    assert np.bincount(labels).tolist() == [PER_CLASS] * 4
    for label in range(4):
        assert np.array_equal(images[labels == label], train[known == label][:PER_CLASS])
