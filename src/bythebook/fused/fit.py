"""Keras' ``fit`` with every epoch as one compiled call: data resident, batches gathered inside.

From outside it is ``fit``: the model is compiled by ``model.compile``, callbacks see the same logs, the result is a
``History``, and the model that comes out is a plain Keras model which can be saved or trained on by Keras itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bythebook.fused import hyperparameters
from bythebook.fused.limits import check_callbacks, check_data, check_model
from bythebook.fused.program import CannotCompile, Program
from bythebook.fused.program_cache import program_for
from bythebook.lazy import keras

log = logging.getLogger(__name__)

__all__ = ["CannotCompile", "fit"]

Order = Callable[[int], np.ndarray]
VALIDATION_BATCH = 1000


def fit(
    model: Any,
    x: Any,
    y: Any,
    *,
    batch_size: int = 32,
    epochs: int = 1,
    initial_epoch: int = 0,
    callbacks: Sequence[Any] = (),
    validation_data: tuple[Any, Any] | None = None,
    validation_batch_size: int = VALIDATION_BATCH,
    order: Order | None = None,
    verbose: int = 0,
) -> Any:
    """Trains a compiled Keras model in place, one compiled call per epoch.

    Args:
        model: any Keras model after ``compile``; what its loss, metrics, optimizer and layers are is Keras' business.
        x: float32 ``(n, ...)``.
        y: ``(n, ...)`` as the loss wants it.
        batch_size: images per step; the last batch of an epoch may be smaller.
        epochs: the number of the epoch to stop before.
        initial_epoch: the number of the first epoch.
        callbacks: Keras callbacks that look at epochs.
        validation_data: the same pair for the metrics ``val_*``.
        order: the permutation of each epoch, ``(n,)``; by default one of the epoch's number alone.
        verbose: 1 shows Keras' progress bar.

    Returns:
        The ``keras.callbacks.History``, which also has ``step_losses``: one float32 array ``(steps,)`` per epoch.

    Raises:
        CannotCompile: the model, a callback or what XLA lacks forbids a compiled epoch; nothing was trained then.
        ValueError: the model is not compiled, or the data are no images with one target each.
    """
    check_callbacks(callbacks)
    check_model(model)
    check_data((x, y), batch_size)
    if validation_data is not None:
        check_data(validation_data, validation_batch_size)
    _build(model, x)
    images, targets = _tensor(x), _tensor(y)
    held_out = None if validation_data is None else (_tensor(validation_data[0]), _tensor(validation_data[1]))
    program = program_for(model, images, targets, batch_size)
    steps = -(-len(images) // batch_size)
    watching = keras.callbacks.CallbackList(
        list(callbacks),
        add_history=True,
        add_progbar=verbose != 0,
        verbose=verbose,
        epochs=epochs,
        steps=steps,
        model=model,
    )
    model.history.step_losses = []
    model.stop_training = False
    logs: dict[str, float] = {}
    watching.on_train_begin()
    # Set by a callback that has taken up an earlier training.
    for epoch in range(model._initial_epoch or initial_epoch, epochs):
        watching.on_epoch_begin(epoch)
        logs = _epoch(program, model, images, targets, batch_size, (order or _by_number(len(images)))(epoch))
        if held_out is not None:
            watching.on_test_begin()
            tested = program.evaluate(*held_out, validation_batch_size, hyperparameters.values(model))
            logs |= {f"val_{name}": value for name, value in tested.items()}
            watching.on_test_end(tested)
        watching.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    model.optimizer.finalize_variable_values(model.trainable_weights)
    watching.on_train_end(logs)
    return model.history


def _epoch(
    program: Program, model: Any, images: Any, targets: Any, batch_size: int, order: np.ndarray
) -> dict[str, float]:
    rates = _rates(model.optimizer, -(-len(order) // batch_size))
    program.load(model)
    logs, losses = program.train(images, targets, order, batch_size, rates, hyperparameters.values(model))
    program.store(model)
    model.history.step_losses.append(losses)
    return logs


def _rates(optimizer: Any, steps: int) -> np.ndarray:
    """The learning rates of the next steps, float32 ``(steps,)``: a schedule's, or the present one throughout."""
    schedule = optimizer._learning_rate
    if not isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
        return np.full(steps, float(schedule), np.float32)
    # With accumulated gradients ``iterations`` would count updates; Keras asks the schedule by the step.
    first = int(optimizer._iterations)
    numbers = keras.ops.arange(first, first + steps, dtype=optimizer._iterations.dtype)
    ends = [float(schedule(numbers[0])), float(schedule(numbers[-1]))]
    try:
        # Schedules are written for one step; nearly all of them work on a vector of steps, in one call.
        rates = np.asarray(schedule(numbers), np.float32)
        if rates.shape == (steps,) and np.allclose(rates[[0, -1]], ends, rtol=1e-6, atol=0):
            return rates
    except Exception:
        log.debug("the schedule %s takes one step at a time", type(schedule).__name__)
    return np.array([float(schedule(number)) for number in numbers], np.float32)


def _by_number(count: int) -> Order:
    return lambda epoch: np.random.default_rng([0, epoch]).permutation(count)


def _build(model: Any, x: Any) -> None:
    if not model.built:
        model.build((None, *x.shape[1:]))
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)


def _tensor(array: Any) -> Any:
    import tensorflow as tf

    return tf.convert_to_tensor(array)
