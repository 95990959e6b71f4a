"""From a dataset's raw files to its three splits, with statistics from the training part and a data card."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bythebook.datasets.dataset import Dataset
from bythebook.datasets.fingerprints import duplicates, fingerprints, stand_in
from bythebook.datasets.labelled import Contents, Labelled, check_classes, check_enough, check_images
from bythebook.datasets.pixels import PixelMeasurements, largest_z, measure
from bythebook.datasets.split_methods import cut
from bythebook.datasets.storage import save_array, save_arrays, saving
from bythebook.documents import write_json
from bythebook.errors import Problems, UserError
from bythebook.files import new_directory

Splits = Mapping[str, Labelled]


@dataclass(frozen=True)
class SplitPlan:
    """How a dataset is split.

    Attributes:
        method: how validation images are chosen, see :func:`bythebook.datasets.split_methods.cut`.
        validation: how many images of the training set become validation images; below 1: which share of them.
        test: None for the dataset's own test part; for a dataset that has none, how many images of the training set
            become test images, drawn stratified; below 1: which share of them.
        seed: of every draw.
        drop_duplicates: whether a training image whose content also stands in validation or test, and a validation
            image whose content also stands in test, is left out.
    """

    method: str
    validation: int | float
    test: int | float | None
    seed: int
    drop_duplicates: bool = True


def standardize(dataset: Dataset, raw: Path, out: Path, plan: SplitPlan, min_deviation: float) -> None:
    """Splits the dataset in ``raw / dataset.name`` and writes it to the folder ``out``, as a whole or not at all.

    Args:
        min_deviation: pixels that vary by less (of pixels divided by 255) are divided by this instead.

    Raises:
        UserError: the plan does not fit the data, or ``out`` cannot be written.
        DataError: the raw files are damaged or inconsistent.
    """
    contents = dataset.read(raw / dataset.name)
    check_images(contents, dataset.classes, dataset.name)
    if contents.test is None:
        check_enough(contents.train.per_class(len(dataset.classes)), dataset.classes, dataset.name)
    parts = split(contents, plan)
    found = {name: fingerprints(part.images) for name, part in parts.items()}
    kept = _kept(found) if plan.drop_duplicates else {name: np.ones(len(part), bool) for name, part in parts.items()}
    splits = {name: part.take(kept[name]) for name, part in parts.items()}
    _check_splits(splits, dataset, kept)
    measured = measure(splits["train"].images, min_deviation=min_deviation)
    card = {
        "dataset": dataset.name,
        "plan": asdict(plan),
        "unreadable": len(contents.unreadable),
        **({"source": dict(contents.source)} if contents.source else {}),
        "duplicates": duplicates(found) | {"dropped": {name: int((~mask).sum()) for name, mask in kept.items()}},
        **_describe(splits, dataset, measured, min_deviation),
    }
    with saving(out), new_directory(out) as building:
        _write(building, splits, {name: found[name][kept[name]] for name in found}, measured, card)


def split(contents: Contents, plan: SplitPlan) -> dict[str, Labelled]:
    """Train, validation and test; the test part is cut first, where the dataset has none of its own.

    A share is one of the whole training set; in a small one it gives way to one image of every class for every split.

    Raises:
        UserError: the plan asks for more than there is, or for a test part where the dataset has its own.
    """
    rest, test = contents.train, contents.test
    if test is None:
        if plan.test is None:
            raise UserError("splits.test: null, but this dataset has no test part of its own; give a number of images.")
        count = _amount(plan.test, contents.train, rest, keep=2)
        test, rest = cut(rest, count, "stratified", plan.seed, "splits.test", keep=2)
    elif plan.test is not None:
        raise UserError(f"splits.test: {plan.test}, but this dataset has a test part of its own; give null.")
    count = _amount(plan.validation, contents.train, rest, keep=1)
    validation, train = cut(rest, count, plan.method, plan.seed, "splits.validation")
    return {"train": train, "validation": validation, "test": test}


def _amount(declared: int | float, whole: Labelled, rest: Labelled, keep: int) -> int:
    """How many images of ``rest`` are cut off: a number as it is, a share as so many of the whole."""
    if declared >= 1:
        return int(declared)
    spare = np.maximum(np.bincount(rest.labels) - keep, 0)
    return int(np.clip(round(declared * len(whole)), (spare > 0).sum(), spare.sum()))


def _kept(found: Mapping[str, NDArray[np.uint8]]) -> dict[str, NDArray[np.bool_]]:
    return {
        "train": ~stand_in(found["train"], found["validation"], found["test"]),
        "validation": ~stand_in(found["validation"], found["test"]),
        "test": np.ones(len(found["test"]), dtype=bool),
    }


def _check_splits(splits: Splits, dataset: Dataset, kept: Mapping[str, NDArray[np.bool_]]) -> None:
    problems = Problems()
    for name, part in splits.items():
        left_out = int((~kept[name]).sum())
        where = f"{dataset.name}: {name} split"
        check_classes(part, dataset.classes, f"{where}, without {left_out} copies" if left_out else where, problems)
    problems.raise_if_any()


def _describe(splits: Splits, dataset: Dataset, measured: PixelMeasurements, min_deviation: float) -> dict[str, Any]:
    """The data card's part about the splits as written. No test pixel is measured: nothing may be chosen by it."""
    digests = {name: part.digest() for name, part in splits.items()}
    training = hashlib.sha256((digests["train"] + digests["validation"]).encode())
    for array in measured.statistics.arrays().values():
        training.update(array.data)
    return {
        "classes": list(dataset.classes),
        "shape": list(splits["train"].images.shape[1:]),
        "splits": {
            name: {"images": len(part), "per_class": part.per_class(len(dataset.classes)), "digest": digests[name]}
            for name, part in splits.items()
        },
        "largest_z": {
            name: round(largest_z(splits[name].images, measured.statistics), 4) for name in ("train", "validation")
        },
        "constant_pixels": measured.constant,
        "raised_pixels": measured.raised,
        "least_deviation": measured.least,
        "min_deviation": min_deviation,
        "training_digest": training.hexdigest(),
    }


def _write(
    folder: Path,
    splits: Splits,
    prints: Mapping[str, NDArray[np.uint8]],
    measured: PixelMeasurements,
    card: dict[str, Any],
) -> None:
    for name, part in splits.items():
        save_array(folder / name / "images.npy", part.images)
        save_array(folder / name / "labels.npy", part.labels)
    save_arrays(folder / "statistics.npz", **measured.statistics.arrays())
    save_arrays(folder / "hashes.npz", **prints)
    write_json(folder / "card.json", card)
