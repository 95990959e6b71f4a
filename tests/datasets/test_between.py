"""Tasks between two data sets, or two sets of classes of one."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from made_data import labelled

from bythebook.datasets import array_cache, splits
from bythebook.datasets.dataset import Dataset
from bythebook.datasets.labelled import Contents, Labelled
from bythebook.datasets.pixels import measure
from bythebook.datasets.standardize import SplitPlan, standardize
from bythebook.datasets.task_declaration import Between, Side, Task
from bythebook.datasets.tasks import split_tasks
from bythebook.documents import read_json
from bythebook.errors import UserError
from bythebook.runs.view import DataView

PLAN = SplitPlan("stratified", 20, 20, 0)
LARGE, SMALL = labelled(120), labelled(60, seed=7, classes=2)
TASK = Between(Side("large"), Side("small"), samples=15)


def made(folder: Path, name: str, data: Labelled, classes: tuple[str, ...], features: tuple[str, ...] = ()) -> Path:
    """A standardized data set; its images need no raw files."""
    contents = Contents(data, None, (), {"features": list(features)})
    standardize(Dataset(name, classes, (), (), lambda _: contents), folder, folder / "standardized" / name, PLAN, 0.01)
    return folder / "standardized" / name


@pytest.fixture
def large(tmp_path: Path) -> Path:
    made(tmp_path, "small", SMALL, ("nut", "bolt"))
    return made(tmp_path, "large", LARGE, ("circle", "square", "star", "cross"))


def written(large: Path, task: Between | Task = TASK) -> Path:
    split_tasks(large, large.parent.parent / "tasks", {"t": task})
    return large.parent.parent / "tasks" / "t"


def refused(large: Path, **tasks: Between | Task) -> tuple[str, ...]:
    with pytest.raises(UserError) as raised:
        split_tasks(large, large.parent.parent / "tasks", tasks)
    assert not (large.parent.parent / "tasks").exists()
    return raised.value.problems


def test_each_side_is_of_its_own_data_set(large: Path) -> None:
    task = written(large)
    document = read_json(task / "task.json")
    names = ["circle", "square", "star", "cross"]
    assert document["a"] == {
        "dataset": "large",
        "classes": [0, 1, 2, 3],
        "names": names,
        "train": 80,
        "validation": 20,
    }
    assert document["b"] == {
        "dataset": "small",
        "classes": [0, 1],
        "names": ["nut", "bolt"],
        "train": 15,
        "validation": 20,
    }
    view_a, view_b = (DataView.of(large, task, side) for side in ("a", "b"))
    assert (view_a.dataset, view_a.directory, view_a.images) == ("large", large, 80)
    assert (view_b.dataset, view_b.directory, view_b.images) == ("small", large.parent / "small", 15)
    for split in splits.SPLITS:
        seen = splits.look(view_b.directory, split, task, "b")
        stored = np.load(large.parent / "small" / split / "images.npy")
        np.testing.assert_array_equal(seen.pixels, stored[: 15 if split == "train" else None])
        assert seen.classes == ("nut", "bolt") and set(seen.labels) == {0, 1}


def test_both_sides_are_scaled_alike_by_half_and_half(large: Path, tmp_path: Path) -> None:
    task = written(large)
    train = np.load(large / "train" / "images.npy"), np.load(large.parent / "small" / "train" / "images.npy")[:15]
    expected = measure(*train, min_deviation=0.01).statistics
    both = [(pixels / 255).reshape(len(pixels), -1) for pixels in train]
    mean = np.mean([own.mean(axis=0) for own in both], axis=0)
    variance = np.mean([((own - mean) ** 2).mean(axis=0) for own in both], axis=0)
    np.testing.assert_allclose(expected.mean.ravel(), mean, atol=1e-6)
    np.testing.assert_allclose(expected.deviation.ravel(), np.sqrt(variance), atol=1e-6)
    for side, folder in (("a", large), ("b", large.parent / "small")):
        own = splits.statistics(folder, task)
        np.testing.assert_array_equal(own.deviation, expected.deviation)
        mapped, _ = array_cache.load(tmp_path / "store", f"name {side}", folder, "standardized", task, side)
        loaded = splits.load(folder, "train", "standardized", task, side)
        np.testing.assert_array_equal(mapped.images, loaded.images)
        np.testing.assert_allclose(loaded.images, (train[side == "b"] / 255 - own.mean) / own.deviation, atol=1e-4)
    assert not np.array_equal(splits.statistics(large).deviation, expected.deviation)


def test_a_constant_border_of_the_large_set_makes_no_extreme_input_of_the_small() -> None:
    dark, bright = np.zeros((5000, 2, 2), np.uint8), np.full((20, 2, 2), 250, np.uint8)
    dark[::100, 0, 0] = 3
    bright[::2, 0, 0] = 100
    measured = measure(dark, bright, min_deviation=0.01).statistics
    for images in (dark, bright):
        assert np.abs((images / 255 - measured.mean) / measured.deviation).max() < 2


def test_a_key_follows_both_data_sets(large: Path, tmp_path: Path) -> None:
    def keys(folder: Path) -> list[str]:
        return [DataView.of(folder, written(folder), side).digest for side in ("a", "b")]

    before = keys(large)
    made(tmp_path, "small", labelled(60, seed=8, classes=2), ("nut", "bolt"))
    after = keys(large)
    assert before[0] != after[0] and before[1] != after[1]
    assert len({*before, *after}) == 4


def test_classes_go_by_number_or_by_name(large: Path) -> None:
    named = Between(Side("large", ("star", 0)), Side("small", ("bolt", "nut")))
    document = read_json(written(large, named) / "task.json")
    assert (document["a"]["classes"], document["label_map"]["b"]) == ([2, 0], {"1": 0, "0": 1})
    document = read_json(written(large, Task(("cross", 1), 9)) / "task.json")
    assert (document["a"]["names"], document["b"]["names"]) == (["circle", "star"], ["cross", "square"])
    assert document["statistics"] is None


def test_two_sets_of_classes_of_one_data_set_leave_the_others_out(large: Path) -> None:
    task = written(large, Between(Side("large", (0, 1)), Side("large", (2, 3)), samples=8))
    document = read_json(task / "task.json")
    assert (document["a"]["train"], document["b"]["train"]) == (40, 8)
    assert not (task / "statistics.npz").exists()


def overlapping(folder: Path, where: str, count: int) -> Path:
    """``count`` training images of the large set are copies of images of the small one."""
    made(folder, "small", SMALL, ("nut", "bolt"))
    large = made(folder, "large", LARGE, ("circle", "square", "star", "cross"))
    copies = np.load(folder / "standardized" / "small" / where / "images.npy")[:count]
    data = Labelled(np.concatenate([LARGE.images[count:], copies]), LARGE.labels)
    return made(folder, "large", data, ("circle", "square", "star", "cross")) if count else large


@pytest.mark.parametrize("where", ["train", "validation", "test"])
def test_what_stands_in_both_is_taken_out_of_a_and_counted(
    tmp_path: Path, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    large = overlapping(tmp_path, where, 3)
    with caplog.at_level(logging.INFO):
        task = written(large)
    document = read_json(task / "task.json")
    prints = np.load(large / "hashes.npz")
    assert document["checks"]["images_shared_by_a_and_b"] == document["checks"]["images_of_a_in_the_test_of_b"] == 0
    dropped = document["checks"]["dropped"]["shared_with_b"]
    kept = document["a"]["train"] + document["a"]["validation"]
    assert kept + sum(dropped.values()) == len(prints["train"]) + len(prints["validation"])
    assert 0 < sum(dropped.values()) <= 3
    assert f"t: {sum(dropped.values())} images of A stand in B too and are left out of A" in caplog.text


def test_a_large_overlap_is_refused_unless_it_is_allowed(tmp_path: Path) -> None:
    large = overlapping(tmp_path, "train", 20)
    (said,) = refused(large, t=TASK)
    assert said.startswith("tasks.t: ") and "of B's 40 training and validation images also stand in A" in said
    assert "overlap allows 10.0%" in said
    written(large, Between(TASK.a, TASK.b, TASK.samples, overlap=0.5))


def test_two_data_sets_of_different_shapes_are_refused(large: Path, tmp_path: Path) -> None:
    made(tmp_path, "wide", labelled(60, shape=(5, 6)), ("a", "b", "c", "d"))
    (said,) = refused(large, t=Between(Side("large"), Side("wide")))
    assert said == "tasks.t: large is 5x4, but wide is 5x6. Declare the same size and mode for both under datasets."


def test_tables_need_the_same_features(tmp_path: Path) -> None:
    for name, features in {"one": "xy", "other": "xz", "third": "x"}.items():
        values = np.random.default_rng(len(name)).normal(size=(60, len(features)))
        one = made(tmp_path, name, Labelled(values, np.arange(60) % 2), ("a", "b"), tuple(features)).parent / "one"
    said = "tasks.t: the features of one and other differ: y, z."
    assert refused(one, t=Between(Side("one"), Side("other"))) == (said,)
    assert "Both must have the same features." in refused(one, t=Between(Side("one"), Side("third")))[0]


def test_every_problem_of_a_declaration_is_told(large: Path) -> None:
    problems = refused(
        large,
        unknown=Between(Side("large", ("stra", 9)), Side("small", (0,))),
        twice=Between(Side("large", ("star", 2)), Side("small")),
        both=Between(Side("large"), Side("large", ("star", "cross"))),
    )
    assert problems == (
        "tasks.unknown.a.classes: [9] do not exist; allowed: 0 to 3 (circle, square, star, cross).",
        "tasks.unknown.a.classes: unknown class 'stra'. Did you mean 'star'? Allowed: circle, cross, square, star.",
        "tasks.unknown.b.classes: [0] are fewer than the 2 classes that a task needs.",
        "tasks.twice.a.classes: [2, 'star'] are given more than once; a class stands in a task once.",
        "tasks.both: star, cross: in A and in B; a class of large can be in one of them.",
    )


def test_a_number_that_is_also_a_name_is_refused(tmp_path: Path) -> None:
    folder = made(tmp_path, "grades", labelled(120), ("1", "2", "3", "4"))
    assert refused(folder, t=Task((1, 3), 5)) == (
        "tasks.t.classes: 1 is the name of one class and the number of another, '2'; write '1' or '2', in quotes.",
        "tasks.t.classes: 3 is the name of one class and the number of another, '4'; write '3' or '4', in quotes.",
    )
    assert read_json(written(folder, Task(("1", "3"), 5)) / "task.json")["b"]["classes"] == [0, 2]
