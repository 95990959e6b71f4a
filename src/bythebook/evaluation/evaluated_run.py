"""What one run is worth on images that no choice has seen, from its saved weights."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from bythebook import catalogue, metrics, network
from bythebook.datasets import splits
from bythebook.datasets.scaling import read_statistics, scaled
from bythebook.evaluation import cache
from bythebook.inference import folding, montecarlo
from bythebook.inference.sparsity import ZERO_THRESHOLD
from bythebook.lazy import keras
from bythebook.records.events import Expected, Observe, RunEvaluated, RunStarted
from bythebook.records.run import RunRecord
from bythebook.runs.cluster.task_files import TaskFiles, files
from bythebook.runs.loading import load_model

BATCH = 1000
SAMPLE_ERRORS = 24
SEEN = 10_000  # training images that a net is asked about again
UNTRAINED_PASSES = 5  # are enough to be at chance
# What is told of the time that is left rests on these.
PLAIN_SECONDS, PASS_SECONDS = 0.5, 0.15


@dataclass(frozen=True)
class Settings:
    """What is measured besides plain predictions.

    Attributes:
        passes: predictions that Monte Carlo dropout averages.
        noise: deviation of the noise on shifted images, in units of the scaled pixels.
    """

    passes: int
    noise: float


@dataclass(frozen=True)
class EvaluationTask:
    """One run to be evaluated: its record, its weights, the data its view is cut from, and what else is measured.

    Attributes:
        path: how the evaluation names it: ``suite/recipe/seed-0``.
        standardized: the folder with a folder for each standardized dataset.
        tasks: the folder of the A/B tasks.
        settings: None where only plain predictions are wanted.
        before: the folder where evaluations are kept.
        keep_errors: whether the mistakes are wanted as images, where there are any.
    """

    path: str
    record: RunRecord
    weights: Path
    standardized: Path
    tasks: Path
    settings: Settings | None
    before: Path
    keep_errors: bool = False

    @property
    def view(self) -> Path | None:
        """The folder of the A/B task that the run was trained on, or None for all of a data set."""
        task = self.record.identity.data.task
        return self.tasks / task if task else None

    @property
    def dataset(self) -> Path:
        """The folder of the standardized data set that the run was trained on."""
        return self.standardized / str(self.record.identity.data.dataset)

    @property
    def kept(self) -> Path | None:
        """Where what is measured is kept; None where images belong to it."""
        if self.keep_errors:
            return None
        settings = asdict(self.settings) if self.settings else None
        return cache.place(self.before, self.record, self.dataset, self.view, settings)

    def task_files(self) -> TaskFiles:
        """The files that a worker elsewhere needs, and the one that it writes."""
        folders = [
            self.dataset,
            *(self.dataset / split for split in splits.SPLITS),
            *([self.view] if self.view else []),
        ]
        images = (path for folder in folders for path in files(folder))
        return TaskFiles(inputs=(self.weights, *images), outputs=(self.kept,) if self.kept else ())

    def expected(self) -> Expected:
        """What an observer is told before: Monte Carlo's passes take most of the time."""
        dropout = self.record.recipe["dropout"]
        passes = self.settings.passes if self.settings and dropout else 0
        return Expected(PLAIN_SECONDS + PASS_SECONDS * passes, epochs=1)


def evaluate_run(task: EvaluationTask, emit: Observe) -> dict[str, Any]:
    """What one run's weights are worth on its view of the test split."""
    name = task.path.rpartition("/")[0]
    emit(RunStarted(task.path, name, task.record.identity.seed, time.time()))
    began = time.monotonic()
    result = measured(task)
    if task.kept:
        cache.write(task.kept, result)
    emit(RunEvaluated(task.path, result["accuracy"], time.monotonic() - began))
    return result


def measured(task: EvaluationTask) -> dict[str, Any]:
    """Return what one run's weights are worth on its view of the test split."""
    recipe, side = task.record.recipe, task.record.identity.data.side
    test = _test(task.dataset, recipe["scaling"], task.view, side)
    model = load_model(task.record, task.weights)
    # The kernels it was trained with; and compiling a net for one pass would cost more than it saves.
    model.jit_compile = False
    classes = task.record.classes
    raw = _predicted(model, test.images)
    loss = catalogue.build("loss", recipe["loss"])(network.targets(recipe, test.labels, classes), raw)
    probabilities = _probabilities(task, raw)
    result = {
        "loss": float(loss),
        "classes": list(test.classes),
        **metrics.describe(probabilities, test.labels),
        "outputs_off_one": float(np.abs(raw.sum(axis=1) - 1).mean()),
        "weights": _weights(model),
        "training_accuracy": _training_accuracy(task, model),
        "variants": _variants(task, model, test, probabilities),
    }
    if task.keep_errors and test.images.ndim > 2:
        pixels = splits.look(task.dataset, "test", task.view, side).pixels
        result["errors"] = _confident_errors(pixels, probabilities, test.labels)
    return result


