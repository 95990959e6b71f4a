"""JAX: the epoch as one ``lax.scan`` under ``jit``, in one thread."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.clock import Clock
from benchmarks.contenders import BATCH, VALIDATION_BATCH, Request
from benchmarks.contenders.jax_net import evaluated, forward, layers_of, updater
from benchmarks.contenders.trained import trained
from benchmarks.data import Data
from benchmarks.nets import NETS, Net, Weights
from bythebook.training.determinism import ENVIRONMENT

WIDTH = "--xla_cpu_prefer_vector_width"


def run(request: Request) -> dict[str, Any]:
    """Trains in this process, on one core, with the vector width that the engine asks XLA for."""
    given = [flag for flag in ENVIRONMENT.get("XLA_FLAGS", "").split() if flag.startswith(WIDTH)]
    os.environ["XLA_FLAGS"] = " ".join(["--xla_cpu_multi_thread_eigen=false", *given])
    if hasattr(os, "sched_setaffinity"):
        # JAX has no setting for its pool of threads; on one core it has one.
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    return trained(request, NETS[request.net], train)


def train(
    net: Net,
    data: Data,
    epochs: int,
    clock: Clock,
    validation: bool = True,
    *,
    weights: Weights | None = None,
    order: Callable[[int], np.ndarray] | None = None,
) -> dict[str, list[float]]:
    """Mean loss and accuracy of every epoch, under the names that Keras gives them."""
    import jax
    import jax.numpy as jnp

    inputs, n = data.x[0].size, len(data.x)
    x, y = jnp.asarray(data.x).reshape(-1, inputs), jnp.asarray(data.y, jnp.int32)
    held_out = (jnp.asarray(data.held_out[0]).reshape(-1, inputs), jnp.asarray(data.held_out[1], jnp.int32))
    initial, update = updater(net)
    layers = layers_of(net, net.initial(inputs, data.classes) if weights is None else weights)
    state = (layers, initial(layers), jax.random.key(0))
    epoch_call = jax.jit(partial(_epoch, net, update), donate_argnums=0)
    evaluate = jax.jit(partial(evaluated, net, VALIDATION_BATCH))
    logs: dict[str, list[float]] = {}
    for epoch in range(epochs):
        indices = np.random.default_rng([0, epoch]).permutation(n) if order is None else order(epoch)
        indices = indices.astype(np.int32)
        whole = n // BATCH * BATCH
        state, sums = epoch_call(state, x, y, indices[:whole].reshape(-1, BATCH), indices[whole:])
        _note(logs, "", sums, n)
        if validation:
            _note(logs, "val_", evaluate(state[0], *held_out), len(data.held_out[0]))
        clock.mark()
    return logs


def _epoch(net: Net, update: Any, state: Any, x: Any, y: Any, batches: Any, rest: Any) -> Any:
    """All steps of one epoch; the last batch holds what is left over."""
    import jax
    import jax.numpy as jnp

    def loss_of(layers: Any, chosen: Any, key: Any) -> Any:
        target = y[chosen]
        logits, moments = forward(net, layers, x[chosen], key)
        errors = jax.nn.logsumexp(logits, axis=1) - jnp.take_along_axis(logits, target[:, None], 1)[:, 0]
        return errors.mean(), (moments, (logits.argmax(1) == target).sum())

    def step(state: Any, chosen: Any) -> Any:
        layers, memory, key = state
        key, own = jax.random.split(key)
        (loss, (moments, hits)), gradients = jax.value_and_grad(loss_of, has_aux=True)(layers, chosen, own)
        layers, memory = update(layers, gradients, moments, memory)
        return (layers, memory, key), (loss * len(chosen), hits)

    state, (losses, hits) = jax.lax.scan(step, state, batches)
    if not len(rest):
        return state, (losses.sum(), hits.sum())
    state, (loss, hit) = step(state, rest)
    return state, (losses.sum() + loss, hits.sum() + hit)


def _note(logs: dict[str, list[float]], prefix: str, sums: Any, images: int) -> None:
    logs.setdefault(f"{prefix}loss", []).append(float(sums[0]) / images)
    logs.setdefault(f"{prefix}accuracy", []).append(int(sums[1]) / images)
