"""A trained model as others use it: from pixels as they come to class probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bythebook.lazy import keras
from bythebook.runs.training_run import load_model


def servable(record: Mapping[str, Any], weights: Path, statistics: Path) -> Any:
    """The model of a finished run with its scaling built in.

    Args:
        record: the run's record.
        weights: its saved weights.
        statistics: the file with ``mean`` and ``deviation`` of the training pixels.

    Returns:
        A Keras model from uint8 images ``(batch, h, w)`` to float32 probabilities ``(batch, classes)``, one unit
        for a sigmoid over two classes.
    """
    from bythebook.techniques.dropout_layers import with_keras_dropouts

    layers = [keras.Input(tuple(record["input_shape"]), dtype="uint8", name="image"), keras.layers.Rescaling(1 / 255)]
    if record["identity"]["recipe"]["scaling"] == "standardized":
        with np.load(statistics) as measured:
            layers.append(_normalization(measured["mean"], measured["deviation"]))
    return keras.Sequential([*layers, with_keras_dropouts(load_model(dict(record), weights))])


def _normalization(mean: np.ndarray, deviation: np.ndarray) -> Any:
    """Keras' own layer with the training part's statistics, one per pixel."""
    return keras.layers.Normalization(axis=(1, 2), mean=mean, variance=np.square(deviation))
