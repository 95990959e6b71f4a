"""A training step built up part by part in loops that XLA compiles: products, then updates, then gathered batches.

Each loop does what the one before it does and one thing more, so that differences are what a part costs in company,
where it finds its operands in a cache or does not. The products are the limit of any engine that runs through XLA, as
the floor is the limit through BLAS.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.clock import Clock
from benchmarks.contenders import BATCH, Request
from benchmarks.contenders.engine import without_extras
from benchmarks.contenders.keras_fit import SEED, compile_model
from benchmarks.data import Data, load
from benchmarks.nets import NETS, Net
from bythebook import network
from bythebook.training.determinism import prepare_process

DIFFERENT_BATCHES = 16
# Gradients stay small, so that nothing overflows in a net without activations.
ERROR = 1e-6


def run(request: Request) -> dict[str, Any]:
    """The products of so many epochs, and the CPU seconds that updates and gathering add to an epoch.

    The net is taken without dropout and normalization: what they cost, the update of their weights included, is seen
    in the engine with and without them.
    """
    prepare_process()
    net = without_extras(NETS[request.net])
    data = load(net.side, request.images, request.times)
    clock, updated, gathered = (
        _timed(loop(net, data, update, gather), request.epochs)
        for update, gather in ((False, False), (True, False), (True, True))
    )
    return {
        **clock.answer(),
        "images": len(data.x),
        "with_update": updated.answer()["steady"],
        "with_gather": gathered.answer()["steady"],
    }


def loop(net: Net, data: Data, update: bool, gather: bool) -> Callable[[], Any]:
    """A call that does an epoch's products on the net's own kernels.

    Args:
        update: whether the optimizer and the constraints change the weights in every step.
        gather: whether the batches are picked out of all images, instead of being a few that lie ready.
    """
    import tensorflow as tf

    steps = -(-len(data.x) // BATCH)
    model = network.build(net.recipe, data.x.shape[1:], data.classes, SEED)
    compile_model(model, net.recipe, steps, 1)
    model.optimizer.build(model.trainable_variables)
    random = np.random.default_rng(0)
    order = np.resize(random.permutation(len(data.x)).astype(np.int32), (steps, BATCH))
    images = (
        data.x.reshape(len(data.x), -1)
        if gather
        else data.x[: DIFFERENT_BATCHES * BATCH].reshape(DIFFERENT_BATCHES, BATCH, -1)
    )
    zeros = [tf.zeros_like(variable.value) for variable in model.trainable_variables]

    @tf.function(jit_compile=True, autograph=False)
    def epoch(images: Any, order: Any) -> Any:
        def body(index: Any, last: Any) -> Any:
            x = tf.gather(images, order[index]) if gather else images[index % DIFFERENT_BATCHES]
            gradients = products(x, [variable.value for variable in model.trainable_variables])
            if update:
                model.optimizer.apply(gradients, model.trainable_variables)
            return index + 1, last if update else gradients

        return tf.while_loop(lambda index, _: index < steps, body, (0, zeros))[1]

    held = tf.constant(images), tf.constant(order)
    return lambda: [gradient.numpy() for gradient in epoch(*held)]


def products(x: Any, variables: list[Any]) -> list[Any]:
    """The gradients of a net without activations, whose error is its output: every product of a step, once.

    Args:
        x: float32 ``(batch, inputs)``.
        variables: kernel and bias of each layer in turn.
    """
    import tensorflow as tf

    kernels, inputs = variables[::2], [x]
    for kernel in kernels:
        inputs.append(tf.matmul(inputs[-1], kernel))
    error = inputs.pop() * ERROR
    gradients: list[Any] = []
    for index in reversed(range(len(kernels))):
        gradients[:0] = [tf.matmul(inputs[index], error, transpose_a=True), tf.reduce_sum(error, axis=0)]
        if index:
            error = tf.matmul(error, kernels[index], transpose_b=True)
    return gradients


def _timed(call: Callable[[], Any], epochs: int) -> Clock:
    """The epochs of a call that an earlier one has compiled."""
    call()
    clock = Clock()
    for _ in range(epochs):
        call()
        clock.mark()
    return clock
