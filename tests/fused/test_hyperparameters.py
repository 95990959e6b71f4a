"""A hyperparameter computes as the number it stands for, and Python learns nothing of it but its sign."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from both_ways import case, compiled, stack
from hypothesis import given, settings
from hypothesis import strategies as st

from bythebook.fused import hyperparameters
from bythebook.fused.hyperparameters import Hyperparameter
from bythebook.lazy import keras

pytestmark = pytest.mark.usefixtures("tensorflow")

ARITHMETIC = [operator.add, operator.sub, operator.mul, operator.truediv]
COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]
# Far from where float32 overflows or loses its leading digits.
NUMBERS = st.floats(1e-3, 1e3).flatmap(lambda size: st.sampled_from([size, -size]))

compute = st.sampled_from(ARITHMETIC)
few = settings(max_examples=60, deadline=None)


def standing_for(number: float) -> Hyperparameter:
    import tensorflow as tf

    return Hyperparameter(int(np.sign(number)), lambda: tf.constant(number, tf.float64))


def as_float32(value: Any) -> np.float32:
    import tensorflow as tf

    return tf.convert_to_tensor(value, tf.float32).numpy()


@few
@given(NUMBERS, NUMBERS, NUMBERS, compute, compute, st.booleans())
def test_with_numbers_it_computes_in_float64(
    number: float, other: float, third: float, first: Callable[..., Any], then: Callable[..., Any], swapped: bool
) -> None:
    """What Python's float would have given, and only the result is rounded to what a tensor wants."""

    def computed(value: Any) -> Any:
        once = first(other, value) if swapped else first(value, other)
        return then(third, once) if swapped else then(once, third)

    if then is operator.truediv and swapped and first(other, number) == 0:
        return
    assert as_float32(computed(standing_for(number))) == np.float32(computed(number))


@few
@given(
    NUMBERS, st.lists(NUMBERS, min_size=1, max_size=4), compute, st.booleans(), st.sampled_from(["float32", "float64"])
)
def test_with_a_tensor_it_takes_the_type_of_the_tensor(
    number: float, values: list[float], compute: Callable[..., Any], swapped: bool, dtype: str
) -> None:
    import tensorflow as tf

    # TensorFlow itself converts what stands right of a tensor, to float32.
    tensor = tf.constant(values, "float32" if swapped else dtype)
    sides: tuple[Any, Any] = (tensor, standing_for(number)) if swapped else (standing_for(number), tensor)
    expected = compute(tensor, number) if swapped else compute(number, tensor)
    result = compute(*sides)
    assert result.dtype == expected.dtype
    assert np.array_equal(result, expected)


@few
@given(NUMBERS, compute)
def test_with_a_variable_of_keras_it_computes_as_a_number_does(number: float, compute: Callable[..., Any]) -> None:
    variable = keras.Variable([1.5, -2.0])
    assert np.array_equal(compute(standing_for(number), variable), compute(number, variable))
    assert np.array_equal(compute(variable, standing_for(number)), compute(variable, number))


@few
@given(NUMBERS)
def test_functions_of_keras_take_it_for_a_number(number: float) -> None:
    x = keras.ops.convert_to_tensor([0.5, 2.0])
    ops = keras.ops
    assert np.array_equal(ops.multiply(standing_for(number), x), ops.multiply(number, x))
    assert np.array_equal(ops.cast(standing_for(number), "float32"), ops.cast(number, "float32"))
    assert np.array_equal(ops.clip(x, 0, standing_for(abs(number))), ops.clip(x, 0, abs(number)))
    assert np.array_equal(-standing_for(number) * x, -number * x)


@few
@given(st.one_of(NUMBERS, st.just(0.0)), st.sampled_from(COMPARISONS))
def test_its_sign_is_known(number: float, compare: Callable[..., bool]) -> None:
    value = standing_for(number)
    assert compare(value, 0) is compare(number, 0)
    assert compare(value, 0.0) is compare(number, 0.0)
    assert bool(value) is bool(number)
    assert compare(-value, 0) is compare(-number, 0)
    assert value is not None
    assert (value == None) is False  # noqa: E711  (as ``in`` asks)


@few
@given(NUMBERS, NUMBERS, st.sampled_from(COMPARISONS))
def test_comparing_it_with_anything_but_0_is_an_error(
    number: float, other: float, compare: Callable[..., bool]
) -> None:
    for something in (other, standing_for(other)):
        with pytest.raises(TypeError, match="compared with 0 only"):
            compare(standing_for(number), something)


@few
@given(NUMBERS, NUMBERS, compute, st.sampled_from(COMPARISONS))
def test_what_is_computed_from_it_has_not_even_a_sign(
    number: float, other: float, compute: Callable[..., Any], compare: Callable[..., bool]
) -> None:
    for derived in (compute(standing_for(number), other), -compute(other, standing_for(number))):
        with pytest.raises(TypeError):
            compare(derived, 0)
        with pytest.raises(TypeError):
            bool(derived)


@pytest.mark.parametrize("ask", [float, int, round, abs, lambda value: value**2, lambda value: max(value, 1.0)])
def test_python_cannot_ask_for_its_value(ask: Callable[[Any], Any]) -> None:
    """It would become a constant of the program."""
    with pytest.raises(TypeError):
        ask(standing_for(0.5))


DELTA = {
    "hidden": [8],
    "optimizer": {"name": "adamw", "beta_1": 0.25, "weight_decay": 0.0},
    "dropout": {"name": "dropout", "rate": 0.375},
    "regularizer": {"name": "l1", "factor": 0.125},
    "constraint": {"name": "max_norm", "max_value": 3.0},
    "clipping": {"name": "clip_norm", "threshold": 5.0},
}


def test_the_hyperparameters_of_a_model_are_found_with_their_values() -> None:
    model = case(DELTA).model
    found = [(type(owner).__name__, name, float(getattr(owner, name))) for owner, name in hyperparameters.owners(model)]
    assert [value for *_, value in found] == hyperparameters.values(model)
    layer = [("L1", "l1", 0.125), ("MaxNorm", "max_value", 3.0)]
    assert found == [
        ("AdamW", "beta_1", 0.25),
        ("AdamW", "beta_2", 0.999),
        ("AdamW", "weight_decay", 0.0),
        ("AdamW", "clipnorm", 5.0),
        *(("Dropout", "rate", 0.375), *sorted(layer, reverse=True)),
        *(("Dropout", "rate", 0.375), *sorted(layer, reverse=True)),
    ]


def test_a_model_has_its_numbers_back_after_only_their_signs_were_looked_at() -> None:
    model = case(DELTA).model
    before = hyperparameters.values(model)
    with pytest.raises(KeyError), hyperparameters.only_signs(model):
        assert set(hyperparameters.values(model)) == {0.0, 1.0}
        raise KeyError
    assert hyperparameters.values(model) == before


def test_a_part_that_two_layers_share_keeps_its_number() -> None:
    shared = keras.regularizers.L2(0.01)
    model = compiled(stack(*(keras.layers.Dense(4, kernel_regularizer=shared) for _ in range(2)))).model
    with hyperparameters.only_signs(model):
        assert shared.l2 == 1
    assert shared.l2 == 0.01
