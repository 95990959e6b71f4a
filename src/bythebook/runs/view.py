"""The data that a run sees: a whole data set, or a part of one side of an A/B task."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

from bythebook.datasets.splits import positions
from bythebook.datasets.storage import load_array
from bythebook.documents import canonical_json, read_json
from bythebook.records.run import DataIdentity


@dataclass(frozen=True)
class DataView:
    """The data a run sees: a whole dataset, or one side of an A/B task.

    Attributes:
        directory: the folder of standardized data.
        dataset: the dataset's name.
        digest: the digest of the training and validation images, labels, statistics and task.
        task: the folder of the task's index files, or None for the whole dataset.
        side: ``a`` or ``b``, or None.
        labels: how many of the side's training images are seen, the first of them; None: all.
        images: how many training images it has.
        pixels: values per image.
    """

    directory: Path
    dataset: str
    digest: str
    task: Path | None = None
    side: str | None = None
    labels: int | None = None
    images: int = 0
    pixels: int = 0

    @classmethod
    def of(
        cls, directory: Path, task: Path | None = None, side: str | None = None, labels: int | None = None
    ) -> DataView:
        """The view of a folder of standardized data, or of another one beside it that the task is about.

        Its digest is that of the data which its card declares, of the images that it sees of them and of what they are
        scaled by, so that views of the same images are equal whatever else a task's files hold.

        Raises:
            UserError: a file is missing, or there are fewer training images than ``labels``.
        """
        card = read_json(directory / "card.json")
        digest, images = card["training_digest"], card["splits"]["train"]["images"]
        if task is not None and side is not None:
            declared = read_json(task / "task.json")
            named = declared[side].get("dataset", card["dataset"])
            if named != card["dataset"]:
                return cls.of(directory.parent / named, task, side, labels)
            seen = hashlib.sha256(canonical_json([digest, declared["label_map"][side], declared.get("statistics")]))
            for split in ("train", "validation"):
                every = load_array(directory / split / "labels.npy")
                chosen = positions(every, split, task, side, labels)
                seen.update(split.encode() + chosen.astype("<i8").tobytes())
                images = len(chosen) if split == "train" else images
            digest = seen.hexdigest()
        return cls(directory, card["dataset"], digest, task, side, labels, images, math.prod(card["shape"]))

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one example, as the card of its data says."""
        return tuple(read_json(self.directory / "card.json")["shape"])

    @property
    def identity(self) -> DataIdentity:
        """The view as a run record states it, without paths."""
        task = self.task.name if self.task else None
        return DataIdentity(dataset=self.dataset, task=task, side=self.side, labels=self.labels, digest=self.digest)
