"""An eager PyTorch loop in one thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.clock import Clock
from benchmarks.contenders import BATCH, VALIDATION_BATCH, Request
from benchmarks.contenders.trained import trained
from benchmarks.data import Data
from benchmarks.nets import NETS, Net, Weights


def run(request: Request) -> dict[str, Any]:
    """Trains in this process, in one thread."""
    import torch

    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
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
    import torch

    torch.manual_seed(0)
    inputs = data.x[0].size
    x, y = torch.from_numpy(data.x).reshape(-1, inputs), torch.from_numpy(data.y)
    held_out = (torch.from_numpy(data.held_out[0]).reshape(-1, inputs), torch.from_numpy(data.held_out[1]))
    model = build(net, net.initial(inputs, data.classes) if weights is None else weights)
    optimizer, kernels = _optimizer(net, model), [layer.weight for layer in model if hasattr(layer, "in_features")]
    longest = (net.recipe["constraint"] or {}).get("max_value")
    logs: dict[str, list[float]] = {}
    for epoch in range(epochs):
        model.train()
        indices = torch.randperm(len(x)) if order is None else torch.from_numpy(order(epoch))
        loss, hits = torch.zeros(()), torch.zeros((), dtype=torch.int64)
        for chosen in indices.split(BATCH):
            target = y[chosen]
            outputs = model(x[chosen])
            error = torch.nn.functional.cross_entropy(outputs, target)
            optimizer.zero_grad()
            error.backward()
            optimizer.step()
            if longest is not None:
                with torch.no_grad():
                    for kernel in kernels:
                        torch.renorm(kernel, 2, 0, longest, out=kernel)
            loss += error.detach() * len(chosen)
            hits += (outputs.detach().argmax(1) == target).sum()
        _note(logs, "", loss, hits, len(x))
        if validation:
            _note(logs, "val_", *_evaluated(model, *held_out), len(held_out[0]))
        clock.mark()
    return logs


def build(net: Net, weights: Weights) -> Any:
    """A ``torch.nn.Sequential`` that gives logits, with weights as :meth:`Net.initial` lists them."""
    import torch
    from torch import nn

    given = [torch.from_numpy(weight.copy()) for weight in weights]
    normalized = net.recipe["normalizer"] is not None
    activation = {"elu": nn.ELU, "selu": nn.SELU}[net.recipe["activation"]["name"]]
    layers: list[Any] = [_normalizer(given)] if normalized else []
    for _ in net.recipe["hidden"]:
        layers += _dropout(net)
        layers.append(_linear(given, biased=not normalized))
        layers += [_normalizer(given)] if normalized else []
        layers.append(activation())
    layers += [*_dropout(net), _linear(given, biased=True)]
    return nn.Sequential(*layers)


def _linear(given: list[Any], biased: bool) -> Any:
    from torch import nn

    kernel = given.pop(0)
    fan_in, units = kernel.shape
    layer = nn.Linear(fan_in, units, bias=biased)
    layer.weight.data = kernel.T.contiguous()
    if biased:
        layer.bias.data = given.pop(0)
    return layer


def _normalizer(given: list[Any]) -> Any:
    from torch import nn

    # Keras keeps 0.99 of the moving moments, which PyTorch calls a momentum of 0.01.
    layer = nn.BatchNorm1d(len(given[0]), eps=0.001, momentum=0.01)
    layer.weight.data, layer.bias.data, layer.running_mean, layer.running_var = (given.pop(0) for _ in range(4))
    return layer


def _dropout(net: Net) -> list[Any]:
    from torch import nn

    if net.recipe["dropout"] is None:
        return []
    kind = {"dropout": nn.Dropout, "alpha_dropout": nn.AlphaDropout}[net.recipe["dropout"]["name"]]
    return [kind(net.recipe["dropout"]["rate"])]


def _optimizer(net: Net, model: Any) -> Any:
    import torch

    declared = net.recipe["optimizer"]
    rate = declared["learning_rate"]
    if declared["name"] == "nadam":
        # Its momentum grows as fast as that of Keras, whose Nadam has no setting for it.
        return torch.optim.NAdam(model.parameters(), lr=rate, eps=1e-7, momentum_decay=1.0, foreach=True)
    if declared["name"] == "nesterov":
        return torch.optim.SGD(model.parameters(), lr=rate, momentum=declared["momentum"], nesterov=True, fused=True)
    return torch.optim.SGD(model.parameters(), lr=rate, fused=True)


def _evaluated(model: Any, x: Any, y: Any) -> tuple[Any, Any]:
    import torch

    model.eval()
    with torch.inference_mode():
        pairs = [
            (model(images), labels)
            for images, labels in zip(x.split(VALIDATION_BATCH), y.split(VALIDATION_BATCH), strict=True)
        ]
        loss = sum(torch.nn.functional.cross_entropy(outputs, labels, reduction="sum") for outputs, labels in pairs)
        hits = sum((outputs.argmax(1) == labels).sum() for outputs, labels in pairs)
    return loss, hits


def _note(logs: dict[str, list[float]], prefix: str, loss: Any, hits: Any, images: int) -> None:
    logs.setdefault(f"{prefix}loss", []).append(float(loss) / images)
    logs.setdefault(f"{prefix}accuracy", []).append(int(hits) / images)
