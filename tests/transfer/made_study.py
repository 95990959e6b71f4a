"""A study, and as much of standardized data and tasks as its plan reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bythebook.documents import write_json
from bythebook.overrides import Overrides
from bythebook.transfer.declaration import Study, read_study
from bythebook.transfer.plan import Target

STUDY = """
question: Does it help?
labels: [4, 10]
strategies:
  - {name: freeze_then_finetune, frozen_epochs: 1, fine_tuning_epochs: 2}
  - {name: from_scratch, epochs: 3}
  - {name: frozen, epochs: 3}
model_a: {hidden: [8], epochs: 9}
model_b: {output: sigmoid, loss: binary_crossentropy}
"""


def study(folder: Path, text: str = STUDY, **overrides: Any) -> Study:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mine.yaml").write_text(text)
    return read_study(folder / "mine.yaml", Overrides(overrides))


def data(folder: Path, images: int = 60) -> Path:
    """Labels 0 to 2 in turns, without images."""
    folder.mkdir(exist_ok=True)
    card = {"dataset": "digits", "training_digest": "d", "shape": [8, 8], "splits": {"train": {"images": images}}}
    write_json(folder / "card.json", {**card, "classes": ["zero", "one", "two", "three"]})
    for split in ("train", "validation"):
        (folder / split).mkdir(exist_ok=True)
        np.save(folder / split / "labels.npy", np.arange(images) % 4)
    return folder


def target(folder: Path, name: str, budgets: tuple[int | None, ...] = (4, 10), samples: int = 20) -> Target:
    """Task B of the classes 0 and 1, as split_tasks writes it."""
    labels = np.arange(60) % 4
    side_b, side_a = np.flatnonzero(labels < 2), np.flatnonzero(labels >= 2)
    maps, a = {"a": {"2": 0, "3": 1}, "b": {"0": 0, "1": 1}}, {"validation": len(side_a)}
    b = {"names": ["zero", "one"], "train": samples, "validation": len(side_b)}
    write_json(folder / name / "task.json", {"digest": f"of {samples}", "label_map": maps, "a": a, "b": b})
    for part, chosen in (("a_train", side_a), ("b_train", side_b[:samples])):
        np.save(folder / name / f"{part}.npy", chosen)
    for part, chosen in (("a_validation", side_a), ("b_validation", side_b)):
        np.save(folder / name / f"{part}.npy", chosen)
    return Target(folder / name, budgets)
