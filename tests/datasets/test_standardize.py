from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_data import CLASSES, FIRST, dataset_of, files_below, labelled, standardized, write_folder

from bythebook.datasets.dataset import Dataset
from bythebook.datasets.download import download
from bythebook.datasets.fingerprints import fingerprints
from bythebook.datasets.labelled import Labelled
from bythebook.datasets.registry import find
from bythebook.datasets.standardize import SplitPlan, standardize
from bythebook.errors import DataError, UserError

TRAIN, TEST = labelled(100), labelled(40, seed=1)


def _card(folder: Path) -> dict:
    return json.loads((folder / "card.json").read_text())


def _images(folder: Path, split: str) -> np.ndarray:
    return np.load(folder / split / "images.npy", allow_pickle=False)


def test_the_splits_are_the_notebooks(tmp_path: Path) -> None:
    folder = standardized(tmp_path, TRAIN, TEST)
    assert set(files_below(folder)) == {
        "card.json",
        "hashes.npz",
        "statistics.npz",
        *(f"{split}/{kind}.npy" for split in ("train", "validation", "test") for kind in ("images", "labels")),
    }
    np.testing.assert_array_equal(_images(folder, "validation"), TRAIN.images[:20])
    np.testing.assert_array_equal(_images(folder, "train"), TRAIN.images[20:])
    np.testing.assert_array_equal(_images(folder, "test"), TEST.images)
    assert _images(folder, "train").dtype == np.uint8
    labels = np.load(folder / "train" / "labels.npy")
    assert labels.dtype == np.int64
    np.testing.assert_array_equal(labels, TRAIN.labels[20:])


