"""The A/B tasks of transfer learning: a few images of some classes (B), and many images of other classes (A)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from bythebook.datasets.storage import load_array, load_arrays, save_array, save_arrays, saving
from bythebook.datasets.task_declaration import AnyTask, Between, check_tasks, sides
from bythebook.datasets.task_split import SPLITS, SideData, Standardized, divide
from bythebook.documents import read_json, write_json
from bythebook.errors import DataError, Problems
from bythebook.files import new_directory

log = logging.getLogger(__name__)


def split_tasks(standardized: Path, out: Path, tasks: Mapping[str, AnyTask]) -> None:
    """Writes every task of the standardized data to ``out / name``, all of them or none. Never reads the test split.

    Args:
        standardized: the folder of the data set of tasks that name none; those that are named lie beside it.

    Raises:
        UserError: a declared task cannot be (with every problem of every task), or ``out`` cannot be written.
        DataError: the standardized data are damaged.
    """
    default = read_standardized(standardized)
    known = {default.name: default}
    for name in _named(tasks) - known.keys():
        known[name] = read_standardized(standardized.parent / name)
    classes = {name: data.classes for name, data in known.items()}
    problems = Problems()
    check_tasks(tasks, default.classes, problems, others=classes)
    problems.raise_if_any()
    divided = {}
    for name, task in tasks.items():
        a, b = (SideData(known[side.dataset], side.classes or ()) for side in sides(task, default.name, classes))
        divided[name] = divide(a, b, name, task, problems)
    problems.raise_if_any()
    for name, found in divided.items():
        left_out = sum(found.document["checks"]["dropped"]["shared_with_b"].values())
        if left_out:
            log.info("%s: %d images of A stand in B too and are left out of A", name, left_out)
    with saving(out), new_directory(out) as building:
        for name, found in divided.items():
            write_json(building / name / "task.json", found.document)
            for part, chosen in found.indices.items():
                save_array(building / name / f"{part}.npy", chosen)
            if found.statistics:
                save_arrays(building / name / "statistics.npz", **found.statistics.arrays())


def read_standardized(folder: Path) -> Standardized:
    """What :func:`split_tasks` needs of the folder that standardize wrote."""
    card = read_json(folder / "card.json")
    labels = {split: np.array(load_array(folder / split / "labels.npy")) for split in SPLITS}
    prints = load_arrays(folder / "hashes.npz")
    if set(prints) != {*SPLITS, "test"} or any(len(prints[split]) != len(labels[split]) for split in SPLITS):
        raise DataError(f"{folder / 'hashes.npz'}: does not fit the labels beside it; run standardize again.")
    return Standardized(tuple(card["classes"]), labels, prints, card["training_digest"], card["dataset"], folder, card)


def _named(tasks: Mapping[str, AnyTask]) -> set[str]:
    """The data sets that tasks name."""
    between = [task for task in tasks.values() if isinstance(task, Between)]
    return {side.dataset for task in between for side in (task.a, task.b)}
