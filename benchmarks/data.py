"""Fashion-MNIST as the pipeline standardized it, read by every contender in the same way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bythebook.datasets import splits
from bythebook.errors import Problems

ROOT = Path(__file__).resolve().parent.parent
DATASET, TASK = "fashion_mnist", "sandal_vs_shirt"
STANDARDIZED, TASKS = Path("data/standardized") / DATASET, Path("data/tasks")
MAKE = "`make repro` makes it (or `dvc repro split_tasks`, without training)"


@dataclass(frozen=True)
class Data:
    """What a net is trained on and evaluated with.

    Attributes:
        x: float32 ``(n, 28, 28)``, standardized.
        y: int64 ``(n,)``.
        held_out: the validation images and labels, in the same form.
        classes: how many there are.
    """

    x: np.ndarray
    y: np.ndarray
    held_out: tuple[np.ndarray, np.ndarray]
    classes: int


def check(root: Path = ROOT) -> None:
    """Makes sure that the data are there before anything is measured.

    Raises:
        UserError: with what is missing, and the command that makes it.
    """
    problems = Problems()
    if not (root / STANDARDIZED / "card.json").is_file():
        problems.add(str(STANDARDIZED), f"there is no standardized data; {MAKE}.")
    if not (root / TASKS / TASK / "task.json").is_file():
        problems.add(str(TASKS), f"there is no task {TASK}; {MAKE}.")
    problems.raise_if_any()


def load(side: str | None, images: int | None = None, times: int = 1, scaling: str = "standardized") -> Data:
    """The training and validation images.

    Args:
        side: ``a`` for the eight classes of model A, None for all ten.
        images: only so many training images; None for all.
        times: the training images stand so many times one after another.
        scaling: ``standardized`` or ``unit``.
    """
    task = ROOT / TASKS / TASK if side else None
    training, validation = (
        splits.load(ROOT / STANDARDIZED, part, scaling, task, side) for part in ("train", "validation")
    )
    x, y = training.images[:images], training.labels[:images]
    return Data(
        np.concatenate([x] * times) if times > 1 else x,
        np.concatenate([y] * times) if times > 1 else y,
        (validation.images, validation.labels),
        len(training.classes),
    )
