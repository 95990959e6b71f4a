"""What an epoch of one net costs each contender."""

from __future__ import annotations

from functools import partial
from typing import Any

from benchmarks.contenders import CONTENDERS, Request
from benchmarks.measure import Cell, Settings, child, interleaved
from benchmarks.nets import NETS

ALL = ("fit", "fit_one_thread", "fit_whole_epoch", "fit_jit", "engine", "torch", "jax", "floor", "parts")
STEADY = 2
QUICK_IMAGES = 6400


def request(net: str, settings: Settings, **more: Any) -> Request:
    """One epoch that traces and compiles, and the steady ones after it."""
    if settings.quick:
        return Request(net, epochs=2, images=QUICK_IMAGES, **more)
    return Request(net, epochs=1 + STEADY, **more)


def cells(names: list[str], asked: Request) -> tuple[list[Cell], dict[str, list[str]]]:
    """A cell for each contender whose packages are installed, and the missing packages of the others."""
    missing = {name: CONTENDERS[name].missing for name in names if CONTENDERS[name].missing}
    return [Cell(name, partial(child, name, asked)) for name in names if name not in missing], missing


def measure(net: str, settings: Settings) -> dict[str, Any]:
    """Every contender on this net."""
    recipe = NETS[net].recipe
    extras = ["engine_bare"] if recipe["dropout"] or recipe["normalizer"] else []
    asked = request(net, settings)
    found, missing = cells([*ALL, *extras], asked)
    return {
        "kind": "epoch",
        "title": f"An epoch of {NETS[net].title}",
        "net": net,
        "epochs": asked.epochs,
        "missing": missing,
        "answers": interleaved(found, settings.repetitions),
    }
