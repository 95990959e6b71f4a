"""This project's engine: each epoch one compiled call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.clock import Clock
from benchmarks.contenders import BATCH, VALIDATION_BATCH, Request
from benchmarks.contenders.keras_fit import SEED, compile_model
from benchmarks.contenders.trained import trained
from benchmarks.data import Data
from benchmarks.nets import NETS, Net, Weights
from bythebook import network
from bythebook.training.determinism import prepare_process


def run(request: Request, bare: bool = False) -> dict[str, Any]:
    """Trains in this process, which becomes a worker like the pipeline's.

    Args:
        bare: leave dropout and normalization out of the net.
    """
    prepare_process()
    net = without_extras(NETS[request.net]) if bare else NETS[request.net]
    return trained(request, net, train)


def without_extras(net: Net) -> Net:
    """The net without dropout and normalization."""
    return replace(net, declared={**net.declared, "dropout": None, "normalizer": None})


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
    """The history of the engine's ``fit``; ``weights`` are initial ones, as :meth:`Net.initial` gives them."""
    from bythebook.fused.fit import fit

    model = network.build(net.recipe, data.x.shape[1:], data.classes, SEED)
    if weights is not None:
        model.set_weights(weights)
    compile_model(model, net.recipe, -(-len(data.x) // BATCH), epochs)
    history = fit(
        model,
        data.x,
        data.y,
        batch_size=BATCH,
        epochs=epochs,
        callbacks=[clock.callback()],
        validation_data=data.held_out if validation else None,
        validation_batch_size=VALIDATION_BATCH,
        order=order,
    )
    return {name: [float(value) for value in values] for name, values in history.history.items()}
