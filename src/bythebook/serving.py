"""A trained model as others use it: from pixels or features as they come to class probabilities."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bythebook.datasets.scaling import read_statistics
from bythebook.lazy import keras
from bythebook.records.run import RunRecord
from bythebook.runs.loading import load_model


def servable(record: RunRecord, weights: Path, statistics: Path) -> Any:
    """The model of a finished run with its scaling built in.

    Args:
        record: the run's record.
        weights: its saved weights.
        statistics: the file with ``mean`` and ``deviation`` of the training pixels.

    Returns:
        A Keras model from uint8 images ``(batch, h, w)`` or ``(batch, h, w, 3)``, or from the float32 features of a
        table ``(batch, d)``, to float32 probabilities ``(batch, classes)``, one unit for a sigmoid over two classes.
    """
    from bythebook.techniques.dropout_layers import with_keras_dropouts

    measured = read_statistics(statistics)
    shape = record.input_shape
    layers = [keras.Input(shape, dtype="uint8", name="image"), keras.layers.Rescaling(1 / 255)]
    if measured.low is not None and measured.span is not None:
        layers = [keras.Input(shape, dtype="float32", name="features"), _normalization(measured.low, measured.span)]
    if record.recipe["scaling"] == "standardized":
        layers.append(_normalization(measured.mean, measured.deviation))
    return keras.Sequential([*layers, with_keras_dropouts(load_model(record, weights))])


def _normalization(mean: np.ndarray, deviation: np.ndarray) -> Any:
    """Keras' own layer with the training part's statistics, one per pixel or feature."""
    axes = tuple(range(1, mean.ndim + 1))
    return keras.layers.Normalization(axis=axes, mean=mean, variance=np.square(deviation))
