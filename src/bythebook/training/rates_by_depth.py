"""Optimizers whose learning rate falls from layer to layer. Imports Keras, so it is imported where one is built.

Source: Howard and Ruder 2018, arXiv:1801.06146, section 3.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import keras


def slowed(optimizer: Any, decay: float, depths: Sequence[int]) -> Any:
    """The same optimizer, in which a variable learns at ``rate * decay ** depth``.

    Args:
        optimizer: a Keras optimizer that has not been built.
        decay: above 0; an input of a compiled program, as the optimizer's own hyperparameters are.
        depths: of every variable that will be trained, in their order.
    """
    kind: Any = type(optimizer)
    return _by_depth(kind).from_config({**optimizer.get_config(), "decay": decay, "depths": list(depths)})


@cache
def _by_depth(kind: Any) -> Any:
    """The subclass of a kind of optimizer, under a name by which Keras finds it when it copies a model."""

    class ByDepth(kind):
        hyperparameters = ("decay",)

        def __init__(self, decay: float, depths: Sequence[int], **options: Any) -> None:
            super().__init__(**options)
            self.decay, self.depths = decay, tuple(depths)

        def rate_of(self, variable: Any, learning_rate: Any) -> Any:
            """The rate of one variable, a scalar of its type."""
            decay, rate = (keras.ops.cast(number, variable.dtype) for number in (self.decay, learning_rate))
            return rate * keras.ops.power(decay, self.depths[self._get_variable_index(variable)])

        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            """Updates one variable as the optimizer does, at the variable's own rate."""
            super().update_step(gradient, variable, self.rate_of(variable, learning_rate))

        def _apply_weight_decay(self, variables: Any) -> None:
            if self.weight_decay is None:
                return
            for variable in variables:
                share = self.rate_of(variable, self.learning_rate) * keras.ops.cast(self.weight_decay, variable.dtype)
                self.assign_sub(variable, variable * share)

        def get_config(self) -> dict[str, Any]:
            """What :meth:`from_config` needs to make this optimizer again."""
            return {**super().get_config(), "decay": self.decay, "depths": list(self.depths)}

    ByDepth.__name__ = ByDepth.__qualname__ = f"{kind.__name__}ByDepth"
    return keras.saving.register_keras_serializable(package="bythebook")(ByDepth)
