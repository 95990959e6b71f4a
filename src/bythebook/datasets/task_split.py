"""Dividing images into task A and task B, so that neither shares an image with the other or with a later split."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bythebook.datasets.fingerprints import stand_in
from bythebook.datasets.pixels import measure
from bythebook.datasets.scaling import PixelStatistics
from bythebook.datasets.storage import load_array
from bythebook.datasets.task_declaration import AnyTask, Between
from bythebook.documents import canonical_json
from bythebook.errors import DataError, Problems

Indices = dict[str, NDArray[np.int64]]
SPLITS = ("train", "validation")


@dataclass(frozen=True)
class Standardized:
    """What is known about the training and validation splits; nothing about the test split but its fingerprints.

    Attributes:
        digest: of everything that a net is trained and chosen on.
        name: of the data set.
        folder: where the images are.
        card: the data card.
    """

    classes: tuple[str, ...]
    labels: Mapping[str, NDArray[np.int64]]
    prints: Mapping[str, NDArray[np.uint8]]
    digest: str
    name: str = ""
    folder: Path = Path()
    card: Mapping[str, Any] = field(default_factory=dict)

    def crossing(self, split: str) -> NDArray[np.bool_]:
        """Which images of a split also stand in one that is judged later."""
        later = [name for name in (*SPLITS, "test") if name not in (split, "train")]
        return stand_in(self.prints[split], *(self.prints[name] for name in later))


@dataclass(frozen=True)
class SideData:
    """One side of a task: a data set, and the numbers of its classes, in the order of their new labels."""

    data: Standardized
    classes: tuple[Any, ...]

    @property
    def names(self) -> list[str]:
        """The names of its classes."""
        return [self.data.classes[old] for old in self.classes]

    def holds(self, split: str) -> NDArray[np.bool_]:
        """Which images of a split are of its classes."""
        return np.isin(self.data.labels[split], self.classes)

    def prints(self) -> list[NDArray[np.uint8]]:
        """The fingerprints of its images; of the test split, whose labels are not read, those of all."""
        own = [self.data.prints[split][self.holds(split)] for split in SPLITS]
        return [*own, self.data.prints["test"]]


@dataclass(frozen=True)
class Divided:
    """A task.

    Attributes:
        document: what ``task.json`` says.
        indices: ``a_train``, ``a_validation``, ``b_train`` and ``b_validation``, positions in the split.
        statistics: what its images are scaled by; None: by what those of its data set are.
    """

    document: dict[str, Any]
    indices: Indices
    statistics: PixelStatistics | None


def divide(a: SideData, b: SideData, name: str, task: AnyTask, problems: Problems) -> Divided:
    """Divides one task; what it cannot be is noted."""
    sides = {"a": a, "b": b}
    of_b, crossed, shared = b.prints(), {}, {}
    indices: Indices = {}
    for split in SPLITS:
        later = {data.name: data.crossing(split) for data in {a.data.name: a.data, b.data.name: b.data}.values()}
        crossing = {side: part.holds(split) & later[part.data.name] for side, part in sides.items()}
        also_b = a.holds(split) & ~crossing["a"] & stand_in(a.data.prints[split], *of_b)
        indices[f"a_{split}"] = np.flatnonzero(a.holds(split) & ~crossing["a"] & ~also_b)
        indices[f"b_{split}"] = np.flatnonzero(b.holds(split) & ~crossing["b"])
        crossed[split], shared[split] = sum(int(own.sum()) for own in crossing.values()), int(also_b.sum())
    _check_samples(b, name, task.samples, len(indices["b_train"]), problems)
    indices["b_train"] = indices["b_train"][: task.samples]
    if isinstance(task, Between):
        _check_overlap(sides, name, task.overlap, problems)
    _check_images(sides, name, indices, problems)
    of_two = a.data.name != b.data.name
    statistics = None
    if of_two and _check_shapes(a.data, b.data, name, problems):
        statistics = _statistics(sides, indices)
    dropped = {"crossing_splits": crossed, "shared_with_b": shared}
    return Divided(_document(sides, name, indices, statistics, dropped), indices, statistics)


def _check_samples(b: SideData, name: str, samples: int | None, available: int, problems: Problems) -> None:
    if samples is not None and samples > available:
        names = ", ".join(b.names)
        problems.add(f"tasks.{name}.samples", f"{samples} asked for, but {names} have {available} training images.")


def _check_overlap(sides: Mapping[str, SideData], name: str, allowed: float, problems: Problems) -> None:
    """How much of B also stands in A: a little is taken out of A, but a lot means that something is mixed up."""
    of_b = np.concatenate([sides["b"].data.prints[split][sides["b"].holds(split)] for split in SPLITS])
    found = int(stand_in(of_b, *sides["a"].prints()[: len(SPLITS)]).sum())
    if found > allowed * len(of_b):
        problems.add(
            f"tasks.{name}",
            f"{found} of B's {len(of_b)} training and validation images also stand in A, {found / len(of_b):.1%};"
            f" overlap allows {allowed:.1%}. Keep A and B apart, or allow more: they are left out of A.",
        )


def _check_images(sides: Mapping[str, SideData], name: str, indices: Indices, problems: Problems) -> None:
    for part, chosen in indices.items():
        side, split = part.split("_")
        own = sides[side]
        present = set(own.data.labels[split][chosen].tolist())
        absent = [own.data.classes[old] for old in own.classes if old not in present]
        if absent:
            hint = "; raise samples" if part == "b_train" else ""
            problems.add(f"tasks.{name}", f"task {side.upper()} has no {split} image of {', '.join(absent)}{hint}.")


def _check_shapes(a: Standardized, b: Standardized, name: str, problems: Problems) -> bool:
    """Whether a net for A can read B."""
    shapes = {data.name: tuple(data.card["shape"]) for data in (a, b)}
    features = [data.card.get("source", {}).get("features", []) for data in (a, b)]
    if shapes[a.name] != shapes[b.name]:
        of_a, of_b = ("x".join(map(str, shape)) for shape in shapes.values())
        advice = "Declare the same size and mode for both under datasets."
        if 1 in map(len, shapes.values()):
            advice = "Both must have the same features."
        problems.add(f"tasks.{name}", f"{a.name} is {of_a}, but {b.name} is {of_b}. {advice}")
    elif features[0] != features[1]:
        only = sorted(set(features[0]) ^ set(features[1])) or ["their order"]
        problems.add(f"tasks.{name}", f"the features of {a.name} and {b.name} differ: {', '.join(only)}.")
    else:
        return not problems.found
    return False


def _statistics(sides: Mapping[str, SideData], indices: Indices) -> PixelStatistics:
    """Of the training images of A and of B, which count half each."""
    images = [
        load_array(part.data.folder / "train" / "images.npy")[indices[f"{side}_train"]] for side, part in sides.items()
    ]
    return measure(*images, min_deviation=sides["a"].data.card["min_deviation"]).statistics


def _document(
    sides: Mapping[str, SideData],
    name: str,
    indices: Indices,
    statistics: PixelStatistics | None,
    dropped: Mapping[str, Mapping[str, int]],
) -> dict[str, Any]:
    described = {
        side: {
            "dataset": part.data.name,
            "classes": list(part.classes),
            "names": part.names,
            "train": len(indices[f"{side}_train"]),
            "validation": len(indices[f"{side}_validation"]),
        }
        for side, part in sides.items()
    }
    maps = {side: {str(old): new for new, old in enumerate(part.classes)} for side, part in sides.items()}
    checks = _assertions(sides, indices) | {"dropped": dropped}
    digests = {"digest": _digest(sides, indices), "statistics": _digest_of(statistics)}
    return {"name": name, **digests, **described, "label_map": maps, "checks": checks}


def _digest(sides: Mapping[str, SideData], indices: Indices) -> str:
    """Of everything that nets for either side are trained and chosen on."""
    data = {part.data.digest for part in sides.values()}
    named = {side: list(part.classes) for side, part in sides.items()}
    of_data = data.pop() if len(data) == 1 else [part.data.digest for part in sides.values()]
    digest = hashlib.sha256(canonical_json({"data": of_data, **named}))
    for part in sorted(indices):
        digest.update(part.encode() + indices[part].astype("<i8").tobytes())
    return digest.hexdigest()


def _digest_of(statistics: PixelStatistics | None) -> str | None:
    if statistics is None:
        return None
    return hashlib.sha256(b"".join(array.tobytes() for array in statistics.arrays().values())).hexdigest()


def _assertions(sides: Mapping[str, SideData], indices: Indices) -> dict[str, Any]:
    """What a task promises, counted on its final images; every count must be 0.

    Raises:
        DataError: one is not.
    """
    prints = {part: sides[part[0]].data.prints[part[2:]][chosen] for part, chosen in indices.items()}
    of_data = {side: part.data.prints for side, part in sides.items()}
    one_set = sides["a"].data.name == sides["b"].data.name

    def count(parts: tuple[str, ...], *splits: str) -> int:
        """How many images of ``parts`` stand in these splits of their data set."""
        return sum(int(stand_in(prints[part], *(of_data[part[0]][split] for split in splits)).sum()) for part in parts)

    of_a, of_b = ("a_train", "a_validation"), ("b_train", "b_validation")
    counts = {
        "classes_shared_by_a_and_b": len({*sides["a"].classes} & {*sides["b"].classes}) if one_set else 0,
        "images_shared_by_a_and_b": sum(
            int(stand_in(prints[part], *(prints[other] for other in of_b)).sum()) for part in of_a
        ),
        "images_of_a_in_the_test_of_b": sum(int(stand_in(prints[part], of_data["b"]["test"]).sum()) for part in of_a),
        "train_images_in_validation_or_test": count(("a_train", "b_train"), "validation", "test"),
        "validation_images_in_test": count(("a_validation", "b_validation"), "test"),
    }
    broken = [f"{promise} is {count}, must be 0" for promise, count in counts.items() if count]
    if broken:
        raise DataError(*broken)
    return counts
