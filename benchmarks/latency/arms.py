"""The arms: which nets are timed, and by which metrics.

All but those of several sizes have 300 and 100 units on 784 inputs, and 10 outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.nets import Net

# Milliseconds of one image through the net, of a training step on 32 images, and of a prediction of 1,000 images.
FORWARD, STEP, PREDICTION = "forward_milliseconds", "step_milliseconds", "prediction_milliseconds"
EPOCH = "epoch_seconds"
# What 19 of 20 predictions of one image take at most, and what stands for it where no clock may be asked.
TAIL, WORK = "forward_p95_milliseconds", "multiply_adds"


def _net(name: str, **differs: Any) -> Net:
    return Net(name, f"784-300-100-10, {name}", {"hidden": [300, 100], **differs})


ACTIVATIONS = {name: _net(name, activation=name) for name in ("relu", "leaky_relu", "elu", "selu", "gelu")}
DROPOUT = {"plain": _net("plain"), "dropout": _net("dropout", dropout={"name": "dropout", "rate": 0.2})}
# Passes of Monte Carlo dropout through the net with dropout.
PASSES = {"mc_10": 10, "mc_30": 30}
EPOCHS = {"epoch_plain": _net("plain"), "epoch_batch_norm": _net("batch_norm", normalizer="batch_norm_after")}
NORMALIZED, FOLDED = "normalized", "folded"
# Nets as the search for low latency meets them: layers by units, with batch norm that is folded away.
SIZES = {
    f"size_{layers}x{units}": Net(
        f"size_{layers}x{units}",
        f"784, {layers} x {units}, 10",
        {"hidden": [units] * layers, "normalizer": "batch_norm_before"},
    )
    for layers, units in ((1, 8), (1, 32), (2, 32), (1, 100), (2, 100), (4, 100), (1, 200), (2, 200), (4, 200))
}

METRICS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(ACTIVATIONS, (FORWARD, STEP)),
    **dict.fromkeys((*DROPOUT, *PASSES), (PREDICTION,)),
    **dict.fromkeys(EPOCHS, (EPOCH,)),
    **dict.fromkeys((NORMALIZED, FOLDED), (FORWARD,)),
    **dict.fromkeys(SIZES, (TAIL, WORK)),
}
