"""1cycle's momentum: it falls while the learning rate rises, and the weights move as in Keras' own SGD."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

Made = Callable[..., Any]
STEPS, EPOCHS = 10, 10


def optimizer(made: Made, name: str, **arguments: Any) -> Any:
    schedule = made("schedule", "one_cycle_with_momentum", _steps_per_epoch=STEPS, _epochs=EPOCHS, lowest_momentum=0.8)
    return made("optimizer", name, _schedule=schedule.learning_rate, _momentum=schedule.momentum, **arguments)


def test_momentum_moves_against_the_learning_rate(made: Made) -> None:
    built = optimizer(made, "momentum", momentum=0.95)
    momenta = [float(built.momentum_at(step)) for step in range(120)]
    rates = [float(built._learning_rate(step)) for step in range(120)]
    assert momenta[0] == pytest.approx(0.95)
    assert min(momenta) == pytest.approx(0.8)
    assert momenta.index(min(momenta)) == rates.index(max(rates)) == 44
    assert all(one > other for one, other in pairwise(momenta[:45]))
    assert all(one < other for one, other in pairwise(momenta[44:89]))
    assert momenta[88:] == pytest.approx([0.95] * 32)


@pytest.mark.parametrize("name", ["momentum", "nesterov"])
def test_a_step_is_that_of_plain_sgd_with_the_momentum_of_the_step(made: Made, name: str) -> None:
    """Keras' SGD, whose momentum is set by hand before every step."""
    import keras

    cycled = optimizer(made, name, momentum=0.95)
    plain = keras.optimizers.SGD(cycled._learning_rate, momentum=0.95, nesterov=name == "nesterov")
    mine, other = keras.Variable(np.ones(3, np.float32)), keras.Variable(np.ones(3, np.float32))
    start = np.asarray(mine).copy()
    for step in range(100):
        gradient = keras.ops.convert_to_tensor(np.random.default_rng(step).normal(size=3).astype(np.float32))
        cycled.apply([gradient], [mine])
        plain.momentum = float(cycled.momentum_at(step))
        plain.apply([gradient], [other])
    np.testing.assert_allclose(mine, other, rtol=1e-5)
    assert not np.allclose(mine, start)


def test_an_optimizer_without_a_cycle_is_keras_own(made: Made) -> None:
    import keras

    assert type(made("optimizer", "momentum")) is keras.optimizers.SGD


def test_it_survives_serialization(made: Made) -> None:
    import keras

    built = optimizer(made, "nesterov", momentum=0.9)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(built))
    assert type(again) is type(built)
    assert again.get_config() == built.get_config()
    assert (again.lowest, again.steps, again.nesterov) == (0.8, 100, True)
