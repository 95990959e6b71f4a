"""The generator itself: its published answers, its bytes on every path, and its statistics."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from program_inputs import Number
from scipy import stats

from bythebook.techniques import counter_random
from bythebook.techniques.counter_random import bits, keep_mask, next_key, position, threefry

# From the distribution of Random123, file kat_vectors: "threefry 2x32 20".
KNOWN = [
    ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
    ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
    ((0x243F6A88, 0x85A308D3), (0x13198A2E, 0x03707344), (0xC4923A9C, 0x483DF7A0)),
]
SHAPES: list[tuple[int, ...]] = [(32, 784), (5, 3), (7, 1), (1, 1), (9,), (), (2, 3, 5), (0, 4)]
RATES = [0.05, 0.2, 0.5, 0.9]
# Fixed seeds make these tests repeatable; a sound generator fails one of a hundred such questions once in a hundred.
LEAST_P = 1e-4


def words(*numbers: int) -> Any:
    import tensorflow as tf

    return tf.constant(numbers, tf.uint32)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    import tensorflow as tf

    made: Callable[..., Any] = tf.function(function, jit_compile=True)
    return made


@pytest.fixture(params=["eager", "graph", "xla"])
def way(request: pytest.FixtureRequest) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    import tensorflow as tf

    return {"eager": lambda function: function, "graph": tf.function, "xla": compiled}[request.param]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_published_answers(way: Any, counter: Any, key: Any, answer: Any) -> None:
    first, second = way(lambda key, one, two: threefry(key, (one, two)))(words(*key), *map(words, counter))
    assert (int(first[0]), int(second[0])) == answer


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_bytes_with_xla_and_without(shape: tuple[int, ...]) -> None:
    import tensorflow as tf

    def draw(key: Any) -> Any:
        return bits(key, shape), keep_mask(key, shape, 0.3)

    for key in ((0, 0), (1, 2), (0xFFFFFFFF, 0x80000000)):
        ways = [[np.asarray(part) for part in run(words(*key))] for run in (draw, tf.function(draw), compiled(draw))]
        assert ways[0][0].dtype == np.uint32 and ways[0][0].shape == shape
        for other in ways[1:]:
            np.testing.assert_array_equal(other[0], ways[0][0])
            np.testing.assert_array_equal(other[1], ways[0][1])


@pytest.mark.parametrize("width", [1, 4, 7])
def test_fewer_rows_are_the_first_rows_of_more(width: int) -> None:
    many = np.asarray(bits(words(3, 4), (10, width)))
    np.testing.assert_array_equal(bits(words(3, 4), (6, width)), many[:6])
    np.testing.assert_array_equal(bits(words(3, 4), (2, 5, width)), many.reshape(2, 5, width))
    assert len(np.unique(many)) == many.size


def test_shapes_may_be_known_only_when_it_runs() -> None:
    import tensorflow as tf

    @tf.function(input_signature=[tf.TensorSpec((None, None))])
    def draw(like: Any) -> Any:
        rows, width = tf.unstack(tf.shape(like))
        return bits(words(3, 4), (rows, width))

    np.testing.assert_array_equal(draw(np.zeros((5, 7), "float32")), bits(words(3, 4), (5, 7)))


def test_bits_are_uniform() -> None:
    drawn = np.concatenate([np.asarray(bits(words(5, step), (64, 77))).ravel() for step in range(60)])
    for place in range(32):
        ones = int((drawn >> np.uint32(place) & 1).sum())
        assert stats.binomtest(ones, drawn.size).pvalue > LEAST_P
    for shift in (0, 8, 16, 24):
        assert stats.chisquare(np.bincount(drawn >> np.uint32(shift) & 255, minlength=256)).pvalue > LEAST_P


@pytest.mark.parametrize("rate", [*RATES, 1e-7, 1 / 3])
def test_a_mask_is_the_comparison_of_uniforms_with_the_rate(rate: float) -> None:
    uniform = (np.asarray(bits(words(1, 2), (100, 333))) >> 8).astype(np.float32) * np.float32(2**-24)
    nearest = uniform.ravel()[np.abs(uniform - rate).argmin()]
    # One of the uniforms itself, the numbers beside it, and one that only float64 tells from it.
    for close in (rate, nearest, np.nextafter(nearest, 0), np.nextafter(nearest, 1), float(nearest) * (1 + 1e-12)):
        mask = keep_mask(words(1, 2), (100, 333), float(close))
        np.testing.assert_array_equal(mask, uniform >= np.float32(close))


def test_rates_0_and_1_are_exact() -> None:
    for step in range(20):
        assert np.asarray(keep_mask(words(1, step), (300, 333), 0.0)).all()
        assert not np.asarray(keep_mask(words(1, step), (300, 333), 1)).any()


@pytest.mark.parametrize("rate", RATES)
def test_the_rate_is_an_input_in_any_form(rate: float) -> None:
    import tensorflow as tf

    expected = np.asarray(keep_mask(words(1, 2), (64, 33), rate))

    @tf.function(jit_compile=True)
    def draw(value: Any) -> Any:
        return keep_mask(words(1, 2), (64, 33), value), keep_mask(words(1, 2), (64, 33), Number(value))

    for kind in (tf.float32, tf.float64):
        assert not np.array_equal(draw(tf.constant(0.4, kind))[0], expected)
        for mask in draw(tf.constant(rate, kind)):
            np.testing.assert_array_equal(mask, expected)
    assert draw.experimental_get_tracing_count() == 2


def masks(rate: float, seed: int, steps: int, shape: tuple[int, int] = (32, 75)) -> np.ndarray:
    """``(steps, *shape)``: what a layer with this seed keeps in its first steps."""
    draw = compiled(lambda key: keep_mask(key, shape, rate))
    return np.stack([np.asarray(draw(words(seed, step))) for step in range(steps)])


@pytest.mark.parametrize("rate", RATES)
def test_units_are_dropped_at_the_rate(rate: float) -> None:
    kept = masks(rate, seed=11, steps=200)
    assert stats.binomtest(int(kept.sum()), kept.size, 1 - rate).pvalue > LEAST_P
    for axes in ((0, 1), (0, 2), (1, 2)):
        drawn = kept.size / kept.sum(axis=axes).size
        counts = kept.sum(axis=axes)
        spread = ((counts - drawn * (1 - rate)) ** 2).sum() / (drawn * rate * (1 - rate))
        # Two-sided: counts that are all too near to what is expected are as wrong as counts too far from it.
        assert LEAST_P < stats.chi2.cdf(spread, len(counts)) < 1 - LEAST_P


@pytest.mark.parametrize("rate", RATES)
def test_steps_units_rows_and_layers_are_independent(rate: float) -> None:
    kept, other = (masks(rate, seed, steps=100) for seed in (11, 12))
    pairs = {
        "steps": (kept[1:], kept[:-1]),
        "distant steps": (kept[64:], kept[:-64]),
        "units": (kept[:, :, 1:], kept[:, :, :-1]),
        "halves of a row": (kept[:, :, 38:], kept[:, :, :37]),
        "rows": (kept[:, 1:], kept[:, :-1]),
        "layers": (kept, other),
        "a layer's step and the next layer's last": (kept[1:], other[:-1]),
        "seed and counter exchanged": (kept[12:13], masks(rate, 12, 12)[11:]),
    }
    for name, (one, two) in pairs.items():
        table = [[int(((one == a) & (two == b)).sum()) for b in (False, True)] for a in (False, True)]
        assert np.sum(table) == one.size == two.size > 0, name
        assert stats.chi2_contingency(table, correction=False).pvalue > LEAST_P, name


def test_different_keys_give_different_bits() -> None:
    keys = [*itertools.product(range(4), range(4)), (2**31, 0), (0, 2**31), (2**32 - 1, 0)]
    drawn = {np.asarray(bits(words(*key), (4, 4))).tobytes() for key in keys}
    assert len(drawn) == len(keys) == 19


@pytest.mark.parametrize("seed", [0, 5, 2**31 - 1, 2**32 + 5, -1])
def test_a_key_is_seed_and_counter_modulo_32_bits(way: Any, seed: int) -> None:
    import keras

    generator = keras.random.SeedGenerator(seed)
    draw = way(lambda: next_key(generator))
    assert [np.asarray(draw()).tolist() for _ in range(3)] == [[seed % 2**32, count] for count in range(3)]


def test_position_sets_every_counter_and_keeps_the_seeds(way: Any) -> None:
    import keras
    import tensorflow as tf

    inner = keras.Sequential([keras.Input((4,)), keras.layers.GaussianNoise(0.1, seed=3)])
    net = keras.Sequential([keras.Input((4,)), keras.layers.Dropout(0.5, seed=2), inner, keras.layers.Dense(2)])
    weights = [np.asarray(weight) for weight in net.weights]
    way(lambda counter: position(net, counter))(tf.constant(17))
    generators = (net.layers[0].seed_generator, inner.layers[0].seed_generator)
    assert [np.asarray(generator.state).tolist() for generator in generators] == [[2, 17], [3, 17]]
    first = np.asarray(net(np.ones((3, 4), "float32"), training=True))
    position(net, 17)
    np.testing.assert_array_equal(net(np.ones((3, 4), "float32"), training=True), first)
    for before, after in zip(weights, net.weights, strict=True):
        np.testing.assert_array_equal(after, before)


def test_position_does_nothing_where_no_layer_draws() -> None:
    import keras

    net = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    before = [np.asarray(variable) for variable in net.variables]
    position(net, 3)
    for old, new in zip(before, net.variables, strict=True):
        np.testing.assert_array_equal(new, old)


def test_layers_share_one_trace_of_the_generator() -> None:
    """Whatever their shapes are, and in whatever graph they draw."""
    import tensorflow as tf

    for _ in range(2):
        tf.function(lambda: [bits(words(1, 2), shape) for shape in ((3, 4), (5, 7))])()
    assert counter_random._traced().experimental_get_tracing_count() == 1
