"""What probes measure is what is known of it by other means."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from bythebook import probes as probes  # fills the register
from bythebook.documents import canonical_json, read_json
from bythebook.errors import UserError
from bythebook.probes import measure, perceptrons, polynomials, propagation, quadratic, xor
from bythebook.probes.registry import probes as registered
from bythebook.runs.local_executor import LocalExecutor
from pipeline import fanout


@cache
def few(name: str, seeds: int = 2) -> dict[str, dict[str, list[float]]]:
    arms: dict[str, dict[str, list[float]]] = replace(registered()[name], seeds=seeds).run()["arms"]
    return arms


@pytest.mark.parametrize("name", registered())
def test_a_probe_gives_every_metric_that_it_declares_of_every_side_for_every_seed(
    name: str, tensorflow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is looked at here is there after a few steps, too.
    monkeypatch.setattr(quadratic, "MOST", 100)
    monkeypatch.setattr(xor, "STEPS", 10)
    declared = registered()[name]
    seeds = 1 if declared.keras else 2  # as other tests ask for, which share what is measured
    arms = few(name, seeds) if seeds == 1 else few(name)
    assert {side: list(metrics) for side, metrics in arms.items()} == {
        side: list(declared.metrics) for side in declared.sides
    }
    assert declared.sides and declared.metrics
    assert {len(values) for side in arms.values() for values in side.values()} == {seeds}


@pytest.mark.parametrize("name", ["clipping", "polynomials", "propagation", "symmetry"])
def test_a_probe_gives_the_same_bytes_again(name: str) -> None:
    assert canonical_json(few(name)) == canonical_json(few.__wrapped__(name))


def test_a_probe_that_measures_something_else_than_it_declares_is_refused() -> None:
    declared = registered()["clipping"]
    for wrong in (replace(declared, sides=("norm",)), replace(declared, metrics=("cosine", "sine"))):
        with pytest.raises(ValueError, match="'clipping' measured other sides or metrics"):
            wrong.run()


def test_every_probe_documents_its_question_and_source() -> None:
    assert len(registered()) >= 5
    for entry in registered().values():
        assert entry.question.endswith("?")
        assert "Source:" in (entry.measure.__doc__ or "")


def test_an_unknown_probe_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    executor = LocalExecutor(1, fanout.plain)
    with pytest.raises(UserError, match="Did you mean 'clipping'"):
        measure.measure(["cliping"], executor, tmp_path / "probes")
    assert not (tmp_path / "probes").exists()


def test_probes_are_measured_by_workers_into_a_file_each(tmp_path: Path) -> None:
    with LocalExecutor(2, fanout.plain, fork=False) as executor:
        measure.measure(["clipping", "symmetry"], executor, tmp_path / "probes")
    assert sorted(path.name for path in (tmp_path / "probes").iterdir()) == ["clipping.json", "symmetry.json"]
    assert read_json(tmp_path / "probes" / "clipping.json") == registered()["clipping"].run()


@pytest.mark.parametrize("nesterov", [False, True])
def test_the_bowl_is_descended_as_keras_does(nesterov: bool, tensorflow: None) -> None:
    import keras

    place = keras.Variable(np.array([np.cos(1.0), np.sin(1.0)]), dtype="float64")
    optimizer = keras.optimizers.SGD(quadratic.LEARNING_RATE, momentum=0.9, nesterov=nesterov)
    steps = 0
    while np.hypot(*place.numpy()) >= 1e-3:
        optimizer.apply_gradients([(np.array([quadratic.STEEP, quadratic.FLAT]) * place.numpy(), place)])
        steps += 1
    assert steps > 50
    assert _steps_to(1e-3, nesterov) == steps


def _steps_to(tolerance: float, nesterov: bool) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quadratic, "TOLERANCE", tolerance)

        class Fixed:
            def uniform(self, low: float, high: float) -> float:
                return 1.0

        patch.setattr(quadratic.np.random, "default_rng", lambda seed: Fixed())
        return int(quadratic.descended([0], 0.9, nesterov)["steps"][0])


def test_gradients_are_those_of_finite_differences() -> None:
    random = np.random.default_rng(0)
    x, y = random.normal(size=(5, 3)), np.array([[0.0], [1.0], [1.0], [0.0], [1.0]])
    for activation in (perceptrons.SIGMOID, perceptrons.TANH, perceptrons.RELU):
        layers = perceptrons.glorot([0, 1], [3, 4, 4, 1])
        found = perceptrons.gradients(layers, activation, x, y)
        for layer, (weights, _) in enumerate(layers):
            moved = [
                [(w + (1e-6 if index == layer else 0) * sign * _one(w), b) for index, (w, b) in enumerate(layers)]
                for sign in (1, -1)
            ]
            up, down = (perceptrons.loss(perceptrons.outputs(one, activation, x)[-1], y) for one in moved)
            assert found[layer][0].shape == weights.shape
            assert found[layer][0][:, 0, 0] == pytest.approx((up - down) / 2e-6, abs=1e-6)


def _one(weights: np.ndarray) -> np.ndarray:
    only = np.zeros_like(weights)
    only[:, 0, 0] = 1
    return only


def test_a_self_normalizing_net_keeps_its_deviation_and_a_relu_net_from_glorot_fades() -> None:
    arms = few("propagation")
    assert max(arms["selu_glorot"]["faded"]) < 0.1
    assert min(arms["relu_glorot"]["faded"]) > 10
    assert propagation.DEPTH == 100


def test_clipping_by_norm_keeps_the_direction() -> None:
    arms = few("clipping", 30)
    assert min(arms["norm"]["cosine"]) == pytest.approx(1.0)
    assert max(arms["value"]["cosine"]) < 0.95


def test_a_penalty_on_the_high_powers_leaves_a_parabola() -> None:
    arms = few("polynomials", 30)
    assert arms["parabola"] == {"high_coefficients": [0.0] * 30, "distance_to_parabola": [0.0] * 30}
    assert max(arms["penalized"]["high_coefficients"]) < 0.001 < 0.1 < min(arms["free"]["high_coefficients"])
    assert max(arms["penalized"]["distance_to_parabola"]) < 0.001 < 0.01 < min(arms["free"]["distance_to_parabola"])


@pytest.mark.parametrize("penalty", [0.0, 5000.0])
def test_a_penalized_fit_is_where_the_gradient_of_errors_and_penalty_is_zero(penalty: float) -> None:
    x, y = np.linspace(-1, 1, 9), np.random.default_rng(0).normal(size=(2, 9))
    found = polynomials.fitted(x, y, 4, penalty)
    errors = np.stack([np.polynomial.polynomial.polyval(x, own) for own in found]) - y
    gradient = 2 * errors @ np.vander(x, 5, increasing=True) + 2 * penalty * found * [0, 0, 0, 1, 1]
    assert gradient == pytest.approx(np.zeros((2, 5)), abs=1e-10)


def test_equal_neurons_stay_equal() -> None:
    arms = few("symmetry")
    assert max(arms["equal"]["spread"]) < 1e-12 < min(arms["equal"]["moved"])
    assert min(arms["random"]["spread"]) > 0.1


def test_a_deep_sigmoid_net_starts_with_vanished_gradients() -> None:
    layers = perceptrons.glorot(range(10), [2, *[10] * 7, 1])
    x, y = np.array([[0.0, 1.0], [1.0, 1.0]]), np.array([[1.0], [0.0]])
    norms = [
        np.linalg.norm(weights, axis=(1, 2)) for weights, _ in perceptrons.gradients(layers, perceptrons.SIGMOID, x, y)
    ]
    assert (norms[0] < norms[-1] / 1000).all()
    trained = perceptrons.train(perceptrons.glorot([0], [2, 8, 1]), perceptrons.TANH, x, y, 0.5, 300)
    assert perceptrons.loss(perceptrons.outputs(trained, perceptrons.TANH, x)[-1], y) < 0.1


def test_batch_norm_adds_four_numbers_per_input_and_trains_two(tensorflow: None) -> None:
    assert few("batch_norm", 1) == {"added": {"numbers_per_input": [4.0], "trained_per_input": [2.0]}}


def test_dropout_keeps_the_mean_and_alpha_dropout_the_deviation(tensorflow: None) -> None:
    arms = few("dropout", 1)
    assert arms["dropout_20"]["mean_error"][0] < 0.01 < 0.1 < arms["alpha_dropout_20"]["mean_error"][0]
    assert arms["alpha_dropout_20"]["drift"][0] < 0.1 < arms["dropout_20"]["drift"][0]


def test_a_model_comes_back_as_it_was(tensorflow: None) -> None:
    arms = few("saving", 1)
    assert len(arms) == 3
    assert {side["difference"][0] for side in arms.values()} == {0.0}
