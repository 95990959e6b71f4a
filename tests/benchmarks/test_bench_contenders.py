"""Contenders compute the same thing: same initial weights and same batches give the same losses."""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks.clock import Clock
from benchmarks.contenders import CONTENDERS, Request, engine, environment, floor, keras_fit
from benchmarks.data import Data
from benchmarks.nets import NETS

IMAGES, EPOCHS = 70, 2
# Without dropout, whose masks no two of them share: what is left of such nets are max-norm, Nadam and Nesterov.
COMPARED = {
    "model_a": NETS["model_a"],
    # Layers beyond the fourth are like the ones before.
    "deep": replace(NETS["deep"], declared={**NETS["deep"].declared, "hidden": [100] * 4}),
    "max_norm": engine.without_extras(NETS["dropout"]),
    "nesterov": engine.without_extras(NETS["alpha_dropout"]),
}
LOOPS = {name: CONTENDERS[name].module for name in ("engine", "torch", "jax") if not CONTENDERS[name].missing}


@pytest.fixture(scope="module")
def data() -> Data:
    random = np.random.default_rng(1)

    def drawn(count: int) -> tuple[np.ndarray, np.ndarray]:
        return random.standard_normal((count, 28, 28), dtype=np.float32), random.integers(0, 8, count)

    return Data(*drawn(IMAGES), drawn(1000), 8)


@pytest.mark.parametrize("name", COMPARED)
def test_all_that_are_installed_give_the_same_losses(name: str, data: Data, tensorflow: None) -> None:
    net = COMPARED[name]
    weights = net.initial(28 * 28, data.classes)
    logs = {"fit": keras_fit.train(net, data, EPOCHS, Clock(), weights=weights, shuffle=False)}
    for contender, module in LOOPS.items():
        loop: Any = importlib.import_module(f"benchmarks.contenders.{module}")
        logs[contender] = loop.train(net, data, EPOCHS, Clock(), weights=weights, order=lambda _: np.arange(IMAGES))
    assert {"fit", "engine"} <= logs.keys()
    assert all(len(one["loss"]) == EPOCHS for one in logs.values())
    for contender, one in logs.items():
        np.testing.assert_allclose(one["loss"], logs["fit"]["loss"], rtol=1e-3, err_msg=contender)
    # PyTorch's moving variance is of another definition, which only prediction with batch normalization sees.
    same = {contender: one for contender, one in logs.items() if name != "deep" or contender != "torch"}
    for contender, one in same.items():
        np.testing.assert_allclose(one["val_loss"], logs["fit"]["val_loss"], rtol=1e-3, err_msg=contender)


@pytest.mark.parametrize("name", NETS)
def test_initial_weights_fit_the_net_that_keras_builds(name: str, data: Data, tensorflow: None) -> None:
    from bythebook.techniques.dropout_layers import with_keras_dropouts

    model = with_keras_dropouts(keras_fit.network.build(NETS[name].recipe, (28, 28), data.classes, 0))
    shapes = [weight.shape for weight in model.get_weights()]
    assert [weight.shape for weight in NETS[name].initial(28 * 28, data.classes)] == shapes


@pytest.mark.parametrize("name", ["dropout", "alpha_dropout"])
def test_fit_has_dropout_of_keras_own_at_the_rate_of_the_recipe(name: str, tensorflow: None) -> None:
    from bythebook.techniques.dropout_layers import with_keras_dropouts

    recipe = NETS[name].recipe
    model = keras_fit.network.build(recipe, (28, 28), 10, 0)
    dropouts = [layer for layer in with_keras_dropouts(model).layers if hasattr(layer, "rate")]
    assert len(dropouts) == len(recipe["hidden"]) + 1
    wanted = name.replace("_", "")
    assert {(type(layer).__name__.lower(), layer.rate) for layer in dropouts} == {(wanted, recipe["dropout"]["rate"])}
    assert {type(layer).__module__.partition(".")[0] for layer in dropouts} == {"keras"}
    assert [weight.tobytes() for weight in with_keras_dropouts(model).get_weights()] == [
        weight.tobytes() for weight in model.get_weights()
    ]


def test_the_floor_multiplies_what_a_step_multiplies() -> None:
    layers = floor.operands([5, 4, 3], batch=2)
    floor.once(layers)
    for layer in layers:
        np.testing.assert_allclose(layer.outputs, layer.x @ layer.w, rtol=1e-5)
        np.testing.assert_allclose(layer.w_gradient, layer.x.T @ layer.gradient, rtol=1e-5)
    np.testing.assert_allclose(layers[1].x_gradient, layers[1].gradient @ layers[1].w.T, rtol=1e-5)


def test_the_bare_net_is_the_net_without_dropout_and_normalization() -> None:
    for name, net in NETS.items():
        bare = engine.without_extras(net).recipe
        changed = {key for key in bare if bare[key] != net.recipe[key]}
        assert changed == {key for key in ("dropout", "normalizer") if net.recipe[key]}, name


def test_every_contender_has_a_module_that_runs() -> None:
    assert len(CONTENDERS) >= 10
    for contender in CONTENDERS.values():
        module = importlib.import_module(f"benchmarks.contenders.{contender.module}")
        assert callable(module.run)


def test_a_contender_runs_without_anybody_elses_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.setenv("TF_XLA_FLAGS", "--tf_xla_auto_jit=2")
    found = environment({"OPENBLAS_NUM_THREADS": "1"})
    assert "PATH" in found
    assert {name for name in found if name.startswith(("OMP_", "TF_", "OPENBLAS_"))} == {"OPENBLAS_NUM_THREADS"}


def test_requests_name_a_net() -> None:
    assert Request("model_a").net in NETS
