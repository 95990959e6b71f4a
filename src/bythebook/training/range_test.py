"""The learning rate range test: one epoch of growing rates shows the largest one that a net can bear.

Source: Smith 2015, arXiv:1506.01186; chapter 11, "Learning Rate Scheduling": the rate to take is lower than the one at
which the loss starts to climb, typically ten times lower.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bythebook.records.recipe import Recipe
from bythebook.techniques.counter_random import position
from bythebook.techniques.schedules import Schedule
from bythebook.training.compilation import compile_model
from bythebook.training.loops import TrainingLoop

BELOW = 10.0
SMOOTHING = 0.9
POINTS = 100


def find(model: Any, recipe: Recipe, path: TrainingLoop, steps: int, metrics: list[Any]) -> dict[str, Any]:
    """Trains ``model`` through one epoch of growing rates, and gives it its weights back.

    Args:
        model: as :func:`bythebook.network.build` gives it; it is left compiled.
        recipe: a resolved recipe with a ``range_test``.
        steps: training steps of the epoch.

    Returns:
        The found ``learning_rate``, and at most :data:`POINTS` points of the curve: ``rates`` and smoothed ``losses``,
        which end where the loss stops being a number.
    """
    from bythebook.techniques.learning_rates import Growing

    declared: Any = recipe["range_test"]
    initial = model.get_weights()
    growing = Growing(declared["lowest"], declared["highest"], steps)
    compile_model(model, recipe, Schedule(growing), metrics, steps_per_execution=1, jit_compile=False)
    position(model, 0)
    losses = smoothed(path.step_losses(model))
    model.set_weights(initial)
    rates = np.asarray(growing(np.arange(steps)), np.float64)
    shown = np.unique(np.linspace(0, len(losses) - 1, min(POINTS, len(losses))).astype(int))
    return {
        "learning_rate": chosen(rates, losses),
        "rates": [float(rate) for rate in rates[shown]],
        "losses": [float(loss) for loss in losses[shown]],
    }


def smoothed(losses: np.ndarray) -> np.ndarray:
    """The running mean of the losses ``(steps,)``, float64, up to the last one before the first that is no number.

    Formula: mean = 0.9 mean + 0.1 loss, divided by 1 - 0.9 ** step for its start at 0
    """
    broken = np.flatnonzero(~np.isfinite(losses))
    means, mean = [], 0.0
    for step, loss in enumerate(losses[: broken[0]] if broken.size else losses, start=1):
        mean = SMOOTHING * mean + (1 - SMOOTHING) * float(loss)
        means.append(mean / (1 - SMOOTHING**step))
    return np.array(means)


def chosen(rates: np.ndarray, losses: np.ndarray) -> float:
    """A tenth of the rate at which the smoothed loss is lowest, from where on it climbs; the lowest rate at least.

    Args:
        rates: of every step, ``(steps,)``.
        losses: smoothed, of the steps before the first loss that is no number; may be none.
    """
    lowest = float(rates[0])
    return max(float(rates[int(np.argmin(losses))]) / BELOW, lowest) if len(losses) else lowest
