"""The one place where a model is trained: every run of every stage passes through :func:`train`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bythebook import catalogue
from bythebook.lazy import keras
from bythebook.network import HEAD, outputs, targets
from bythebook.seeds import derived
from bythebook.training.checkpoint import Checkpoint
from bythebook.training.course import Course
from bythebook.training.curve import Curve, OnEpoch, Row, StopRun
from bythebook.training.feed import Feed
from bythebook.training.paths import PATHS, STEPS_PER_CALL


@dataclass(frozen=True)
class Split:
    """Images float32 ``(n, h, w)`` and labels int64 ``(n,)``."""

    images: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class Outcome:
    """What training gave.

    Attributes:
        status: ``finished``, ``diverged`` or ``pruned``.
        reason: why a run did not finish, else None.
        rows: one row of metrics per finished epoch.
        phases: ``{"name", "first_epoch", "epochs"}`` each, on the epoch axis of ``rows``.
        kept: the index in ``rows`` of the epoch whose weights the model now has; None without a finished epoch.
        engine: the way it was trained, a name in :data:`bythebook.training.paths.PATHS`.
    """

    status: str
    reason: str | None
    rows: list[Row]
    phases: list[dict[str, Any]]
    kept: int | None
    engine: str


def train(
    model: Any,
    recipe: Mapping[str, Any],
    phases: Sequence[Any],
    training: Split,
    validation: Split,
    classes: int,
    seed: int,
    on_epoch: OnEpoch,
    engine: str = "plain",
    checkpoint: Checkpoint | None = None,
) -> Outcome:
    """Trains ``model`` in place through its phases, or on from where a checkpoint left it.

    Args:
        model: as :func:`bythebook.network.build` gives it.
        phases: each has ``name``, ``epochs`` and ``frozen``; in a frozen phase only the head learns.
        on_epoch: called with each epoch's row; it may raise :class:`StopRun`.
        engine: the way through each epoch, a name in :data:`bythebook.training.paths.PATHS`.
        checkpoint: where the state is kept between epochs.
    """
    keras.utils.set_random_seed(derived(seed, "training"))
    feed = Feed(training.images, targets(recipe, training.labels, classes), recipe["batch_size"], seed)
    path = PATHS[engine](feed, (validation.images, targets(recipe, validation.labels, classes)))
    course = Course(model, feed, path, Curve(on_epoch), checkpoint)
    kept: int | None = None
    try:
        course.resume()
        for index, phase in enumerate(phases):
            if course.is_behind(index):
                continue
            _freeze(model, phase.frozen)
            # Keras fixes what is trained when it compiles: a changed flag counts only from the next compile on.
            callbacks = _compile(model, recipe, feed.steps, phase.epochs, classes)
            stopping = _early_stopping(recipe)
            first = course.run(index, phase, [*callbacks, *([stopping] if stopping else [])])
            kept = first + stopping.best_epoch if stopping else len(course.rows) - 1
    except StopRun as stop:
        course.cut()
        kept = len(course.rows) - 1 if course.rows else None
        return Outcome(stop.status, stop.reason, course.rows, course.phases, kept, path.name)
    return Outcome("finished", None, course.rows, course.phases, kept, path.name)


def _freeze(model: Any, frozen: bool) -> None:
    for layer in model.layers:
        layer.trainable = not frozen or layer.name == HEAD


def _compile(model: Any, recipe: Mapping[str, Any], steps: int, epochs: int, classes: int) -> list[Any]:
    """Compiles with a fresh optimizer and returns the callbacks that the schedule needs."""
    schedule = catalogue.build(
        "schedule",
        recipe["schedule"],
        _learning_rate=recipe["optimizer"]["learning_rate"],
        _steps_per_epoch=steps,
        _epochs=epochs,
    )
    clipping = catalogue.build("clipping", recipe["clipping"]) if recipe["clipping"] else {}
    optimizer = catalogue.build("optimizer", recipe["optimizer"], _schedule=schedule.learning_rate, _clipping=clipping)
    model.compile(
        optimizer=optimizer,
        loss=catalogue.build("loss", recipe["loss"]),
        metrics=[_accuracy(recipe, classes)],
        steps_per_execution=min(STEPS_PER_CALL, steps),
        jit_compile=False,
    )
    return list(schedule.callbacks)


def _accuracy(recipe: Mapping[str, Any], classes: int) -> Any:
    if recipe["loss"]["name"].startswith("sparse"):
        return keras.metrics.SparseCategoricalAccuracy(name="accuracy")
    if outputs(recipe, classes) == 1:
        return keras.metrics.BinaryAccuracy(name="accuracy")
    return keras.metrics.CategoricalAccuracy(name="accuracy")


def _early_stopping(recipe: Mapping[str, Any]) -> Any:
    if recipe["early_stopping"] is None:
        return None
    return keras.callbacks.EarlyStopping(
        monitor="val_loss", patience=recipe["early_stopping"]["patience"], restore_best_weights=True
    )
