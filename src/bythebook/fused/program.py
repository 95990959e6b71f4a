"""A training epoch compiled into one call, for every model of one shape.

The program stands on a copy of the model, the template. Before an epoch it takes over the state of the model that is
being trained, afterwards it gives the state back. Within the epoch nothing but Keras works: its ``train_step`` is
called in a loop that XLA compiles as a whole, with the data in memory and each batch gathered inside.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from bythebook.fused import hyperparameters, xla_cache
from bythebook.fused.custom_objects import custom_objects
from bythebook.fused.shape import settings_of
from bythebook.fused.updates import tighten
from bythebook.lazy import keras


class CannotCompile(Exception):
    """The model, or what is asked of it, does not fit a compiled epoch; plain ``fit`` can train it."""


class Program:
    """Compiled epochs for models of one shape.

    Args:
        model: a compiled and built Keras model; it is copied and stays as it is.

    Raises:
        CannotCompile: Keras cannot copy it.
    """

    def __init__(self, model: Any) -> None:
        import tensorflow as tf

        self.compile_seconds = 0.0
        # Kept, so that no other part can take the place in memory by which the shape knows it.
        self._own_parts = custom_objects(model)
        with keras.saving.custom_object_scope(self._own_parts):
            self._template = _copy(model)
        self._inputs: Any = None
        self._zeros = tf.zeros(len(hyperparameters.owners(model)), tf.float64)
        hyperparameters.replace(self._template, lambda index: self._inputs[index])
        self._variables = _state(self._template)
        self._epoch = tf.function(self._all_steps, jit_compile=True, autograph=False)
        # Traced once, for batches of any size: the loop of the full ones calls it, and so does the rest of an epoch.
        self._step = tf.function(self._one_step, autograph=False)
        self._test = tf.function(self._one_test, autograph=False)

    def compile(self, images: Any, targets: Any, batch_size: int) -> None:
        """Compiles the epoch for data of these shapes, and times it.

        Raises:
            CannotCompile: TensorFlow or XLA cannot compile a part of the model.
        """
        began = time.perf_counter()
        try:
            with xla_cache.sealing():
                self._empty_epoch(images, targets, batch_size)
        except Exception as error:
            raise CannotCompile(_first_line(error)) from error
        self.compile_seconds = time.perf_counter() - began

    def _empty_epoch(self, images: Any, targets: Any, batch_size: int) -> None:
        """An epoch of no steps: it compiles everything and changes nothing."""
        import tensorflow as tf

        # Keras makes the variables of metrics when they are first used, which a compiled call must not do.
        self._one_test(images[:1], targets[:1], self._zeros)
        batches = [tf.TensorSpec((None, *part.shape[1:]), part.dtype) for part in (images, targets)]
        rate = tf.TensorSpec((), tf.float32)
        self._any_batch = self._step.get_concrete_function(*batches, rate, tf.TensorSpec.from_tensor(self._zeros))
        full = len(images) // batch_size
        if full:
            order = tf.zeros((full, batch_size), tf.int32)
            self._epoch(tf.constant(0), images, targets, order, tf.zeros(full), self._zeros)

    def load(self, model: Any) -> None:
        """Takes over the weights, the optimizer's state and the random state of a model."""
        for own, given in zip(self._variables, _state(model), strict=True):
            own.assign(given)

    def store(self, model: Any) -> None:
        """Gives the state to a model."""
        for own, given in zip(self._variables, _state(model), strict=True):
            given.assign(own)

    def train(
        self,
        images: Any,
        targets: Any,
        order: np.ndarray,
        batch_size: int,
        rates: np.ndarray,
        settings: Sequence[float],
    ) -> tuple[dict[str, float], np.ndarray]:
        """One epoch of the loaded state.

        Args:
            images: tensor ``(n, ...)``.
            targets: tensor ``(n, ...)``.
            order: permutation of the images, ``(n,)``.
            batch_size: images per step; a last, smaller batch is trained as well.
            rates: the learning rate of each step, float32 ``(steps,)``.
            settings: the values of the hyperparameters.

        Returns:
            The metrics of the epoch, and the loss of each step, float32 ``(steps,)``.
        """
        import tensorflow as tf

        inputs = tf.constant(list(settings), tf.float64)
        full = len(order) // batch_size
        losses = np.empty(len(rates), np.float32)
        self._template.reset_metrics()
        if full:
            rows = tf.constant(order[: full * batch_size].reshape(full, batch_size), tf.int32)
            losses[:full] = self._epoch(tf.constant(full), images, targets, rows, tf.constant(rates[:full]), inputs)
        if full * batch_size < len(order):
            rest = tf.constant(order[full * batch_size :], tf.int32)
            losses[full] = self._any_batch(
                tf.gather(images, rest), tf.gather(targets, rest), tf.constant(rates[full]), inputs
            )
        return _numbers(self._template.get_metrics_result()), losses

    def evaluate(self, images: Any, targets: Any, batch_size: int, settings: Sequence[float]) -> dict[str, float]:
        """The metrics of the loaded state on other data."""
        import tensorflow as tf

        inputs = tf.constant(list(settings), tf.float64)
        self._template.reset_metrics()
        for start in range(0, len(images), batch_size):
            self._test(images[start : start + batch_size], targets[start : start + batch_size], inputs)
        return _numbers(self._template.get_metrics_result())

    def _all_steps(self, steps: Any, images: Any, targets: Any, order: Any, rates: Any, inputs: Any) -> Any:
        import tensorflow as tf

        def step(index: Any, losses: Any) -> Any:
            batch = order[index]
            loss = self._any_batch(tf.gather(images, batch), tf.gather(targets, batch), rates[index], inputs)
            return index + 1, losses.write(index, loss)

        losses = tf.TensorArray(tf.float32, size=order.shape[0], element_shape=())
        _, losses = tf.while_loop(lambda index, _: index < steps, step, [tf.constant(0), losses])
        return losses.stack()

    def _one_step(self, images: Any, targets: Any, rate: Any, inputs: Any) -> Any:
        self._inputs = inputs
        self._template.optimizer.learning_rate = rate
        self._template.train_step((images, targets))
        return self._template.noted_loss

    def _one_test(self, images: Any, targets: Any, inputs: Any) -> None:
        self._inputs = inputs
        self._template.test_step((images, targets))


def _copy(model: Any) -> Any:
    """A copy of the model that notes the loss of each step and whose learning rate is a variable."""
    try:
        copy = keras.models.clone_model(model)
        settings = model.get_compile_config()
        copy.compile_from_config({**settings, "optimizer": settings_of(settings["optimizer"]), "run_eagerly": False})
    except Exception as error:
        raise CannotCompile(f"Keras cannot copy the model: {error}") from error
    if type(copy) is not type(model):
        raise CannotCompile(f"Keras copies a {type(model).__name__} as a plain {type(copy).__name__}")
    computed = copy.compute_loss

    def note(*arguments: Any, **named: Any) -> Any:
        copy.noted_loss = computed(*arguments, **named)
        return copy.noted_loss

    copy.compute_loss = note
    copy.optimizer.build(copy.trainable_variables)
    tighten(copy.optimizer)
    return copy


def _state(model: Any) -> list[Any]:
    """Everything that training changes, but for metrics and the learning rate, in an order that the shape decides."""
    rate = model.optimizer._learning_rate
    return [*model.variables, *(variable for variable in model.optimizer.variables if variable is not rate)]


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"


def _numbers(logs: dict[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in logs.items()}
