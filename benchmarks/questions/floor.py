"""How near the engine is to the net's own matrix products: training alone, without validation."""

from __future__ import annotations

from typing import Any

from benchmarks.measure import Settings, interleaved
from benchmarks.nets import NETS
from benchmarks.questions.epoch import cells, request

NET = "model_a"
CONTENDERS = ["floor", "parts", "engine", "jax", "torch"]


def measure(settings: Settings) -> dict[str, Any]:
    """The products and those who do more than the products, on model A's net."""
    asked = request(NET, settings, validation=False)
    found, missing = cells(CONTENDERS, asked)
    return {
        "kind": "floor",
        "title": f"Share of the floor: {NETS[NET].title}",
        "net": NET,
        "epochs": asked.epochs,
        "missing": missing,
        "answers": interleaved(found, settings.repetitions),
    }
