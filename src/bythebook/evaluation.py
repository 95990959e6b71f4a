"""The only reader of the test split: every run's saved weights on images that no choice has seen."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from bythebook import catalogue, metrics, montecarlo, network, statistics, transfer
from bythebook.datasets import splits
from bythebook.documents import write_json
from bythebook.files import new_directory
from bythebook.lazy import keras
from bythebook.runs.executor import Executor, Observe
from bythebook.runs.suite import Entry, Suite
from bythebook.runs.training_run import load_model

log = logging.getLogger(__name__)

BATCH = 1000
SAMPLE_ERRORS = 24
UNTRAINED_PASSES = 5  # are enough to be at chance
# A weight smaller than this counts as none.
NOTHING = 1e-3
AVERAGED = ("accuracy", "loss", "nll", "ece")


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
    """One run to be evaluated: its record, its weights, the data its view is cut from, and what else is measured."""

    record: dict[str, Any]
    weights: Path
    standardized: Path
    tasks: Path
    settings: Settings | None
    keep_predictions: bool = False


def evaluate(
    suites: Sequence[Suite], standardized: Path, tasks: Path, settings: Settings, executor: Executor, output: Path
) -> None:
    """Evaluates every run that has weights and writes ``evaluation.json`` and ``sample_errors.npz``.

    Args:
        standardized: the folder of standardized data, with its test split.
        tasks: the folder of the A/B tasks.
        output: the folder to write.
    """
    entries = {path_of(suite, entry): entry for suite in suites for entry in suite.entries if entry.weights}
    # Of trials and of transfer nobody asks for more than plain predictions.
    further = {suite.suite for suite in suites if suite.stage.partition("@")[0] in ("train", "champion")}
    champion = _champion(suites)
    work = [
        EvaluationTask(
            entry.record,
            entry.weights,
            standardized,
            tasks,
            settings if path.partition("/")[0] in further else None,
            path == champion,
        )
        for path, entry in entries.items()
        if entry.weights
    ]
    log.info("evaluating %d runs on the test split", len(work))
    found = dict(zip(entries, executor.map(evaluate_run, work, _nobody), strict=True))
    errors = found[champion].pop("errors") if champion else None
    runs = {path: {"key": entries[path].key, **result} for path, result in found.items()}
    with new_directory(output) as building:
        write_json(
            building / "evaluation.json",
            {
                "runs": runs,
                "recipes": _by_recipe(runs),
                "transfer": _transfer(suites, runs),
                "champion": {"run": champion, **runs[champion]} if champion else None,
            },
        )
        if errors:
            np.savez(building / "sample_errors.npz", **errors)


def path_of(suite: Suite, entry: Entry) -> str:
    """How the evaluation names a run: ``suite/recipe/seed-0``."""
    return f"{suite.suite}/{entry.name}/seed-{entry.seed}"


def evaluate_run(task: EvaluationTask, emit: Observe) -> dict[str, Any]:
    """What one run's weights are worth on its view of the test split."""
    recipe, data = task.record["identity"]["recipe"], task.record["identity"]["data"]
    view = task.tasks / data["task"] if data["task"] else None
    test = _test(task.standardized, recipe["scaling"], view, data["side"])
    model = load_model(task.record, task.weights)
    # The kernels it was trained with; and compiling a net for one pass would cost more than it saves.
    model.jit_compile = False
    classes = task.record["classes"]
    raw = _predicted(model, test.images)
    loss = catalogue.build("loss", recipe["loss"])(network.targets(recipe, test.labels, classes), raw)
    probabilities = network.probabilities(recipe, raw, classes)
    result = {
        "loss": float(loss),
        "classes": list(test.classes),
        **metrics.describe(probabilities, test.labels),
        "weights": _weights(model),
        "variants": _variants(task, model, test),
    }
    if task.keep_predictions:
        pixels = splits.look(task.standardized, "test", view, data["side"]).pixels
        result["errors"] = _confident_errors(pixels, probabilities, test.labels)
    return result


def _predicted(model: Any, images: np.ndarray) -> np.ndarray:
    raw: np.ndarray = model.predict(images, batch_size=BATCH, verbose=0)
    return raw


def _weights(model: Any) -> dict[str, float]:
    """The first layer's weights: how many are next to nothing, and the largest."""
    first = np.abs(next(layer for layer in model.layers if isinstance(layer, keras.layers.Dense)).get_weights()[0])
    return {"sparsity": float((first < NOTHING).mean()), "largest": float(first.max())}


def _variants(task: EvaluationTask, model: Any, test: splits.Images) -> dict[str, Any]:
    """Other predictions of a net with dropout: Monte Carlo's, both on noisy images, and Monte Carlo's untrained."""
    if task.settings is None or not montecarlo.draws(model):
        return {}
    identity, passes = task.record["identity"], task.settings.passes
    shifted = montecarlo.noisy(test.images, task.settings.noise)
    untrained = network.build(identity["recipe"], test.images.shape[1:], task.record["classes"], identity["seed"])
    found = {
        "mc": montecarlo.predict(model, test.images, passes),
        "shifted": _predicted(model, shifted),
        "shifted_mc": montecarlo.predict(model, shifted, passes),
        "untrained_mc": montecarlo.predict(untrained, test.images, min(passes, UNTRAINED_PASSES)),
    }
    classes = task.record["classes"]
    return {
        name: metrics.describe(network.probabilities(identity["recipe"], raw, classes), test.labels)
        for name, raw in found.items()
    }


def _nobody(event: dict[str, Any]) -> None:
    """Observes nothing: an evaluation emits no events."""


@lru_cache(maxsize=4)
def _test(standardized: Path, scaling: str, task: Path | None, side: str | None) -> splits.Images:
    return splits.load(standardized, "test", scaling, task, side)


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


def _champion(suites: Sequence[Suite]) -> str | None:
    for suite in suites:
        if suite.suite == "champion":
            return f"champion/{suite.extra['chosen']}/seed-{suite.extra['model_seed']}"
    return None


def _by_recipe(runs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, result in runs.items():
        groups.setdefault(path.rsplit("/", 1)[0], []).append(result)
    return {
        path: {name: statistics.interval([result[name] for result in results]) for name in AVERAGED}
        for path, results in groups.items()
    }


def _transfer(suites: Sequence[Suite], runs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    compared = {}
    for suite in suites:
        for task, described in suite.extra.get("tasks", {}).items():
            paths = {arm: f"{suite.suite}/{described['arms'][arm]}/seed-" for arm in ("scratch", "transferred")}
            arms = [{seed: runs[f"{path}{seed}"]["accuracy"] for seed in described["seeds"]} for path in paths.values()]
            verdict = transfer.compare("accuracy", *arms)
            ratio = None
            if verdict["difference"] and verdict["transferred"]["mean"] < 1:
                ratio = (1 - verdict["scratch"]["mean"]) / (1 - verdict["transferred"]["mean"])
            compared[f"{suite.extra['strategy']}/{task}"] = {**verdict, "error_ratio": ratio}
    return compared