def _predicted(model: Any, images: np.ndarray) -> np.ndarray:
    raw: np.ndarray = model.predict(images, batch_size=BATCH, verbose=0)
    return raw


def _probabilities(task: EvaluationTask, raw: np.ndarray) -> np.ndarray:
    return network.probabilities(task.record.recipe, raw, task.record.classes)


def _weights(model: Any) -> dict[str, float]:
    """The first layer's weights: how many are next to nothing, and the largest."""
    first = np.abs(next(layer for layer in model.layers if isinstance(layer, keras.layers.Dense)).get_weights()[0])
    return {"sparsity": float((first < ZERO_THRESHOLD).mean()), "largest": float(first.max())}


def _training_accuracy(task: EvaluationTask, model: Any) -> float | None:
    """The accuracy of the final weights, without dropout, on the first training images: what it learned by heart."""
    if task.settings is None or task.view:
        return None
    images, labels = _seen(task.dataset, task.record.recipe["scaling"])
    found = network.predicted(model, task.record.recipe, images, task.record.classes)
    return metrics.accuracy(found, labels)


def _variants(task: EvaluationTask, model: Any, test: splits.Images, probabilities: np.ndarray) -> dict[str, Any]:
    """Other predictions of the same weights: by Monte Carlo dropout, and without layers of batch norm."""
    if task.settings is None:
        return {}
    return {**_sampled(task, task.settings, model, test), **_folded(task, model, test, probabilities)}


def _sampled(task: EvaluationTask, settings: Settings, model: Any, test: splits.Images) -> dict[str, Any]:
    """A net with dropout: Monte Carlo's predictions, both on noisy images, and Monte Carlo's untrained."""
    if not montecarlo.draws(model):
        return {}
    identity, passes = task.record.identity, settings.passes
    shifted = montecarlo.noisy(test.images, settings.noise)
    untrained = network.build(identity.recipe, test.images.shape[1:], task.record.classes, identity.seed)
    predict = montecarlo.predictor(model)
    found = (
        predict(test.images, passes),
        _predicted(model, shifted),
        predict(shifted, passes),
        montecarlo.predict(untrained, test.images, min(passes, UNTRAINED_PASSES)),
    )
    named = zip(montecarlo.VARIANTS, found, strict=True)
    return {name: metrics.describe(_probabilities(task, raw), test.labels) for name, raw in named}


def _folded(task: EvaluationTask, model: Any, test: splits.Images, probabilities: np.ndarray) -> dict[str, Any]:
    """A net with batch norm: folded away, and then at half precision; and how far that is from the net itself."""
    if not folding.normalizes(model):
        return {}
    small = folding.folded(model)
    found = {}
    for name, net in zip(folding.VARIANTS, (small, folding.half(small)), strict=True):
        net.jit_compile = False
        own = _probabilities(task, _predicted(net, test.images))
        apart = folding.largest_logit_difference(own, probabilities)
        found[name] = {**metrics.describe(own, test.labels), "largest_logit_difference": apart}
    return found


@lru_cache(maxsize=4)
def _test(standardized: Path, scaling: str, task: Path | None, side: str | None) -> splits.Images:
    return splits.load(standardized, "test", scaling, task, side)


@lru_cache(maxsize=2)
def _seen(standardized: Path, scaling: str) -> tuple[np.ndarray, np.ndarray]:
    view = splits.look(standardized, "train")
    return scaled(view.pixels[:SEEN], scaling, read_statistics(standardized / "statistics.npz")), view.labels[:SEEN]


def _confident_errors(pixels: np.ndarray, probabilities: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
    """The mistakes the model was surest of: images uint8, true and predicted classes, the predicted probability."""
    predicted = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    surest = wrong[np.argsort(-probabilities[wrong, predicted[wrong]], kind="stable")][:SAMPLE_ERRORS]
    return {
        "images": pixels[surest],
        "truth": labels[surest],
        "predicted": predicted[surest],
        "probability": probabilities[surest, predicted[surest]].astype(np.float32),
    }
