"""The A/B tasks of transfer learning: a few images of some classes (B), and all images of the other classes (A)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bythebook.datasets.fingerprints import stand_in
from bythebook.datasets.storage import load_array, load_arrays, save_array, saving
from bythebook.documents import canonical_json, read_json, write_json
from bythebook.errors import DataError, Problems
from bythebook.files import new_directory

Indices = dict[str, NDArray[np.int64]]
SPLITS = ("train", "validation")
NAME = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Task:
    """Which classes are task B, and how many training images it has.

    Attributes:
        classes: the classes of B, in the order of their new labels; all others are A.
        samples: the first so many training images of B are kept; None keeps all.
    """

    classes: tuple[int, ...]
    samples: int | None


@dataclass(frozen=True)
class Standardized:
    """What is known about the training and validation splits; nothing about the test split but its fingerprints."""

    classes: tuple[str, ...]
    labels: Mapping[str, NDArray[np.int64]]
    prints: Mapping[str, NDArray[np.uint8]]
    digest: str


def check_tasks(tasks: Mapping[str, Task], classes: Sequence[str], problems: Problems, where: str = "tasks") -> None:
    """Notes everything about the declared ``tasks`` that cannot be, for a dataset with these ``classes``."""
    for name, task in tasks.items():
        if not NAME.fullmatch(name):
            problems.add(where, f"'{name}' cannot name a task; allowed: letters, digits, '_' and '-'.")
        here = f"{where}.{name}.classes"
        missing = sorted({label for label in task.classes if not 0 <= label < len(classes)})
        if missing:
            problems.add(here, f"{missing} do not exist; allowed: 0 to {len(classes) - 1} ({', '.join(classes)}).")
        twice = sorted({label for label in task.classes if task.classes.count(label) > 1})
        if twice:
            problems.add(here, f"{twice} are given more than once; a class stands in a task once.")
        own = set(task.classes) - set(missing)
        if len(set(task.classes)) < 2:
            problems.add(here, f"{list(task.classes)} are fewer than the 2 classes that task B needs.")
        if len(classes) - len(own) < 2:
            problems.add(here, f"leave {len(classes) - len(own)} of {len(classes)} classes to task A, which needs 2.")
        if task.samples is not None and task.samples < 1:
            problems.add(f"{where}.{name}.samples", f"must be at least 1, or null for all; given {task.samples}.")


def split_tasks(standardized: Path, out: Path, tasks: Mapping[str, Task]) -> None:
    """Writes every task of the standardized data to ``out / name``, all of them or none. Never reads the test split.

    Raises:
        UserError: a declared task cannot be (with every problem of every task), or ``out`` cannot be written.
        DataError: the standardized data are damaged.
    """
    data = read_standardized(standardized)
    problems = Problems()
    check_tasks(tasks, data.classes, problems)
    problems.raise_if_any()
    divided = {name: divide(data, name, task, problems) for name, task in tasks.items()}
    problems.raise_if_any()
    with saving(out), new_directory(out) as building:
        for name, (document, indices) in divided.items():
            write_json(building / name / "task.json", document)
            for part, chosen in indices.items():
                save_array(building / name / f"{part}.npy", chosen)


def read_standardized(folder: Path) -> Standardized:
    """What :func:`split_tasks` needs of the folder that standardize wrote."""
    card = read_json(folder / "card.json")
    labels = {split: np.array(load_array(folder / split / "labels.npy")) for split in SPLITS}
    prints = load_arrays(folder / "hashes.npz")
    if set(prints) != {*SPLITS, "test"} or any(len(prints[split]) != len(labels[split]) for split in SPLITS):
        raise DataError(f"{folder / 'hashes.npz'}: does not fit the labels beside it; run standardize again.")
    return Standardized(tuple(card["classes"]), labels, prints, card["training_digest"])


def divide(data: Standardized, name: str, task: Task, problems: Problems) -> tuple[dict[str, Any], Indices]:
    """One task: its document and its index arrays ``a_train``, ``a_validation``, ``b_train``, ``b_validation``."""
    side_a = [label for label in range(len(data.classes)) if label not in task.classes]
    label_map = {
        "a": {old: new for new, old in enumerate(side_a)},
        "b": {old: new for new, old in enumerate(task.classes)},
    }
    crossing = _crossing(data.prints)
    in_b = {split: np.isin(data.labels[split], task.classes) for split in SPLITS}
    of_b = [data.prints[split][in_b[split]] for split in SPLITS]
    shared = {split: stand_in(data.prints[split], *of_b) & ~in_b[split] & ~crossing[split] for split in SPLITS}
    indices: Indices = {}
    for split in SPLITS:
        indices[f"a_{split}"] = np.flatnonzero(~in_b[split] & ~shared[split] & ~crossing[split])
        indices[f"b_{split}"] = np.flatnonzero(in_b[split] & ~crossing[split])
    _check_samples(data, name, task, len(indices["b_train"]), problems)
    indices["b_train"] = indices["b_train"][: task.samples]
    _check_images(data, name, label_map, indices, problems)
    dropped = {
        "crossing_splits": {split: int(crossing[split].sum()) for split in SPLITS},
        "shared_with_b": {split: int(shared[split].sum()) for split in SPLITS},
    }
    return _document(data, name, label_map, indices, dropped), indices


def _crossing(prints: Mapping[str, NDArray[np.uint8]]) -> dict[str, NDArray[np.bool_]]:
    """Images whose content also stands in a split that is judged later."""
    return {
        "train": stand_in(prints["train"], prints["validation"], prints["test"]),
        "validation": stand_in(prints["validation"], prints["test"]),
    }


def _check_samples(data: Standardized, name: str, task: Task, available: int, problems: Problems) -> None:
    if task.samples is not None and task.samples > available:
        names = ", ".join(data.classes[label] for label in task.classes)
        problems.add(
            f"tasks.{name}.samples", f"{task.samples} asked for, but {names} have {available} training images."
        )


def _check_images(
    data: Standardized, name: str, label_map: Mapping[str, Mapping[int, int]], indices: Indices, problems: Problems
) -> None:
    for part, chosen in indices.items():
        side, split = part.split("_")
        present = set(data.labels[split][chosen].tolist())
        absent = [data.classes[old] for old in label_map[side] if old not in present]
        if absent:
            hint = "; raise samples" if part == "b_train" else ""
            problems.add(f"tasks.{name}", f"task {side.upper()} has no {split} image of {', '.join(absent)}{hint}.")


def _document(
    data: Standardized,
    name: str,
    label_map: Mapping[str, Mapping[int, int]],
    indices: Indices,
    dropped: Mapping[str, Mapping[str, int]],
) -> dict[str, Any]:
    sides = {
        side: {
            "classes": list(label_map[side]),
            "names": [data.classes[old] for old in label_map[side]],
            "train": len(indices[f"{side}_train"]),
            "validation": len(indices[f"{side}_validation"]),
        }
        for side in ("a", "b")
    }
    digest = hashlib.sha256(canonical_json({"data": data.digest, "a": list(label_map["a"]), "b": list(label_map["b"])}))
    for part in sorted(indices):
        digest.update(part.encode() + indices[part].astype("<i8").tobytes())
    maps = {side: {str(old): new for old, new in label_map[side].items()} for side in ("a", "b")}
    checks = _assertions(data, label_map, indices) | {"dropped": dropped}
    return {"name": name, "digest": digest.hexdigest(), **sides, "label_map": maps, "checks": checks}


def _assertions(data: Standardized, label_map: Mapping[str, Mapping[int, int]], indices: Indices) -> dict[str, Any]:
    """What a task promises, counted on its final images; every count must be 0.

    Raises:
        DataError: one is not.
    """
    prints = {part: data.prints[part.split("_")[1]][chosen] for part, chosen in indices.items()}
    of_b = (prints["b_train"], prints["b_validation"])
    later = (data.prints["validation"], data.prints["test"])
    counts = {
        "classes_shared_by_a_and_b": len(set(label_map["a"]) & set(label_map["b"])),
        "images_shared_by_a_and_b": sum(
            int(stand_in(prints[part], *of_b).sum()) for part in ("a_train", "a_validation")
        ),
        "train_images_in_validation_or_test": sum(
            int(stand_in(prints[part], *later).sum()) for part in ("a_train", "b_train")
        ),
        "validation_images_in_test": sum(
            int(stand_in(prints[part], data.prints["test"]).sum()) for part in ("a_validation", "b_validation")
        ),
    }
    broken = [f"{promise} is {count}, must be 0" for promise, count in counts.items() if count]
    if broken:
        raise DataError(*broken)
    return counts
