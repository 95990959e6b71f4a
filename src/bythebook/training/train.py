"""The one place where a model is trained: every run of every stage passes through :func:`train`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bythebook.lazy import keras
from bythebook.network import hidden_blocks, targets
from bythebook.records.recipe import Recipe
from bythebook.records.run import Status
from bythebook.seeds import derived
from bythebook.training import observation, range_test
from bythebook.training.batches import Feed
from bythebook.training.checkpoint import Checkpoint
from bythebook.training.compilation import compile_model, metrics, schedule_of
from bythebook.training.learning_curve import LearningCurve, OnEpoch, Row, StopRun
from bythebook.training.loops import LOOPS, STEPS_PER_CALL
from bythebook.training.phase_runner import PhaseRunner


@dataclass(frozen=True)
class Split:
    """Images float32 ``(n, h, w)`` and labels int64 ``(n,)``, or what else is asked of them, float32 ``(n, k)``."""

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
        loop: the way it was trained, a name in :data:`bythebook.training.loops.LOOPS`.
        range_test: what the recipe's range test found, None without one.
    """

    status: Status
    reason: str | None
    rows: list[Row]
    phases: list[dict[str, Any]]
    kept: int | None
    loop: str
    range_test: dict[str, Any] | None = None


def train(
    model: Any,
    recipe: Recipe,
    phases: Sequence[Any],
    training: Split,
    validation: Split,
    classes: int,
    seed: int,
    on_epoch: OnEpoch,
    loop: str = "plain",
    checkpoint: Checkpoint | None = None,
) -> Outcome:
    """Trains ``model`` in place through its phases, or on from where a checkpoint left it.

    Args:
        model: as :func:`bythebook.network.build` gives it.
        phases: as :meth:`bythebook.techniques.strategies.Strategy.on` gives them: of the hidden layers, counted from
            the input, the first ``frozen`` stay as they are.
        on_epoch: called with each epoch's row; it may raise :class:`StopRun`.
        loop: the way through each epoch, a name in :data:`bythebook.training.loops.LOOPS`.
        checkpoint: where the state is kept between epochs.
    """
    keras.utils.set_random_seed(derived(seed, "training"))
    feed = Feed(training.images, targets(recipe, training.labels, classes), recipe["batch_size"], seed)
    held_out = validation.images, targets(recipe, validation.labels, classes)
    path = LOOPS[loop](feed, held_out)
    look = observation.of_layers(model, recipe, held_out) if "layers" in recipe["observe"] else None
    course = PhaseRunner(model, feed, path, LearningCurve(on_epoch, look), checkpoint)
    kept: int | None = None
    found: dict[str, Any] | None = None
    try:
        rate = recipe["optimizer"]["learning_rate"]
        if recipe["range_test"]:
            found = range_test.find(model, recipe, path, feed.steps, metrics(recipe, classes))
            rate = found["learning_rate"]
        course.resume()
        for index, phase in enumerate(phases):
            if course.is_behind(index):
                continue
            _freeze(model, phase.frozen)
            schedule = schedule_of(recipe, rate * phase.rate, feed.steps, phase.epochs)
            per_call = min(STEPS_PER_CALL, feed.steps)
            noted = metrics(recipe, classes)
            # Keras fixes what is trained when it compiles: a changed flag counts only from the next compile on.
            compile_model(model, recipe, schedule, noted, phase.decay, steps_per_execution=per_call, jit_compile=False)
            stopping = _early_stopping(recipe)
            first = course.run(index, phase, [*schedule.callbacks, *([stopping] if stopping else [])])
            restored = stopping is not None and stopping.restore_best_weights
            kept = first + stopping.best_epoch if restored else len(course.rows) - 1
    except StopRun as stop:
        course.cut()
        kept = len(course.rows) - 1 if course.rows else None
        return Outcome(stop.status, stop.reason, course.rows, course.phases, kept, path.name, found)
    return Outcome("finished", None, course.rows, course.phases, kept, path.name, found)


def _freeze(model: Any, frozen: int | None) -> None:
    still = {id(layer) for block in hidden_blocks(model)[:frozen] for layer in block}
    for layer in model.layers:
        layer.trainable = id(layer) not in still


def _early_stopping(recipe: Recipe) -> Any:
    declared = recipe["early_stopping"]
    if declared is None:
        return None
    return keras.callbacks.EarlyStopping(
        monitor="val_loss", patience=declared["patience"], restore_best_weights=declared["restore_best"]
    )
