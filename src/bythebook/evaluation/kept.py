"""What was evaluated before, a file for each run: a rerun evaluates what is new or was not reached.

A file is named by a digest of all that decides what is in it - weights, recipe, images, settings, code, libraries - and
lies outside DVC's outputs, which DVC deletes before a stage runs.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from bythebook.documents import canonical_json, read_json
from bythebook.errors import UserError
from bythebook.files import sha256_of
from bythebook.runs.numeric_code import code_of_net
from bythebook.training.determinism import environment

log = logging.getLogger(__name__)

MEASURING = "bythebook.evaluation.evaluated_run.measured"


def place(
    folder: Path, record: Mapping[str, Any], dataset: Path, task: Path | None, settings: Mapping[str, Any] | None
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
        "run": record["key"],
        "weights": record["weights_sha256"],
        "images": _images(dataset, task),
        "settings": settings,
        "code": code_of_net(record["identity"]["recipe"], MEASURING),
        "environment": environment(),
    }
    name = hashlib.sha256(canonical_json(identity)).hexdigest()
    return folder / name[:2] / f"{name}.json"


def read(path: Path) -> dict[str, Any] | None:
    """What is kept there, or None if the run has to be evaluated; a damaged file counts as none."""
    if not path.is_file():
        return None
    try:
        found: dict[str, Any] = read_json(path)
    except UserError as error:
        log.warning("%s; the run is evaluated again", error)
        return None
    return found


@cache
def _images(dataset: Path, task: Path | None) -> str:
    own = [sha256_of(task / "task.json")] if task else []
    return hashlib.sha256(canonical_json([*_digests(dataset), *own])).hexdigest()


@cache
def _digests(dataset: Path) -> list[str]:
    # Of the training images a net is asked about again, and of the statistics that scale them, too.
    parts = [dataset / split / f"{part}.npy" for split in ("test", "train") for part in ("images", "labels")]
    return [sha256_of(part) for part in (*parts, dataset / "statistics.npz")]
