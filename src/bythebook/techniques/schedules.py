"""Schedules: how the learning rate changes while a net trains.

The program gives ``_learning_rate`` (the optimizer's, called lr0 below), ``_steps_per_epoch`` and ``_epochs``. ``t``
counts training steps and ``e`` whole epochs, both from 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, Field, Strict

from bythebook.catalogue import technique
from bythebook.lazy import keras
from bythebook.techniques.ranges import Count, Positive, Share

Factor = Annotated[float, Field(gt=0, lt=1)]


def _ascending(drops: Sequence[tuple[int, float]]) -> Sequence[tuple[int, float]]:
    epochs = [epoch for epoch, _ in drops]
    if any(later <= earlier for earlier, later in pairwise(epochs)):
        raise ValueError(f"the epochs {epochs} must ascend")
    return drops


# A pair arrives from YAML as a list, which strict validation would refuse for a tuple.
Drop = Annotated[tuple[Count, Positive], Strict(False)]
Drops = Annotated[Sequence[Drop], Field(min_length=1), AfterValidator(_ascending)]


@dataclass(frozen=True)
class Cycle:
    """The optimizer's momentum falls to ``lowest`` in the middle of a 1cycle of ``steps`` steps, and rises back."""

    lowest: float
    steps: int


@dataclass(frozen=True)
class Schedule:
    """A learning rate over time.

    Attributes:
        learning_rate: a float, or a Keras ``LearningRateSchedule`` of the step; goes into the optimizer.
        callbacks: Keras callbacks that change a float learning rate between epochs; go into ``fit``. They keep state:
            build a new schedule for every run.
        momentum: what moves the optimizer's momentum from step to step, a
            :class:`Cycle`; None leaves it as it is.
    """

    learning_rate: Any
    callbacks: tuple[Any, ...] = ()
    momentum: Any = None


@technique("schedule")
def constant(_learning_rate: float) -> Schedule:
    """The same learning rate throughout.

    Formula: lr0
    Prefer: as the control, and for short runs.
    Source: chapter 11, "Learning Rate Scheduling".
    """
    return Schedule(_learning_rate)


@technique("schedule")
def power(_learning_rate: float, steps: Count = 10_000) -> Schedule:
    """Falls to 1/2 after ``steps`` steps, to 1/3 after twice as many, and so on.

    Formula: lr0 / (1 + t / steps)
    Prefer: for a quick fall at first and a slow one later; ``steps`` and lr0 need tuning.
    Source: chapter 11, "Learning Rate Scheduling" (power scheduling).
    """
    rate = keras.optimizers.schedules.InverseTimeDecay(_learning_rate, decay_steps=steps, decay_rate=1.0)
    return Schedule(rate)


@technique("schedule")
def exponential(
    _learning_rate: float, _steps_per_epoch: int, epochs: Positive = 20.0, factor: Factor = 0.1
) -> Schedule:
    """Falls by ``factor`` every ``epochs`` epochs, a little at each step.

    Formula: lr0 * factor ** (t / (epochs * steps per epoch))
    Prefer: over power scheduling when the fall should not slow down.
    Source: Senior et al. 2013, ICASSP; chapter 11, "Learning Rate Scheduling" (exponential scheduling).
    """
    steps = epochs * _steps_per_epoch
    return Schedule(keras.optimizers.schedules.ExponentialDecay(_learning_rate, decay_steps=steps, decay_rate=factor))


@technique("schedule")
def exponential_per_epoch(
    _learning_rate: float, _steps_per_epoch: int, epochs: Positive = 20.0, factor: Factor = 0.1
) -> Schedule:
    """Falls by ``factor`` every ``epochs`` epochs, a step down at the start of each epoch.

    Formula: lr0 * factor ** (e / epochs)
    Prefer: as ``exponential`` when epochs have few steps.
    Source: Senior et al. 2013, ICASSP; chapter 11, "Learning Rate Scheduling" (exponential scheduling).
    """
    rate = keras.optimizers.schedules.ExponentialDecay(
        _learning_rate, decay_steps=_steps_per_epoch, decay_rate=factor ** (1 / epochs), staircase=True
    )
    return Schedule(rate)


@technique("schedule")
def piecewise(_learning_rate: float, _steps_per_epoch: int, drops: Drops = ((5, 0.5), (15, 0.1))) -> Schedule:
    """Constant between given epochs; ``drops`` lists pairs of an epoch and the factor of lr0 from its start on.

    Formula: lr0 before the first drop, then lr0 * factor of the latest drop whose epoch is <= e
    Prefer: when it is known when to slow down; needs fiddling.
    Source: chapter 11, "Learning Rate Scheduling" (piecewise constant scheduling).
    """
    # Keras still uses the old value at the boundary itself, so that is the last step of the epoch before.
    boundaries = [epoch * _steps_per_epoch - 1 for epoch, _ in drops]
    values = [_learning_rate, *(_learning_rate * factor for _, factor in drops)]
    return Schedule(keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, values))


@technique("schedule")
def performance(_learning_rate: float, factor: Factor = 0.5, patience: Count = 5) -> Schedule:
    """Falls by ``factor`` whenever the validation loss has not improved for ``patience`` epochs.

    Formula: rate *= factor after ``patience`` epochs whose validation loss is not 1e-4 below the best
    Prefer: together with 1cycle in the guideline tables; needs nothing known beforehand.
    Source: Senior et al. 2013, ICASSP; chapter 11, "Learning Rate Scheduling" (performance scheduling).
    """
    plateau = keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=factor, patience=patience)
    return Schedule(_learning_rate, callbacks=(plateau,))


@technique("schedule")
def one_cycle(_learning_rate: float, _steps_per_epoch: int, _epochs: int) -> Schedule:
    """Rises from a tenth to the learning rate given, falls back as long, then to a ten-thousandth of it.

    Formula: with N steps in all and the last N // 10 + 1 kept apart: linear lr0 / 10 -> lr0 over the first half of the
        rest, lr0 -> lr0 / 10 over its second half, lr0 / 10 -> lr0 / 10,000 over the last steps
    Prefer: in both guideline tables; lr0 is the largest rate, which can be higher than a constant one and is what a
        range test finds.
    Source: Smith 2018, arXiv:1803.09820; chapter 11, "Learning Rate Scheduling" (1cycle scheduling).
    """
    from bythebook.techniques.learning_rates import OneCycle

    return Schedule(OneCycle(_learning_rate, _steps_per_epoch * _epochs))


@technique("schedule")
def one_cycle_with_momentum(
    _learning_rate: float, _steps_per_epoch: int, _epochs: int, lowest_momentum: Share = 0.85
) -> Schedule:
    """1cycle whose momentum moves against the learning rate; the optimizer's own momentum is the highest.

    Formula: the rates of one_cycle; linear momentum -> lowest_momentum over the first half, back over the second,
        momentum over the last steps
    Prefer: with an optimizer's momentum of 0.95, as the method was published.
    Source: Smith 2018, arXiv:1803.09820; chapter 11, "Learning Rate Scheduling" (1cycle scheduling).
    """
    from bythebook.techniques.learning_rates import OneCycle

    steps = _steps_per_epoch * _epochs
    return Schedule(OneCycle(_learning_rate, steps), momentum=Cycle(lowest_momentum, steps))
