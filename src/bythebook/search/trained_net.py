"""A net that has been trained, as objectives look at it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from bythebook import network
from bythebook.datasets import array_cache
from bythebook.datasets.splits import Images
from bythebook.inference import montecarlo
from bythebook.records.recipe import Recipe
from bythebook.records.run import RunRecord
from bythebook.runs.loading import load_model
from bythebook.runs.view import DataView

PASSES = 10  # predictions that Monte Carlo dropout averages


class TrainedNet:
    """A run that finished, and the validation images that it is measured on; each part is made when first asked for.

    Args:
        record: the run's.
        weights: the file of its weights.
        view: the data it was trained on.
        arrays: the folder of scaled images.
    """

    def __init__(self, record: RunRecord, weights: Path, view: DataView, arrays: Path) -> None:
        self.record, self._weights, self._view, self._arrays = record, weights, view, arrays

    @cached_property
    def model(self) -> Any:
        """The net, with its weights; not to be changed."""
        model = load_model(self.record, self._weights)
        # Compiling a net for one pass would cost more than it saves.
        model.jit_compile = False
        return model

    @cached_property
    def _validation(self) -> Images:
        view, scaling = self._view, self._recipe["scaling"]
        return array_cache.load(self._arrays, view.digest, view.directory, scaling, view.task, view.side, view.labels)[
            1
        ]

    @property
    def labels(self) -> np.ndarray:
        """int64 ``(n,)``, the classes that the validation images show."""
        return self._validation.labels

    def predicted(self, model: Any) -> np.ndarray:
        """What a model that was made of this net says of the validation images: float32 ``(n, classes)``."""
        model.jit_compile = False
        return network.predicted(model, self._recipe, self._validation.images, self.record.classes)

    @cached_property
    def sampled(self) -> np.ndarray:
        """What Monte Carlo dropout says of them, float32 ``(n, classes)``; of a net without dropout, what it says."""
        if not montecarlo.draws(self.model):
            return self.predicted(self.model)
        raw = montecarlo.predict(self.model, self._validation.images, PASSES)
        return network.probabilities(self._recipe, raw, self.record.classes)

    @property
    def _recipe(self) -> Recipe:
        return self.record.recipe
