from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from made_data import CLASSES, labelled, standardized

from bythebook.datasets import splits
from bythebook.datasets.task_declaration import Task
from bythebook.datasets.tasks import split_tasks
from bythebook.errors import DataError, UserError

TRAIN, TEST = labelled(100), labelled(40, seed=1)
PARTS = {"train": (TRAIN.images[20:], TRAIN.labels[20:]), "validation": (TRAIN.images[:20], TRAIN.labels[:20])}
PARTS["test"] = (TEST.images, TEST.labels)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return standardized(tmp_path, TRAIN, TEST)


@pytest.fixture
def task(tmp_path: Path, folder: Path) -> Path:
    split_tasks(folder, tmp_path / "tasks", {"star_vs_square": Task((2, 1), 12)})
    return tmp_path / "tasks" / "star_vs_square"


@pytest.mark.parametrize("split", splits.SPLITS)
def test_a_split_is_loaded_scaled(folder: Path, split: str) -> None:
    images, labels = PARTS[split]
    unit = splits.load(folder, split, "unit")
    assert unit.images.dtype == np.float32
    assert unit.labels.dtype == np.int64
    assert unit.classes == CLASSES
    np.testing.assert_array_equal(unit.labels, labels)
    np.testing.assert_allclose(unit.images, images / 255, atol=1e-6)
    train = PARTS["train"][0] / 255
    expected = (images / 255 - train.mean(axis=0)) / train.std(axis=0)
    np.testing.assert_allclose(splits.load(folder, split, "standardized").images, expected, atol=1e-4)
    np.testing.assert_array_equal(splits.look(folder, split).pixels, images)


@pytest.mark.parametrize("split", splits.SPLITS)
@pytest.mark.parametrize(("side", "classes"), [("a", (0, 3)), ("b", (2, 1))])
def test_a_side_of_a_task_has_its_own_labels(
    folder: Path, task: Path, split: str, side: str, classes: tuple[int, ...]
) -> None:
    images, labels = PARTS[split]
    chosen = np.flatnonzero(np.isin(labels, classes))[: 12 if (side, split) == ("b", "train") else None]
    loaded = splits.load(folder, split, "unit", task, side)
    np.testing.assert_allclose(loaded.images, images[chosen] / 255, atol=1e-6)
    assert loaded.labels.tolist() == [classes.index(label) for label in labels[chosen]]
    assert loaded.classes == tuple(CLASSES[label] for label in classes)


def test_loading_leaves_the_files_as_they_are(folder: Path) -> None:
    before = (folder / "train" / "images.npy").read_bytes()
    loaded = splits.load(folder, "train", "standardized")
    loaded.images[:] = 1
    loaded.labels[:] = 0
    assert type(loaded.images) is type(loaded.labels) is np.ndarray
    assert (folder / "train" / "images.npy").read_bytes() == before


def test_what_does_not_exist_is_named_with_the_nearest(folder: Path, task: Path) -> None:
    with pytest.raises(UserError, match="unknown split 'valid'. Did you mean 'validation'"):
        splits.load(folder, "valid", "unit")
    with pytest.raises(UserError, match="unknown scaling 'units'. Did you mean 'unit'"):
        splits.load(folder, "train", "units")
    with pytest.raises(UserError, match="unknown side 'c'. Allowed: a, b"):
        splits.load(folder, "train", "unit", task, "c")
    with pytest.raises(UserError, match="given together with a task"):
        splits.load(folder, "train", "unit", side="a")
    with pytest.raises(UserError, match="no such file; the stage that writes it has not run"):
        splits.load(folder / "elsewhere", "train", "unit")


@pytest.mark.parametrize("name", ["train/images.npy", "train/labels.npy", "statistics.npz"])
@pytest.mark.parametrize("keep", [0, 5, 100, -5])
def test_a_damaged_file_is_refused(folder: Path, name: str, keep: int) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[:keep])
    with pytest.raises(DataError):
        splits.load(folder, "train", "standardized")


def test_a_pickle_is_never_opened(folder: Path) -> None:
    np.save(folder / "train" / "labels.npy", np.array([{"a": 1}] * 80, dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match="not a sound array file"):
        splits.load(folder, "train", "unit")


def test_labels_of_another_number_are_refused(folder: Path) -> None:
    np.save(folder / "train" / "labels.npy", np.zeros(79, dtype=np.int64))
    with pytest.raises(DataError, match="do not fit labels"):
        splits.load(folder, "train", "unit")


def test_statistics_that_cannot_be_divided_by_are_refused(folder: Path) -> None:
    np.savez(folder / "statistics.npz", mean=np.zeros((5, 4)), deviation=np.zeros((5, 4)))
    with pytest.raises(DataError, match="deviation is not above 0"):
        splits.load(folder, "train", "standardized")


def test_a_task_of_other_data_is_refused(folder: Path, task: Path) -> None:
    indices = np.load(task / "b_train.npy")
    np.save(task / "b_train.npy", indices + 1000)
    with pytest.raises(DataError, match="points outside the split of 80 images"):
        splits.load(folder, "train", "unit", task, "b")
    np.save(task / "b_train.npy", np.arange(8))
    with pytest.raises(DataError, match="class outside the task; run split_tasks again"):
        splits.load(folder, "train", "unit", task, "b")
    (task / "task.json").write_text(json.dumps({})[:1])
    with pytest.raises(UserError, match="not JSON"):
        splits.load(folder, "train", "unit", task, "b")


def test_a_label_budget_shows_the_first_training_images_of_its_side_and_all_others(folder: Path, task: Path) -> None:
    whole = {split: splits.load(folder, split, "unit", task, "b") for split in splits.SPLITS}
    for budget in (2, 5, 12):
        few = splits.load(folder, "train", "unit", task, "b", budget)
        np.testing.assert_array_equal(few.images, whole["train"].images[:budget])
        np.testing.assert_array_equal(few.labels, whole["train"].labels[:budget])
    for split in ("validation", "test"):
        np.testing.assert_array_equal(splits.load(folder, split, "unit", task, "b", 2).images, whole[split].images)
    with pytest.raises(UserError, match="star_vs_square: 13 labels asked for, but there are 12 training images"):
        splits.load(folder, "train", "unit", task, "b", 13)
