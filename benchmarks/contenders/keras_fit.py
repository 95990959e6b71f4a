"""Keras ``fit``, with Keras' own layers."""

from __future__ import annotations

from typing import Any

from benchmarks.clock import Clock
from benchmarks.contenders import BATCH, Request
from benchmarks.contenders.trained import trained
from benchmarks.data import Data
from benchmarks.nets import NETS, Net, Weights
from bythebook import network
from bythebook.records.recipe import Recipe
from bythebook.training import compilation

SEED = 0


def run(request: Request, threads: int | None = None, whole_epoch: bool = False, jit: bool = False) -> dict[str, Any]:
    """Trains in this process.

    Args:
        threads: of TensorFlow, within and between operations; None leaves them as they are.
        whole_epoch: all steps of an epoch in one call.
        jit: compile the steps with XLA.
    """
    limit(threads)
    return trained(request, NETS[request.net], train, whole_epoch=whole_epoch, jit=jit)


def limit(threads: int | None) -> None:
    """Sets TensorFlow's threads; do it before anything is computed."""
    if threads is not None:
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)


def train(
    net: Net,
    data: Data,
    epochs: int,
    clock: Clock,
    validation: bool = True,
    *,
    weights: Weights | None = None,
    shuffle: bool = True,
    whole_epoch: bool = False,
    jit: bool = False,
) -> dict[str, list[float]]:
    """The history of ``fit``.

    Args:
        weights: initial ones, as :meth:`Net.initial` gives them; None for the recipe's own.
        shuffle: whether batches are drawn anew in every epoch.
    """
    from bythebook.techniques.dropout_layers import with_keras_dropouts

    model = with_keras_dropouts(network.build(net.recipe, data.x.shape[1:], data.classes, SEED))
    if weights is not None:
        model.set_weights(weights)
    steps = -(-len(data.x) // BATCH)
    compile_model(model, net.recipe, steps, epochs, steps_per_execution=steps if whole_epoch else 1, jit_compile=jit)
    history = model.fit(
        data.x,
        data.y,
        batch_size=BATCH,
        epochs=epochs,
        shuffle=shuffle,
        validation_data=data.held_out if validation else None,
        callbacks=[clock.callback()],
        verbose=0,
    )
    return {name: [float(value) for value in values] for name, values in history.history.items()}


def compile_model(model: Any, recipe: Recipe, steps: int, epochs: int, **options: Any) -> list[Any]:
    """Compiles as a notebook does, and returns the callbacks that the recipe's schedule needs."""
    schedule = compilation.schedule_of(recipe, recipe["optimizer"]["learning_rate"], steps, epochs)
    compilation.compile_model(model, recipe, schedule, ["accuracy"], **options)
    return list(schedule.callbacks)
