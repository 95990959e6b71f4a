from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_data import CLASSES, FIRST, files_below, labelled, standardized

from bythebook.datasets.fingerprints import fingerprints
from bythebook.datasets.labelled import Labelled
from bythebook.datasets.registry import find
from bythebook.datasets.standardize import SplitPlan
from bythebook.datasets.task_declaration import Task, check_tasks, sides
from bythebook.datasets.task_split import Divided, SideData, Standardized, divide
from bythebook.datasets.tasks import split_tasks
from bythebook.errors import DataError, Problems, UserError

TRAIN, TEST = labelled(100), labelled(40, seed=1)
TASK = Task(classes=(2, 1), samples=12)

# The labels of training images 5,000 to 5,159 of Fashion-MNIST.
FASHION_LABELS = (
    "40799944340186364328734713420855915359039642908332208366191031789545630798032625823952813717550151802717"
    "83413822510928603396537389294856200260756866332262693524"
)
# What the 2nd edition's notebook prints as the first 30 labels of either task.
A_LABELS = [4, 0, 5, 7, 7, 7, 4, 4, 3, 4, 0, 1, 6, 3, 4, 3, 2, 6, 5, 3, 4, 5, 1, 3, 4, 2, 0, 6, 7, 1]
B_LABELS = [1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 1, 1, 1, 1]


def _data(labels: dict[str, list[int]], images: dict[str, list[int]], classes: tuple[str, ...]) -> Standardized:
    """Splits whose images are one pixel pair each, given as a number."""
    pixels = {name: np.array(values, dtype="<u2").view(np.uint8).reshape(-1, 1, 2) for name, values in images.items()}
    arrays = {name: np.array(values, dtype=np.int64) for name, values in labels.items()}
    return Standardized(classes, arrays, {name: fingerprints(own) for name, own in pixels.items()}, "digest")


def _divided(data: Standardized, task: Task, problems: Problems) -> Divided:
    a, b = (SideData(data, side.classes or ()) for side in sides(task, "", {"": data.classes}))
    return divide(a, b, "task", task, problems)


def _labels(data: Standardized, document: dict, indices: dict, part: str) -> list[int]:
    side, split = part.split("_")
    return [document["label_map"][side][str(label)] for label in data.labels[split][indices[part]]]


def test_the_books_task_has_the_books_labels() -> None:
    labels = [int(digit) for digit in FASHION_LABELS]
    own = {"train": labels, "validation": list(range(10))}
    images = {"train": list(range(160)), "validation": list(range(200, 210)), "test": [500]}
    data = _data(own, images, find("fashion_mnist").classes)
    problems = Problems()
    divided = _divided(data, Task((5, 6), 30), problems)
    document, indices = divided.document, divided.indices
    assert not problems.found
    assert _labels(data, document, indices, "a_train")[:30] == A_LABELS
    assert _labels(data, document, indices, "b_train") == B_LABELS
    assert document["label_map"]["a"] == {"0": 0, "1": 1, "2": 2, "3": 3, "4": 4, "7": 5, "8": 6, "9": 7}
    assert document["label_map"]["b"] == {"5": 0, "6": 1}
    assert document["b"]["names"] == ["Sandal", "Shirt"]


def test_a_task_on_disk(tmp_path: Path) -> None:
    folder = standardized(tmp_path, TRAIN, TEST)
    split_tasks(folder, tmp_path / "tasks", {"star_vs_square": TASK, "all_of_b": Task((0, 3), None)})
    task = json.loads((tmp_path / "tasks" / "star_vs_square" / "task.json").read_text())
    names = {"a": ["circle", "cross"], "b": ["star", "square"]}
    whole = {"dataset": "tiny_shapes", "validation": 10}
    assert task["a"] == {"classes": [0, 3], "names": names["a"], "train": 40, **whole}
    assert task["b"] == {"classes": [2, 1], "names": names["b"], "train": 12, **whole}
    assert task["label_map"] == {"a": {"0": 0, "3": 1}, "b": {"2": 0, "1": 1}}
    assert set(files_below(tmp_path / "tasks")) == {
        f"{name}/{file}"
        for name in ("star_vs_square", "all_of_b")
        for file in ("task.json", "a_train.npy", "a_validation.npy", "b_train.npy", "b_validation.npy")
    }
    assert len(np.load(tmp_path / "tasks" / "all_of_b" / "b_train.npy")) == 40


def test_the_same_task_gives_the_same_bytes_and_another_another_digest(tmp_path: Path) -> None:
    folder = standardized(tmp_path, TRAIN, TEST)
    tasks = {"one": TASK, "fewer": Task((2, 1), 11), "turned": Task((1, 2), 12)}
    split_tasks(folder, tmp_path / "tasks", tasks)
    before = files_below(tmp_path / "tasks")
    split_tasks(folder, tmp_path / "tasks", tasks)
    assert files_below(tmp_path / "tasks") == before
    other = standardized(tmp_path / "other", labelled(100, seed=5), TEST)
    split_tasks(other, tmp_path / "other_tasks", {"one": TASK})
    documents = [*(tmp_path / "tasks").glob("*/task.json"), *(tmp_path / "other_tasks").glob("*/task.json")]
    assert len({json.loads(path.read_text())["digest"] for path in documents}) == 4


def test_the_test_split_is_not_read(tmp_path: Path) -> None:
    folder = standardized(tmp_path, TRAIN, TEST)
    split_tasks(folder, tmp_path / "with", {"one": TASK})
    shutil.rmtree(folder / "test")
    split_tasks(folder, tmp_path / "without", {"one": TASK})
    assert files_below(tmp_path / "with") == files_below(tmp_path / "without")