def test_statistics_come_from_the_training_part_only(tmp_path: Path) -> None:
    folder = standardized(tmp_path, TRAIN, TEST)
    statistics = np.load(folder / "statistics.npz")
    values = TRAIN.images[20:] / 255
    assert statistics["mean"].dtype == statistics["deviation"].dtype == np.float32
    np.testing.assert_allclose(statistics["mean"], values.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(statistics["deviation"], values.std(axis=0), atol=1e-6)


def test_the_card_tells_what_is_on_disk(tmp_path: Path) -> None:
    folder = standardized(tmp_path, TRAIN, TEST)
    card = _card(folder)
    assert card["dataset"] == "tiny_shapes"
    assert card["classes"] == list(CLASSES)
    assert card["shape"] == [5, 4]
    assert {name: split["images"] for name, split in card["splits"].items()} == {
        "train": 80,
        "validation": 20,
        "test": 40,
    }
    assert card["splits"]["test"]["per_class"] == [10, 10, 10, 10]
    assert card["duplicates"]["within"] == {"train": 0, "validation": 0, "test": 0}
    # Nothing measured on test pixels may inform a choice.
    assert set(card["largest_z"]) == {"train", "validation"}
    assert card["constant_pixels"] == 0
    hashes = np.load(folder / "hashes.npz")
    np.testing.assert_array_equal(hashes["test"], fingerprints(TEST.images))


def test_the_same_data_give_the_same_bytes(tmp_path: Path) -> None:
    one = files_below(standardized(tmp_path / "one", TRAIN, TEST))
    assert one == files_below(standardized(tmp_path / "two", TRAIN, TEST))


def test_the_training_digest_follows_the_training_data_and_not_the_test_data(tmp_path: Path) -> None:
    base = _card(standardized(tmp_path / "base", TRAIN, TEST))
    other_test = _card(standardized(tmp_path / "test", TRAIN, labelled(40, seed=2)))
    images = TRAIN.images.copy()
    images[50, 0, 0] ^= 1
    other_train = _card(standardized(tmp_path / "train", Labelled(images, TRAIN.labels), TEST))
    assert other_test["training_digest"] == base["training_digest"] != other_train["training_digest"]
    assert other_test["splits"]["test"]["digest"] != base["splits"]["test"]["digest"]


@pytest.fixture
def repeating() -> tuple[Labelled, Labelled]:
    """Image 5 (validation) stands in test, image 30 in test, image 31 in validation, image 41 in training twice."""
    images = TRAIN.images.copy()
    images[5], images[30], images[31], images[41] = TEST.images[3], TEST.images[4], images[6], images[40]
    return Labelled(images, TRAIN.labels), TEST


def test_an_image_that_stands_in_a_later_split_is_left_out(
    tmp_path: Path, repeating: tuple[Labelled, Labelled]
) -> None:
    folder = standardized(tmp_path, *repeating)
    card = _card(folder)
    assert card["duplicates"] == {
        "within": {"train": 1, "validation": 0, "test": 0},
        "across": {"train-validation": 1, "train-test": 1, "validation-test": 1},
        "dropped": {"train": 2, "validation": 1, "test": 0},
    }
    images = repeating[0].images
    np.testing.assert_array_equal(_images(folder, "train"), np.delete(images[20:], [10, 11], axis=0))
    np.testing.assert_array_equal(_images(folder, "validation"), np.delete(images[:20], 5, axis=0))
    hashes = np.load(folder / "hashes.npz")
    for split in ("train", "validation", "test"):
        np.testing.assert_array_equal(hashes[split], fingerprints(_images(folder, split)))


def test_duplicates_are_kept_when_asked_for(tmp_path: Path, repeating: tuple[Labelled, Labelled]) -> None:
    folder = standardized(tmp_path, *repeating, plan=replace(FIRST, drop_duplicates=False))
    card = _card(folder)
    assert card["duplicates"]["dropped"] == {"train": 0, "validation": 0, "test": 0}
    assert card["duplicates"]["across"]["train-test"] == 1
    assert len(_images(folder, "train")) == 80


@pytest.fixture
def digits(tmp_path: Path) -> Dataset:
    dataset = find("digits")
    download(dataset, tmp_path / "raw", downloads=tmp_path / "kept")
    return dataset


def test_a_dataset_without_a_test_part_gets_a_stratified_one(tmp_path: Path, digits: Dataset) -> None:
    plan = SplitPlan(method="stratified", validation=300, test=360, seed=42)
    standardize(digits, tmp_path / "raw", tmp_path / "out", plan, min_deviation=0.001)
    card = _card(tmp_path / "out")
    assert {name: split["images"] for name, split in card["splits"].items()} == {
        "train": 1137,
        "validation": 300,
        "test": 360,
    }
    per_class = np.array([178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    assert (np.abs(np.array(card["splits"]["test"]["per_class"]) - per_class * 360 / 1797) < 1).all()
    total = np.sum([split["per_class"] for split in card["splits"].values()], axis=0)
    np.testing.assert_array_equal(total, per_class)


def test_where_the_test_part_comes_from_must_fit_the_dataset(tmp_path: Path, digits: Dataset) -> None:
    plan = SplitPlan(method="first", validation=300, test=None, seed=42)
    with pytest.raises(UserError, match="splits.test: null, but this dataset has no test part"):
        standardize(digits, tmp_path / "raw", tmp_path / "out", plan, 0.001)
    with pytest.raises(UserError, match="splits.test: 10, but this dataset has a test part of its own; give null"):
        standardized(tmp_path, TRAIN, TEST, replace(FIRST, test=10))
    assert not (tmp_path / "out").exists()


def test_a_class_that_a_split_lacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError) as raised:
        standardized(tmp_path, TRAIN, TEST, replace(FIRST, validation=2))
    assert raised.value.problems == (
        "tiny_shapes: validation split: class 'star' has no image; every class needs at least one.",
        "tiny_shapes: validation split: class 'cross' has no image; every class needs at least one.",
    )


@pytest.mark.parametrize("damage", ["label out of range", "count mismatch", "truncated"])
def test_bad_raw_files_leave_the_earlier_result_as_it_was(tmp_path: Path, damage: str) -> None:
    folder = standardized(tmp_path, TRAIN, TEST)
    before = files_below(folder)
    train = {
        "label out of range": Labelled(TRAIN.images, np.where(TRAIN.labels == 3, 200, TRAIN.labels)),
        "count mismatch": Labelled(TRAIN.images[:-1], TRAIN.labels),
        "truncated": TRAIN,
    }[damage]
    raw = write_folder(tmp_path / "raw" / "tiny_shapes", train, TEST)
    dataset = dataset_of(raw)
    if damage == "truncated":
        path = raw / dataset.files[0].name
        path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DataError):
        standardize(dataset, tmp_path / "raw", folder, FIRST, 0.001)
    assert files_below(folder) == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
