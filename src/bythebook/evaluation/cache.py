"""What was evaluated before, a file for each run: a rerun evaluates what is new or was not reached.

A file is named by a digest of all that decides what is in it - weights, recipe, images, settings, code, libraries -,
has that of its content within, and lies outside DVC's outputs, which DVC deletes before a stage runs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from bythebook.documents import canonical_json
from bythebook.files import sha256_of
from bythebook.records.run import RunRecord
from bythebook.runs.numeric_code import code_of_net
from bythebook.sealed import look_up, write_sealed
from bythebook.training.determinism import environment

MEASURING = "bythebook.evaluation.evaluated_run.measured"


def place(
    folder: Path, record: RunRecord, dataset: Path, task: Path | None, settings: Mapping[str, Any] | None
) -> Path:
    """Where a run's evaluation is kept.

    Args:
        folder: of all that is kept.
        record: the run's.
        dataset: the folder of the standardized data set that it was trained on.
        task: the folder of its A/B task, if it has one.
        settings: what is measured besides plain predictions.
    """
    identity = {
        "run": record.key,
        "weights": record.weights_sha256,
        "images": _images(dataset, task),
        "settings": settings,
        "code": code_of_net(record.recipe, MEASURING),
        "environment": environment(),
    }
    name = hashlib.sha256(canonical_json(identity)).hexdigest()
    return folder / name[:2] / f"{name}.json"


def read(path: Path) -> dict[str, Any] | None:
    """What is kept there, or None if the run has to be evaluated; a damaged file counts as none."""
    found: dict[str, Any] | None = look_up(path, path.stem)
    return found


def write(path: Path, result: Mapping[str, Any]) -> None:
    """Keep there what was evaluated."""
    write_sealed(path, path.stem, result)


@cache
def _images(dataset: Path, task: Path | None) -> str:
    own = [sha256_of(task / "task.json")] if task else []
    return hashlib.sha256(canonical_json([*_digests(dataset), *own])).hexdigest()


@cache
def _digests(dataset: Path) -> list[str]:
    # Of the training images a net is asked about again, and of the statistics that scale them, too.
    parts = [dataset / split / f"{part}.npy" for split in ("test", "train") for part in ("images", "labels")]
    return [sha256_of(part) for part in (*parts, dataset / "statistics.npz")]
