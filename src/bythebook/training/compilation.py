"""From a resolved recipe to a compiled Keras model: loss, optimizer with its schedule, metrics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bythebook import catalogue
from bythebook.lazy import keras
from bythebook.network import hidden_blocks, outputs
from bythebook.records.recipe import Recipe
from bythebook.target import RECONSTRUCTION
from bythebook.techniques.schedules import Schedule
from bythebook.training import observation


def schedule_of(recipe: Recipe, learning_rate: float, steps: int, epochs: int) -> Schedule:
    """The recipe's schedule.

    Args:
        learning_rate: the one it starts from.
        steps: training steps per epoch.
        epochs: how many it covers.
    """
    schedule: Schedule = catalogue.build(
        "schedule", recipe["schedule"], _learning_rate=learning_rate, _steps_per_epoch=steps, _epochs=epochs
    )
    return schedule


def compile_model(
    model: Any,
    recipe: Recipe,
    schedule: Schedule,
    noted: Sequence[Any],
    decay: float = 1.0,
    **options: Any,
) -> None:
    """Compiles with the recipe's loss and a fresh optimizer.

    Args:
        noted: Keras' metrics, as :func:`metrics` gives them.
        decay: every hidden layer learns at this factor of the rate of the layer above it; the head learns at the rate.
        options: further arguments of Keras' ``compile``.
    """
    clipping = catalogue.build("clipping", recipe["clipping"]) if recipe["clipping"] else {}
    optimizer = catalogue.build(
        "optimizer",
        recipe["optimizer"],
        _schedule=schedule.learning_rate,
        _momentum=schedule.momentum,
        _clipping=clipping,
    )
    if decay != 1.0:
        from bythebook.training.rates_by_depth import slowed

        optimizer = slowed(optimizer, decay, _depths(model))
    model.compile(optimizer=optimizer, loss=catalogue.build("loss", recipe["loss"]), metrics=list(noted), **options)


def _depths(model: Any) -> list[int]:
    """How many layers each trainable variable of the model is below the head."""
    depths = {
        id(variable): depth
        for depth, block in enumerate(reversed(hidden_blocks(model)), start=1)
        for layer in block
        for variable in layer.trainable_variables
    }
    return [depths.get(id(variable), 0) for variable in model.trainable_variables]


def metrics(recipe: Recipe, classes: int) -> list[Any]:
    """What Keras reports of every epoch besides the loss: accuracy, if classes are learned, and what is to be noted."""
    accuracy = [] if recipe["target"] == RECONSTRUCTION else [_accuracy(recipe, classes)]
    return [*accuracy, *(observation.of_steps(recipe) if "steps" in recipe["observe"] else [])]


def _accuracy(recipe: Recipe, classes: int) -> Any:
    if recipe["loss"]["name"].startswith("sparse"):
        return keras.metrics.SparseCategoricalAccuracy(name="accuracy")
    if outputs(recipe, classes) == 1:
        return keras.metrics.BinaryAccuracy(name="accuracy")
    return keras.metrics.CategoricalAccuracy(name="accuracy")