# Few contents and few classes, so that images repeat within and across splits and tasks.
CONTENTS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40)), min_size=1, max_size=40)


@settings(deadline=None)
@given(CONTENTS, CONTENTS, CONTENTS, st.permutations(range(4)), st.one_of(st.none(), st.integers(1, 20)))
def test_no_image_is_shared_whatever_repeats(
    train: list[tuple[int, int]],
    validation: list[tuple[int, int]],
    test: list[tuple[int, int]],
    order: list[int],
    samples: int | None,
) -> None:
    given_images = {"train": train, "validation": validation, "test": test}
    images = {name: [content for _, content in own] for name, own in given_images.items()}
    labels = {name: [label for label, _ in given_images[name]] for name in ("train", "validation")}
    data = _data(labels, images, CLASSES)
    divided = _divided(data, Task(tuple(order[:2]), samples), Problems())
    document, indices = divided.document, divided.indices
    contents = {part: {images[part[2:]][index] for index in chosen} for part, chosen in indices.items()}
    of_a = contents["a_train"] | contents["a_validation"]
    of_b = contents["b_train"] | contents["b_validation"]
    in_train = contents["a_train"] | contents["b_train"]
    in_validation = contents["a_validation"] | contents["b_validation"]
    assert not of_a & of_b
    assert not in_train & in_validation
    assert not (in_train | in_validation) & set(images["test"])
    # What is neither dropped nor beyond the samples is there.
    dropped = document["checks"]["dropped"]
    for split in ("train", "validation"):
        kept = len(indices[f"a_{split}"]) + len(indices[f"b_{split}"])
        gone = dropped["crossing_splits"][split] + dropped["shared_with_b"][split]
        beyond = 0 if split == "validation" or samples is None else len(labels[split]) - kept - gone
        assert kept + gone + beyond == len(labels[split])
        assert beyond == 0 or len(indices["b_train"]) == samples
    assert (np.diff(indices["b_train"]) > 0).all()


def test_copies_are_dropped_from_a_and_counted(tmp_path: Path) -> None:
    images = TRAIN.images.copy()
    images[24] = images[25]  # of class 0 (A) and class 1 (B), both in train
    images[28] = images[3]  # in train and in validation
    plan = SplitPlan(FIRST.method, FIRST.validation, FIRST.test, FIRST.seed, drop_duplicates=False)
    folder = standardized(tmp_path, Labelled(images, TRAIN.labels), TEST, plan)
    split_tasks(folder, tmp_path / "tasks", {"one": TASK})
    task = json.loads((tmp_path / "tasks" / "one" / "task.json").read_text())
    assert task["checks"] == {
        "classes_shared_by_a_and_b": 0,
        "images_shared_by_a_and_b": 0,
        "images_of_a_in_the_test_of_b": 0,
        "train_images_in_validation_or_test": 0,
        "validation_images_in_test": 0,
        "dropped": {
            "crossing_splits": {"train": 1, "validation": 0},
            "shared_with_b": {"train": 1, "validation": 0},
        },
    }
    assert task["a"]["train"] == 38
    assert not {4, 8} & set(np.load(tmp_path / "tasks" / "one" / "a_train.npy").tolist())


def test_every_problem_of_every_declared_task_is_reported_at_once() -> None:
    problems = Problems()
    tasks = {
        "missing": Task((1, 9, -1), 5),
        "twice": Task((1, 2, 2), 5),
        "one": Task((1,), None),
        "greedy": Task((0, 1, 2), 0),
        "../up": Task((0, 1), 5),
        "good": TASK,
    }
    check_tasks(tasks, CLASSES, problems, "params.yaml: tasks")
    where = "params.yaml: tasks"
    assert problems.found == [
        f"{where}.missing.classes: [-1, 9] do not exist; allowed: 0 to 3 (circle, square, star, cross).",
        f"{where}.twice.classes: [2] are given more than once; a class stands in a task once.",
        f"{where}.one.classes: [1] are fewer than the 2 classes that task B needs.",
        f"{where}.greedy.classes: leave 1 of 4 classes to task A, which needs 2.",
        f"{where}.greedy.samples: must be at least 1, or null for all; given 0.",
        f"{where}: '../up' cannot name a task; allowed: letters, digits, '_' and '-'.",
    ]


def test_what_the_data_do_not_have_is_reported_for_all_tasks_and_nothing_is_written(tmp_path: Path) -> None:
    folder = standardized(tmp_path, TRAIN, TEST)
    with pytest.raises(UserError) as raised:
        split_tasks(folder, tmp_path / "tasks", {"many": Task((1, 2), 41), "few": Task((2, 3), 1), "good": TASK})
    assert raised.value.problems == (
        "tasks.many.samples: 41 asked for, but square, star have 40 training images.",
        "tasks.few: task B has no train image of cross; raise samples.",
    )
    with pytest.raises(UserError, match="tasks.no.classes: .7. do not exist"):
        split_tasks(folder, tmp_path / "tasks", {"no": Task((1, 7), 4)})
    assert not (tmp_path / "tasks").exists()


def test_fingerprints_that_do_not_fit_the_labels_are_refused(tmp_path: Path) -> None:
    folder = standardized(tmp_path, TRAIN, TEST)
    hashes = dict(np.load(folder / "hashes.npz"))
    np.savez(folder / "hashes.npz", **{**hashes, "train": hashes["train"][1:]})
    with pytest.raises(DataError, match="run standardize again"):
        split_tasks(folder, tmp_path / "tasks", {"one": TASK})
