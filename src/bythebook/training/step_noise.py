"""How noisy the loss of mini-batches is. Imports Keras, so it is imported where the metric is built."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="bythebook")
class StepNoise(keras.metrics.Metric):
    """The deviation of the loss from step to step, without the trend that learning gives it.

    Formula: sqrt(mean of (loss of a step - loss of the step before)^2 / 2)

    Args:
        loss: what is trained for; its value for a batch is a mean over the batch.

    Source: von Neumann 1941, "Distribution of the ratio of the mean square successive difference to the variance".
    """

    def __init__(self, loss: Any, name: str = "step_noise", **options: Any) -> None:
        super().__init__(name=name, **options)
        self.loss = loss
        self.before = self.add_weight(name="before", initializer="zeros")
        self.squares = self.add_weight(name="squares", initializer="zeros")
        self.steps = self.add_weight(name="steps", initializer="zeros")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Takes one batch."""
        loss = self.loss(y_true, y_pred, sample_weight)
        change = keras.ops.where(self.steps > 0, loss - self.before, 0.0)
        self.squares.assign_add(keras.ops.square(change))
        self.before.assign(loss)
        self.steps.assign_add(1.0)

    def result(self) -> Any:
        """The deviation, 0 for less than two steps."""
        return keras.ops.sqrt(self.squares / (2 * keras.ops.maximum(self.steps - 1, 1.0)))

    def get_config(self) -> dict[str, Any]:
        """What :meth:`from_config` needs to make this metric again."""
        return {**super().get_config(), "loss": keras.saving.serialize_keras_object(self.loss)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> StepNoise:
        """Makes the metric again."""
        return cls(**{**config, "loss": keras.saving.deserialize_keras_object(config["loss"])})
