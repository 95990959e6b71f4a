"""Learning rate schedules that Keras lacks. Imports Keras, so it is imported where one of them is built."""

from __future__ import annotations

import math
from typing import Any

import keras


def phases_of_one_cycle(steps: int) -> tuple[int, int]:
    """The steps of each of the two halves of a 1cycle, and of its end."""
    last = steps // 10 + 1
    return (steps - last) // 2, last


@keras.saving.register_keras_serializable(package="bythebook")
class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """The 1cycle schedule, piecewise linear in the step; constant after its end.

    Args:
        maximum: the largest learning rate, in the middle of the cycle.
        steps: the number of training steps in all, at least 1.

    Source: Smith 2018, arXiv:1803.09820; the phases are those of the chapter's notebook.
    """

    def __init__(self, maximum: float, steps: int) -> None:
        self.maximum = maximum
        self.steps = steps
        self.half, self.last = phases_of_one_cycle(steps)

    def __call__(self, step: Any) -> Any:
        """The float32 learning rate at ``step``, a scalar integer tensor that counts from 0."""
        step = keras.ops.cast(step, "float32")
        start = self.maximum / 10
        rise = self._line(step, 0, self.half, start, self.maximum)
        fall = self._line(step, self.half, 2 * self.half, self.maximum, start)
        end = self._line(step, 2 * self.half, self.steps, start, start / 1000)
        return keras.ops.where(step < self.half, rise, keras.ops.where(step < 2 * self.half, fall, end))

    @staticmethod
    def _line(step: Any, first: int, last: int, begin: float, end: float) -> Any:
        """Linear from ``begin`` at ``first`` to ``end`` at ``last`` and constant outside."""
        share = keras.ops.clip((step - first) / max(last - first, 1), 0.0, 1.0)
        return begin * (1 - share) + end * share

    def get_config(self) -> dict[str, Any]:
        """What :meth:`from_config` needs to make this schedule again."""
        return {"maximum": self.maximum, "steps": self.steps}


@keras.saving.register_keras_serializable(package="bythebook")
class Growing(keras.optimizers.schedules.LearningRateSchedule):
    """From ``lowest`` to ``highest`` by the same factor at every one of ``steps`` steps: the range test's rates."""

    def __init__(self, lowest: float, highest: float, steps: int) -> None:
        self.lowest, self.highest, self.steps = lowest, highest, steps

    def __call__(self, step: Any) -> Any:
        """The float32 learning rate at ``step``, an integer tensor that counts from 0."""
        share = keras.ops.cast(step, "float32") / max(self.steps - 1, 1)
        return self.lowest * keras.ops.exp(share * math.log(self.highest / self.lowest))

    def get_config(self) -> dict[str, Any]:
        """What :meth:`from_config` needs to make this schedule again."""
        return {"lowest": self.lowest, "highest": self.highest, "steps": self.steps}
