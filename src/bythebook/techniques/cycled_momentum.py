"""Gradient descent whose momentum moves against a 1cycle learning rate.

Imports Keras, so it is imported where the optimizer is built. It is registered under the package name ``bythebook``: a
saved model finds it once this module is imported.
"""

from __future__ import annotations

from typing import Any

import keras

from bythebook.techniques.learning_rates import phases_of_one_cycle


@keras.saving.register_keras_serializable(package="bythebook")
class CycledSGD(keras.optimizers.SGD):
    """Keras' SGD with a momentum that falls to ``lowest`` over the first half of a 1cycle and rises back.

    Arguments but the first two, and the update of the weights, are those of ``keras.optimizers.SGD``.

    Args:
        lowest: the momentum in the middle of the cycle; ``momentum`` is the one at its ends.
        steps: the number of training steps in all.

    Source: Smith 2018, arXiv:1803.09820; chapter 11, "Learning Rate Scheduling" (1cycle scheduling).
    """

    def __init__(self, lowest: float, steps: int, momentum: float = 0.95, **options: Any) -> None:
        super().__init__(momentum=momentum, **options)
        self.lowest, self.steps = lowest, steps

    def momentum_at(self, step: Any) -> Any:
        """The float32 momentum at ``step``, a scalar integer tensor that counts from 0."""
        half, _ = phases_of_one_cycle(self.steps)
        away = keras.ops.abs(keras.ops.cast(step, "float32") - half) / max(half, 1)
        highest = keras.ops.cast(self.momentum, "float32")
        return self.lowest + (highest - self.lowest) * keras.ops.minimum(away, 1.0)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Updates one variable, as Keras' SGD does with this step's momentum."""
        velocity = self.momentums[self._get_variable_index(variable)]
        momentum = keras.ops.cast(self.momentum_at(self.iterations), variable.dtype)
        pull = keras.ops.cast(gradient, variable.dtype) * keras.ops.cast(learning_rate, variable.dtype)
        self.assign(velocity, velocity * momentum - pull)
        self.assign_add(variable, velocity * momentum - pull if self.nesterov else velocity)

    def get_config(self) -> dict[str, Any]:
        """What :meth:`from_config` needs to make this optimizer again."""
        return {**super().get_config(), "lowest": self.lowest, "steps": self.steps}
