"""Hyperparameters as inputs of a compiled program, so that nets which differ only in them share it.

Keras reads ``optimizer.momentum`` or ``dropout.rate`` as Python floats, which a compiler would turn into constants. In
the model that a program is built on, they are replaced by :class:`Hyperparameter`: it computes as a tensor does and
takes its value from the program's inputs, while Python's own questions (``if self.momentum != 0``) are answered when
the program is traced.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from bythebook.lazy import keras

OPTIMIZER = ("momentum", "rho", "beta_1", "beta_2", "weight_decay", "clipnorm", "clipvalue", "global_clipnorm")
# The attributes of Keras' own classes; a subclass may use them in ways that cannot be known here.
REGULARIZERS = {"L1": ("l1",), "L2": ("l2",), "L1L2": ("l1", "l2")}
CONSTRAINTS = {"MaxNorm": ("max_value",)}
# Layers and optimizers of this program declare theirs in this attribute.
DECLARED = "hyperparameters"

Owner = tuple[Any, str]


class Hyperparameter:
    """A number that Python sees only by its sign and TensorFlow as a scalar tensor.

    Arithmetic is in float64 until a tensor comes in, as it is for Python floats, so results round alike.

    Args:
        sign: -1, 0 or 1; part of the program's shape.
        tensor: gives the float64 scalar, in the graph that is being traced.
    """

    def __init__(self, sign: int, tensor: Callable[[], Any]) -> None:
        self._sign, self._tensor = sign, tensor

    def __tf_tensor__(self, dtype: Any = None, name: str | None = None) -> Any:
        import tensorflow as tf

        return tf.cast(self._tensor(), dtype or keras.config.floatx())

    def __bool__(self) -> bool:
        return self._sign != 0

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self._against_zero(operator.eq, other)

    def __gt__(self, other: object) -> bool:
        return self._against_zero(operator.gt, other)

    def __ge__(self, other: object) -> bool:
        return self._against_zero(operator.ge, other)

    def __lt__(self, other: object) -> bool:
        return self._against_zero(operator.lt, other)

    def __le__(self, other: object) -> bool:
        return self._against_zero(operator.le, other)

    def __neg__(self) -> Hyperparameter:
        return Hyperparameter(-self._sign, lambda: -self._tensor())

    def __add__(self, other: Any) -> Any:
        return self._computed(operator.add, self, other)

    def __radd__(self, other: Any) -> Any:
        return self._computed(operator.add, other, self)

    def __sub__(self, other: Any) -> Any:
        return self._computed(operator.sub, self, other)

    def __rsub__(self, other: Any) -> Any:
        return self._computed(operator.sub, other, self)

    def __mul__(self, other: Any) -> Any:
        return self._computed(operator.mul, self, other)

    def __rmul__(self, other: Any) -> Any:
        return self._computed(operator.mul, other, self)

    def __truediv__(self, other: Any) -> Any:
        return self._computed(operator.truediv, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._computed(operator.truediv, other, self)

    def _against_zero(self, compare: Callable[[Any, Any], bool], other: object) -> bool:
        if other is None:
            return False
        if not isinstance(other, int | float) or other != 0:
            raise TypeError("a hyperparameter of a compiled program can be compared with 0 only")
        return compare(self._sign, 0)

    @staticmethod
    def _computed(compute: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
        import tensorflow as tf

        numbers = [side for side in (left, right) if isinstance(side, int | float | Hyperparameter)]
        if len(numbers) == 2:
            scalars = [side._tensor if isinstance(side, Hyperparameter) else _constant(side) for side in (left, right)]
            return Derived(lambda: compute(scalars[0](), scalars[1]()))
        tensor = tf.convert_to_tensor(right if isinstance(left, Hyperparameter) else left)
        if isinstance(left, Hyperparameter):
            return compute(left.__tf_tensor__(tensor.dtype), tensor)
        return compute(tensor, right.__tf_tensor__(tensor.dtype))


class Derived(Hyperparameter):
    """What arithmetic made of a hyperparameter: its sign is not known when the program is traced."""

    def __init__(self, tensor: Callable[[], Any]) -> None:
        super().__init__(1, tensor)

    def __bool__(self) -> bool:
        raise TypeError("what is computed from a hyperparameter has no truth value in a compiled program")

    def __neg__(self) -> Hyperparameter:
        return Derived(lambda: -self._tensor())

    def _against_zero(self, compare: Callable[[Any, Any], bool], other: object) -> bool:
        raise TypeError("what is computed from a hyperparameter cannot be compared in a compiled program")

    __hash__ = Hyperparameter.__hash__


def _constant(number: float) -> Callable[[], Any]:
    import tensorflow as tf

    return lambda: tf.constant(number, tf.float64)


def owners(model: Any) -> list[Owner]:
    """Where the hyperparameters of a compiled Keras model are: pairs of an object and the name of its attribute.

    Two models of the same shape give them in the same order.
    """
    found = [(model.optimizer, name) for name in (*OPTIMIZER, *getattr(model.optimizer, DECLARED, ()))]
    for layer in model._flatten_layers(include_self=False):
        found += [(layer, name) for name in getattr(layer, DECLARED, ())]
        for part in _parts(layer):
            known = REGULARIZERS | CONSTRAINTS if type(part).__module__.startswith("keras.") else {}
            found += [(part, name) for name in known.get(type(part).__name__, ())]
    return [(owner, name) for owner, name in found if _is_number(getattr(owner, name, None))]


def values(model: Any) -> list[float]:
    """The present values of :func:`owners`."""
    return [float(getattr(owner, name)) for owner, name in owners(model)]


def replace(model: Any, tensor: Callable[[int], Any]) -> None:
    """Makes the hyperparameters of ``model`` inputs: the i-th one computes with ``tensor(i)``, a float64 scalar."""
    for index, (owner, name) in enumerate(owners(model)):
        sign = _sign(getattr(owner, name))
        setattr(owner, name, Hyperparameter(sign, partial(tensor, index)))


@contextmanager
def only_signs(model: Any) -> Iterator[None]:
    """Reduces every hyperparameter to its sign for the time of the block: what a program is compiled for."""
    kept = [(owner, name, getattr(owner, name)) for owner, name in owners(model)]
    try:
        for owner, name, value in kept:
            setattr(owner, name, _sign(value))
        yield
    finally:
        for owner, name, value in kept:
            setattr(owner, name, value)


def _is_number(value: Any) -> bool:
    # One regularizer of Keras makes a tensor of its number.
    return isinstance(value, int | float) or (keras.ops.is_tensor(value) and value.shape == ())


def _sign(value: Any) -> int:
    number = float(value)
    return (number > 0) - (number < 0)


def _parts(layer: Any) -> Iterator[Any]:
    kinds = (keras.regularizers.Regularizer, keras.constraints.Constraint)
    for _, value in sorted(vars(layer).items()):
        if isinstance(value, kinds):
            yield value
