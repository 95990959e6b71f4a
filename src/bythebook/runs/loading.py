"""A run's data as its net sees them, and the net of a record."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from bythebook import network
from bythebook.datasets import array_cache
from bythebook.records.run import RunRecord
from bythebook.runs.view import DataView
from bythebook.training.train import Split


@lru_cache(maxsize=array_cache.KEPT)
def load_splits(view: DataView, scaling: str, arrays: Path) -> tuple[Split, Split, int]:
    """Return the training and the validation images of a view, and the number of its classes.

    Args:
        scaling: ``standardized`` or ``unit``.
        arrays: the folder of scaled images.
    """
    loaded = array_cache.load(arrays, view.digest, view.directory, scaling, view.task, view.side, view.labels)
    training, validation = (Split(part.images, part.labels) for part in loaded)
    return training, validation, len(loaded[0].classes)


def load_model(record: RunRecord, weights: Path) -> Any:
    """Return the trained model of a record, rebuilt from its recipe and its saved weights."""
    identity = record.identity
    model = network.build(identity.recipe, record.input_shape, record.classes, identity.seed)
    model.load_weights(weights)
    return model
