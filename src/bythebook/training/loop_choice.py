"""Which way a run is trained, and how long it will take: from costs that were measured, before anything is started.

The choice is a function of what was declared and never of a clock: equal runs must be trained in the same way, or their
last bits would differ. ``benchmarks/`` measures the costs again.
"""

from __future__ import annotations

from dataclasses import dataclass

from bythebook.records.recipe import Recipe

# Seconds of one core to get ready, as a constant and a share for every variable that a step changes (weights, moving
# averages, optimizer slots). Keras traces its step for every model; an epoch is compiled once per shape.
PLAIN_START, PLAIN_START_EACH = 0.30, 0.020
FUSED_START, FUSED_START_EACH = 0.70, 0.015
FUSED_AGAIN = 0.03
# Seconds a step: what every step costs, what the plain path adds to it, and the speed of matrix products in FLOP/s.
STEP, STEP_EACH = 3e-5, 2e-6
PLAIN_STEP, PLAIN_STEP_EACH = 2.5e-4, 5e-6
SPEED = 150e9

SLOTS = {"sgd": 0, "momentum": 1, "nesterov": 1, "adagrad": 1, "rmsprop": 1}
MOST_SLOTS = 2
WANTED = ("auto", "fused", "plain")


@dataclass(frozen=True)
class LoopChoice:
    """The way a run is trained.

    Attributes:
        loop: ``fused`` or ``plain``.
        seconds: predicted seconds of one core for one such run, without getting ready.
        reason: one sentence for the log.
    """

    loop: str
    seconds: float
    reason: str


def choose_loop(
    recipe: Recipe,
    images: int,
    pixels: int,
    epochs: int,
    runs: int = 1,
    wanted: str = "auto",
    phases: int = 1,
) -> LoopChoice:
    """The faster way for ``runs`` runs that can share a compiled epoch.

    Args:
        recipe: a resolved recipe.
        images: training images.
        pixels: values per image.
        epochs: epochs over all phases.
        runs: how many runs of this shape are planned together.
        wanted: one of :data:`WANTED`; another one than ``auto`` decides.
        phases: how often the net is compiled, each time with other layers frozen.
    """
    steps = epochs * -(-images // recipe["batch_size"])
    changed = _variables(recipe)
    work = 6 * _parameters(recipe, pixels) * recipe["batch_size"] / SPEED
    fused_step, plain_step = STEP + STEP_EACH * changed + work, PLAIN_STEP + PLAIN_STEP_EACH * changed
    fused = phases * (FUSED_START + FUSED_START_EACH * changed + runs * FUSED_AGAIN) + runs * steps * fused_step
    plain = runs * (phases * (PLAIN_START + PLAIN_START_EACH * changed) + steps * (fused_step + plain_step))
    loop = wanted if wanted != "auto" else "fused" if fused < plain else "plain"
    reason = (
        f"asked for; predicted {fused:.1f} s fused, {plain:.1f} s plain"
        if wanted != "auto"
        else f"{runs} run(s) of this shape with {steps} steps: predicted {fused:.1f} s fused, {plain:.1f} s plain"
    )
    return LoopChoice(loop, steps * (fused_step + (plain_step if loop == "plain" else 0)), reason)


def _parameters(recipe: Recipe, pixels: int) -> int:
    widths = [pixels, *recipe["hidden"]]
    return sum(before * after for before, after in zip(widths, widths[1:], strict=False)) or pixels


def _variables(recipe: Recipe) -> int:
    """About how many variables a step changes."""
    layers = len(recipe["hidden"])
    trained = 2 * (layers + 1) + (2 * layers if recipe["normalizer"] else 0)
    averages = 2 * layers if recipe["normalizer"] else 0
    return trained * (1 + SLOTS.get(recipe["optimizer"]["name"], MOST_SLOTS)) + averages
