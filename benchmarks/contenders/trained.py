"""One contender's training, timed: what all of them do around their own loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.clock import Clock
from benchmarks.contenders import Request
from benchmarks.data import load
from benchmarks.nets import Net

Train = Callable[..., dict[str, list[float]]]


def trained(request: Request, net: Net, train: Train, **options: Any) -> dict[str, Any]:
    """What ``train`` took, epoch by epoch, on the request's data, and its logs."""
    data = load(net.side, request.images, request.times)
    clock = Clock()
    logs = train(net, data, request.epochs, clock, request.validation, **options)
    return {**clock.answer(), "images": len(data.x), "logs": logs}
