"""Updates of all weights at once, for Keras' optimizers that compute the numbers of a step anew for every variable.

The formulas are Keras' own. What depends on the step alone (powers of the betas, Nadam's momenta) is computed once and
brought into one factor of each array, so that an element costs one division in place of up to four and a variable a
third of the operations to trace.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bythebook.lazy import keras

Rule = Callable[[Any, Any, Any, Any], Any]


def tighten(optimizer: Any) -> None:
    """Makes a built optimizer update all weights at once, if it is Keras' Adam, AdamW or Nadam; else changes nothing.

    Subclasses, other types of numbers than float32 and sparse gradients are left to Keras.
    """
    kinds = {keras.optimizers.Adam: _adam, keras.optimizers.AdamW: _adam, keras.optimizers.Nadam: _nadam}
    rule_of = kinds.get(type(optimizer))
    if rule_of is None or getattr(optimizer, "amsgrad", False):
        return
    one_by_one = optimizer._backend_update_step

    def update(gradients: Sequence[Any], variables: Sequence[Any], learning_rate: Any) -> None:
        if not _are_plain(gradients, variables):
            one_by_one(gradients, variables, learning_rate)
            return
        rule = rule_of(optimizer, learning_rate)
        for gradient, variable in zip(gradients, variables, strict=True):
            index = optimizer._get_variable_index(variable)
            averages = optimizer._momentums[index].value, optimizer._velocities[index].value
            variable.value.assign(rule(gradient, variable.value, *averages))

    optimizer._backend_update_step = update


def _adam(optimizer: Any, learning_rate: Any) -> Rule:
    """Return this step's rule: new weights out of gradient, weights and both averages, which it moves."""
    import tensorflow as tf

    step, rate = _number(optimizer.iterations + 1), _number(learning_rate)
    left_1, left_2 = (1.0 - _number(beta) ** step for beta in (optimizer.beta_1, optimizer.beta_2))
    scale = rate * tf.sqrt(left_2) / left_1
    taken = [_number(1.0 - beta) for beta in (optimizer.beta_1, optimizer.beta_2)]

    def rule(gradient: Any, weights: Any, first: Any, second: Any) -> Any:
        mean, square = _moved(gradient, first, second, *taken)
        return weights - mean * scale / (tf.sqrt(square) + optimizer.epsilon)

    return rule


def _nadam(optimizer: Any, learning_rate: Any) -> Rule:
    """Return the same for Nadam, and multiply this step's momentum into the product of all."""
    import tensorflow as tf

    step, rate = _number(optimizer.iterations + 1), _number(learning_rate)
    beta_1, beta_2 = _number(optimizer.beta_1), _number(optimizer.beta_2)
    now, following = (beta_1 * (1.0 - 0.5 * tf.constant(0.96) ** at) for at in (step, step + 1.0))
    product = optimizer._u_product.value * now
    optimizer._u_product.value.assign(product)
    of_mean, of_gradient = rate * following / (1.0 - product * following), rate * (1.0 - now) / (1.0 - product)
    of_square = 1.0 / (1.0 - beta_2**step)
    taken = 1.0 - beta_1, 1.0 - beta_2

    def rule(gradient: Any, weights: Any, first: Any, second: Any) -> Any:
        mean, square = _moved(gradient, first, second, *taken)
        return weights - (of_mean * mean + of_gradient * gradient) / (tf.sqrt(square * of_square) + optimizer.epsilon)

    return rule


def _moved(gradient: Any, first: Any, second: Any, taken_1: Any, taken_2: Any) -> tuple[Any, Any]:
    """Return the averages of gradient and squared gradient, after they have taken in this one."""
    import tensorflow as tf

    mean = first + (gradient - first) * taken_1
    square = second + (tf.square(gradient) - second) * taken_2
    first.assign(mean)
    second.assign(square)
    return mean, square


def _number(number: Any) -> Any:
    return keras.ops.cast(number, "float32")


def _are_plain(gradients: Sequence[Any], variables: Sequence[Any]) -> bool:
    import tensorflow as tf

    return all(isinstance(gradient, tf.Tensor) for gradient in gradients) and all(
        part.dtype == "float32" for part in (*gradients, *variables)
    )
