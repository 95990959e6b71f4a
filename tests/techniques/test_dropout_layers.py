"""The dropout layers: Keras' arithmetic, masks that depend on seed and counter alone, and every use of a layer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from program_inputs import Number

from bythebook.catalogue import FAMILIES, techniques
from bythebook.techniques.counter_random import bits, position

KINDS = ["Dropout", "AlphaDropout"]
RATES = [0.1, 0.2, 0.5, 1 / 3, 0.9]
SELU_LIMIT = -1.0507009873554805 * 1.6732632423543778

every = pytest.mark.parametrize("kind", KINDS)


def layer(kind: str, rate: Any = 0.3, **options: Any) -> Any:
    from bythebook.techniques import dropout_layers

    return getattr(dropout_layers, kind)(rate, **{"seed": 5, **options})


def keras_own(kind: str, rate: Any = 0.3, **options: Any) -> Any:
    import keras

    return getattr(keras.layers, kind)(rate, **{"seed": 5, **options})


def net(kind: str) -> Any:
    import keras

    dense = [keras.layers.Dense(units, kernel_initializer=keras.initializers.HeNormal(seed=1)) for units in (15, 3)]
    return keras.Sequential([keras.Input((6,)), dense[0], layer(kind, seed=1), dense[1], layer(kind, seed=2)])


def sample(rows: int = 8, width: int = 6) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((rows, width)).astype("float32")


def drawn(made: Any, times: int, inputs: Any) -> list[np.ndarray]:
    return [np.asarray(made(inputs, training=True)) for _ in range(times)]


def test_every_technique_that_draws_while_training_draws_by_counter(made: Callable[..., Any]) -> None:
    drawing = {}
    for family in FAMILIES:
        for name, entry in techniques(family).items():
            if any(field.is_required() for field in entry.arguments.model_fields.values()):
                continue
            part = made(family, name)
            part = part.make() if hasattr(part, "make") else part
            if getattr(part, "_seed_generators", None):
                drawing[name] = type(part).__module__
    dropouts = dict.fromkeys(("dropout", "alpha_dropout"), "bythebook.techniques.dropout_layers")
    assert drawing == {**dropouts, "shift_and_flip": "bythebook.techniques.augmentation_layers"}


@every
def test_is_the_keras_layer_with_another_draw(kind: str) -> None:
    ours, theirs = layer(kind, name="it"), keras_own(kind, name="it")
    assert isinstance(ours, type(theirs))
    assert ours.get_config() == theirs.get_config()
    for one, two in zip(ours.variables, theirs.variables, strict=True):
        np.testing.assert_array_equal(one, two)


@every
@pytest.mark.parametrize("rate", RATES)
def test_values_are_those_of_keras(kind: str, rate: float) -> None:
    inputs = np.full((40, 50), 0.7, "float32")
    ours, theirs = (np.unique(made(kind, rate)(inputs, training=True)) for made in (layer, keras_own))
    assert len(ours) == 2
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("rate", RATES)
def test_dropout_keeps_the_mean_and_alpha_dropout_the_deviation_too(rate: float) -> None:
    signal = np.random.default_rng(1).standard_normal((2000, 300)).astype("float32")
    dropped = np.asarray(layer("Dropout", rate)(signal + 2, training=True))
    # Five standard errors of the mean over so many independent units.
    error = 5 * np.sqrt((1 + 4 * rate) / (1 - rate) / signal.size)
    assert dropped.mean() == pytest.approx(2, abs=error)
    alpha = np.asarray(layer("AlphaDropout", rate)(signal, training=True))
    error = 5 / np.sqrt(signal.size)
    assert alpha.mean() == pytest.approx(0, abs=error)
    assert alpha.std() == pytest.approx(1, abs=3 * error)


@every
def test_a_mask_depends_on_seed_and_counter_alone(kind: str) -> None:
    inputs = sample()
    made, again, other = layer(kind), layer(kind, name="other"), layer(kind, seed=6)
    first = drawn(made, 4, inputs)
    assert len({mask.tobytes() for mask in [*first, *drawn(other, 4, inputs)]}) == 8
    for counter in (2, 0, 3):
        position(again, counter)
        np.testing.assert_array_equal(again(inputs, training=True), first[counter])
    made.seed_generator.state.assign([6, 1])
    position(other, 1)
    np.testing.assert_array_equal(made(inputs, training=True), other(inputs, training=True))


def test_what_is_kept_follows_from_the_generator() -> None:
    import tensorflow as tf

    words = np.asarray(bits(tf.constant([5, 0], tf.uint32), (8, 6))) >> 8
    kept = np.asarray(layer("Dropout")(np.ones((8, 6), "float32"), training=True)) != 0
    np.testing.assert_array_equal(kept, words >= 0.3 * 2**24)


@every
def test_a_compiled_loop_draws_what_single_calls_draw(kind: str) -> None:
    import tensorflow as tf

    single, looped = layer(kind), layer(kind)
    inputs, steps = sample(5, 7), 6

    @tf.function(jit_compile=True)
    def loop(first: Any) -> Any:
        def body(step: Any, outputs: Any) -> Any:
            return step + 1, outputs.write(step, looped(inputs, training=True))

        position(looped, first)
        outputs = tf.TensorArray(tf.float32, steps, element_shape=inputs.shape)
        return tf.while_loop(lambda step, _: step < steps, body, [0, outputs])[1].stack()

    expected = drawn(single, steps, inputs)
    # A compiler may fuse a multiplication and an addition: alpha dropout's values can differ in their last bit.
    tolerance = {"Dropout": 0, "AlphaDropout": 1e-6}[kind]
    np.testing.assert_allclose(loop(tf.constant(0)), expected, rtol=0, atol=tolerance)
    assert np.asarray(looped.seed_generator.state).tolist() == [5, steps]


@every
def test_a_rate_that_is_an_input_draws_what_the_number_draws(kind: str) -> None:
    import tensorflow as tf

    made, inputs = layer(kind), sample()

    @tf.function(jit_compile=True)
    def draw(rate: Any) -> Any:
        made.rate = Number(rate)
        position(made, 0)
        return made(inputs, training=True)

    for rate in (0.3, 0.7):
        expected = layer(kind, rate)(inputs, training=True)
        np.testing.assert_allclose(draw(tf.constant(rate, tf.float64)), expected, rtol=1e-6, atol=1e-6)
    assert draw.experimental_get_tracing_count() == 1
    assert made.hyperparameters == ("rate",)


@every
def test_a_clone_and_a_saved_model_draw_the_same(kind: str, tmp_path: Path) -> None:
    import keras

    model = net(kind)
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    model.save(tmp_path / "net.keras")
    loaded = keras.models.load_model(tmp_path / "net.keras")
    expected = drawn(model, 3, sample())
    for other in (clone, loaded):
        assert [type(part) for part in other.layers] == [type(part) for part in model.layers]
        position(other, 0)
        for one, two in zip(drawn(other, 3, sample()), expected, strict=True):
            np.testing.assert_array_equal(one, two)


@every
def test_fit_draws_one_mask_a_step(kind: str) -> None:
    import keras

    model = net(kind)
    model.compile(optimizer=keras.optimizers.SGD(0.01), loss="mse")
    x, y = sample(10), sample(10, 3)
    model.fit(x, y, epochs=3, batch_size=4, shuffle=False, validation_data=(x, y), verbose=0)
    states = [np.asarray(part.seed_generator.state).tolist() for part in model.layers if hasattr(part, "rate")]
    assert states == [[1, 9], [2, 9]]
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


@every
def test_monte_carlo_draws_anew_in_every_call_and_prediction_never(kind: str) -> None:
    model = net(kind)
    assert len({mask.tobytes() for mask in drawn(model, 10, sample())}) == 10
    np.testing.assert_array_equal(model(sample(), training=False), model(sample()))
    np.testing.assert_array_equal(layer(kind)(sample(), training=False), sample())
    np.testing.assert_array_equal(layer(kind, 0.0)(sample(), training=True), sample())


@pytest.mark.parametrize("rate", [0.5, 1, 1.0])
def test_gradients_pass_where_units_are_kept(rate: float) -> None:
    import tensorflow as tf

    made, inputs = layer("Dropout", rate), tf.constant(sample())
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = made(inputs, training=True)
    expected = np.where(np.asarray(outputs) != 0, 2.0, 0.0)
    np.testing.assert_array_equal(tape.gradient(outputs, inputs), expected)
    assert expected.any() == (rate < 1)


@every
def test_half_precision_keeps_its_type(kind: str) -> None:
    outputs = layer(kind, dtype="float16")(sample(), training=True)
    assert outputs.dtype == "float16"


@every
def test_a_noise_shape_shares_the_mask(kind: str) -> None:
    inputs = np.ones((4, 5, 6), "float32")
    outputs = np.asarray(layer(kind, 0.5, noise_shape=(None, 1, 6))(inputs, training=True))
    np.testing.assert_array_equal(outputs, np.repeat(outputs[:, :1], 5, axis=1))
    assert len(np.unique(outputs[:, 0])) == 2
    with pytest.raises(ValueError, match="one entry per axis of the input, which has 3"):
        layer(kind, noise_shape=(1, 6))(inputs, training=True)


@every
@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
def test_bad_rates_are_refused(kind: str, rate: float) -> None:
    with pytest.raises(ValueError, match="rate"):
        layer(kind, rate)
