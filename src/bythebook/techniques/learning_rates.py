"""Learning rate schedules that Keras lacks. Imports Keras, so it is imported where one of them is built."""

from __future__ import annotations

from typing import Any

import keras


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
        self.last = steps // 10 + 1
        self.half = (steps - self.last) // 2

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
