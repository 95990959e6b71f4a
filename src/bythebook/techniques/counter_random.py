"""Random numbers that are a pure function of a key: the same bytes with XLA and without it, in any order, on any path.

The generator is Threefry-2x32 with 20 rounds (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3",
doi:10.1145/2063384.2063405), written in additions, rotations and exclusive ors of uint32. Keras' own generators compile
to slow code on the CPU, and TensorFlow's Threefry exists under XLA only.

A layer's key is ``(seed, counter)``: the state of its ``keras.random.SeedGenerator``, which counts the draws. Nothing
here imports Keras before a tensor is made.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from bythebook.lazy import keras

ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
PARITY = 0x1BD11BDA
GROUPS = 5
# As many bits as float32 holds exactly.
UNIFORM_BITS = 24


def threefry(key: Any, counter: tuple[Any, Any]) -> tuple[Any, Any]:
    """Threefry-2x32 with 20 rounds.

    Args:
        key: uint32 ``(2,)``.
        counter: two uint32 tensors of shapes that broadcast to each other.

    Returns:
        Two uint32 tensors of the common shape. Different counters give independent pairs, as do different keys.
    """
    xor = keras.ops.bitwise_xor
    keys = (key[0], key[1], xor(xor(key[0], key[1]), _word(PARITY)))
    first, second = counter[0] + keys[0], counter[1] + keys[1]
    for group in range(GROUPS):
        for distance in ROTATIONS[group % 2]:
            first = first + second
            second = xor(_rotated(second, distance), first)
        first = first + keys[(group + 1) % 3]
        second = second + keys[(group + 2) % 3] + _word(group + 1)
    return first, second


def bits(key: Any, shape: tuple[Any, ...]) -> Any:
    """Uniform uint32 of ``shape``.

    Numbers depend on their place in the last axis, on their row (all axes before it, counted together), on the length
    of the last axis and on the key: fewer rows are the first rows of more.

    Args:
        key: uint32 ``(2,)``.
        shape: whole numbers, Python's or scalar tensors.
    """
    return _joined(_words(key, shape), shape)


def keep_mask(key: Any, shape: tuple[Any, ...], rate: Any) -> Any:
    """Which units are kept: bool of ``shape``, True with chance ``1 - rate`` each, independently.

    Args:
        key: uint32 ``(2,)``.
        shape: as for :func:`bits`.
        rate: in [0, 1], a number or whatever converts to a scalar tensor. It is never compiled in as a constant.
    """
    # u >= rate for a uniform u of 24 bits in [0, 1), as whole numbers: scaling by a power of two is exact, and so is
    # the comparison with the next whole number. u >= 0 always holds and u >= 1 never does, so rates 0 and 1 are exact.
    scaled = keras.ops.convert_to_tensor(rate, "float64") * 2.0**UNIFORM_BITS
    # Rounded to float32 first: a rate draws the same mask whether it comes as float32 or as float64.
    least = keras.ops.cast(keras.ops.ceil(keras.ops.cast(scaled, "float32")), "uint32")
    # Compared before they are joined: a bool is a quarter of a word to copy.
    kept = [keras.ops.right_shift(word, 32 - UNIFORM_BITS) >= least for word in _words(key, shape)]
    return _joined(kept, shape)


def next_key(generator: Any) -> Any:
    """The key of a ``SeedGenerator``'s next draw, which is counted: seed and counter modulo 2**32, uint32 ``(2,)``."""
    return keras.ops.cast(generator.next(), "uint32")


def position(model: Any, counter: Any) -> None:
    """Sets what every layer of ``model`` draws next: the draw of its seed's ``counter``.

    A layer that draws once in a step draws in step s of epoch e what it drew there before, if the counter is set to
    ``e * steps + s``. Works on Keras' own layers too, eagerly and in a graph; does nothing where no layer draws.

    Args:
        model: a Keras model or layer, changed in place.
        counter: a whole number or an integer scalar tensor.
    """
    for layer in model._flatten_layers():
        for generator in layer._seed_generators:
            state = generator.state
            seed = keras.ops.convert_to_tensor(state)[0]
            state.assign(keras.ops.stack([seed, keras.ops.cast(counter, seed.dtype)]))


def _word(number: int) -> Any:
    return keras.ops.convert_to_tensor(number, "uint32")


def _rotated(word: Any, distance: int) -> Any:
    left, right = keras.ops.left_shift(word, distance), keras.ops.right_shift(word, 32 - distance)
    return keras.ops.bitwise_or(left, right)


def _words(key: Any, shape: tuple[Any, ...]) -> tuple[Any, Any]:
    """The left and the right half of the rows of ``shape``, each uint32 ``(rows, half)``, rounded up."""
    *leading, width = shape or (1,)
    columns, rows = _counted((width + 1) // 2), _counted(math.prod(leading))
    words: tuple[Any, Any] = _traced()(key, columns[None, :], rows[:, None])
    return words


@cache
def _traced() -> Any:
    """Return the generator as a function of TensorFlow, which Python runs once in a process and not in every layer."""
    import tensorflow as tf

    table = tf.TensorSpec((None, None), tf.uint32)

    @tf.function(input_signature=[tf.TensorSpec((2,), tf.uint32), table, table], autograph=False)
    def traced(key: Any, columns: Any, rows: Any) -> tuple[Any, Any]:
        return threefry(key, (columns, rows))

    return traced


def _counted(count: Any) -> Any:
    # TensorFlow has no range of uint32.
    return keras.ops.cast(keras.ops.arange(count, dtype="int32"), "uint32")


def _joined(halves: Any, shape: tuple[Any, ...]) -> Any:
    width = shape[-1] if shape else 1
    return keras.ops.reshape(keras.ops.concatenate(halves, axis=1)[:, :width], shape)
