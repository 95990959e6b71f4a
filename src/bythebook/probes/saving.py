"""Whether a model comes back from disk as it was."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from bythebook import network, recipe
from bythebook.lazy import keras
from bythebook.probes.registry import Arms, probe

IMAGES, CLASSES = 64, 10
RECIPE = {"hidden": [16], "activation": "elu", "normalizer": "batch_norm_after", "optimizer": "nadam"}


def _archive(model: Any, folder: Path) -> Any:
    model.save(folder / "model.keras")
    return keras.models.load_model(folder / "model.keras")


def _h5(model: Any, folder: Path) -> Any:
    said = logging.getLogger("absl")
    level = said.level
    # That the format is an old one and loses Nadam's state is what is looked at here.
    said.setLevel(logging.ERROR)
    try:
        model.save(folder / "model.h5")
        return keras.models.load_model(folder / "model.h5")
    finally:
        said.setLevel(level)


def _parts(model: Any, folder: Path) -> Any:
    model.save_weights(folder / "model.weights.h5")
    again = keras.models.model_from_json(model.to_json())
    with warnings.catch_warnings():
        # The file has Nadam's state too, which this way does not bring back.
        warnings.filterwarnings("ignore", "Skipping variable loading for optimizer")
        again.load_weights(folder / "model.weights.h5")
    return again


WAYS: dict[str, Callable[[Any, Path], Any]] = {"archive": _archive, "h5": _h5, "parts": _parts}


@probe(seeds=5, sides=WAYS, metrics=["difference"], keras=True)
def saving(seeds: Sequence[int]) -> Arms:
    """Does a model that is saved and loaded predict the same to the last bit?

    A net with batch normalization, trained for an epoch with Nadam, through the ``.keras`` archive, an ``.h5`` file,
    and its architecture as JSON with its weights in a file. ``difference`` is the largest between two predictions.

    Source: source notes S001 and S003; chapter 10, Saving and Restoring a Model.
    """
    found: dict[str, dict[str, list[float]]] = {way: {"difference": []} for way in WAYS}
    for seed in seeds:
        images = np.random.default_rng(seed).normal(size=(IMAGES, 8, 8)).astype(np.float32)
        model = network.build(recipe.resolve(RECIPE, "probe"), (8, 8), CLASSES, seed)
        model.compile(optimizer="nadam", loss="sparse_categorical_crossentropy")
        model.fit(images, np.arange(IMAGES) % CLASSES, shuffle=False, verbose=0)
        before = model.predict(images, verbose=0)
        for way, through in WAYS.items():
            with TemporaryDirectory() as folder:
                after = through(model, Path(folder)).predict(images, verbose=0)
            found[way]["difference"].append(float(np.abs(after - before).max()))
    return found
