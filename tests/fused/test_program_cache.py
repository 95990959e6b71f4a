"""Nets that differ in numbers alone share a compiled program, and each trains with its own numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from both_ways import BATCH, EPOCHS, as_bytes, assert_same_history, assert_same_weights, case, compiled, stack

from bythebook.fused import program_cache
from bythebook.fused.program import Program
from bythebook.lazy import keras

pytestmark = pytest.mark.usefixtures("tensorflow")


@pytest.fixture(autouse=True)
def _nothing_compiled(tensorflow: None) -> None:
    program_cache.forget()


def kept() -> list[Program]:
    return list(program_cache._programs.values())


SGD: dict[str, Any] = {
    "optimizer": {"name": "momentum", "learning_rate": 0.01, "momentum": 0.9},
    **{"dropout": {"name": "dropout", "rate": 0.1}, "dropout_on": "last_hidden"},
    "regularizer": {"name": "l1_l2", "l1": 0.001, "l2": 0.002},
    "constraint": {"name": "max_norm", "max_value": 0.8},
    "clipping": {"name": "clip_norm", "threshold": 0.1},
}
ADAM: dict[str, Any] = {
    "optimizer": {"name": "adamw", "learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.99, "weight_decay": 0.01},
    "regularizer": {"name": "l2", "factor": 0.01},
    "clipping": {"name": "clip_value", "threshold": 0.01},
}
RMSPROP: dict[str, Any] = {"optimizer": {"name": "rmsprop", "rho": 0.9}, "regularizer": {"name": "l1", "factor": 0.01}}
NADAM: dict[str, Any] = {
    **{"activation": "selu", "dropout": {"name": "alpha_dropout", "rate": 0.1}, "dropout_on": "last_hidden"},
    "optimizer": {"name": "nadam", "beta_1": 0.9, "beta_2": 0.99},
}
Change = dict[str, dict[str, Any]]
# Each base with what may differ from it; a change gives arguments of some keys other values.
INPUTS: list[tuple[dict[str, Any], list[Change]]] = [
    (
        SGD,
        [
            {
                **{"optimizer": {"learning_rate": 0.02, "momentum": 0.5}, "schedule": {"name": "one_cycle"}},
                **{"regularizer": {"l1": 0.01, "l2": 0.02}, "constraint": {"max_value": 0.5}},
            },
            {"dropout": {"rate": 0.4}, "clipping": {"threshold": 0.01}},
        ],
    ),
    (
        ADAM,
        [
            {"optimizer": {"beta_1": 0.5}, "regularizer": {"factor": 0.1}},
            {"optimizer": {"beta_2": 0.999, "weight_decay": 0.5}, "clipping": {"threshold": 0.001}},
        ],
    ),
    (RMSPROP, [{"optimizer": {"rho": 0.5}, "regularizer": {"factor": 0.03}}]),
    (NADAM, [{"dropout": {"rate": 0.4}, "optimizer": {"beta_1": 0.5}}]),
]


def changed(base: dict[str, Any], change: Change) -> dict[str, Any]:
    return {**base, **{key: {**base.get(key, {}), **arguments} for key, arguments in change.items()}}


@pytest.mark.parametrize(("base", "changes"), INPUTS, ids=["sgd", "adamw", "rmsprop", "nadam"])
def test_numbers_are_inputs_and_every_net_trains_with_its_own(base: dict[str, Any], changes: list[Change]) -> None:
    assert changes
    results = []
    for delta in [base, *(changed(base, change) for change in changes)]:
        one, other = case(delta), case(delta)
        assert_same_history(one.fused(), other.plain())
        assert_same_weights(one.model, other.model)
        results.append(as_bytes(one.model))
    assert len({tuple(weights) for weights in results}) == len(results)
    (program,) = kept()
    for part in (program._epoch, program._step, program._test):
        assert part.experimental_get_tracing_count() == 1


def test_seed_and_number_of_epochs_are_inputs() -> None:
    weights = []
    for seed, epochs in ((0, 1), (1, 1), (0, 3), (0, 1)):
        made = case({"dropout": "dropout", "activation": "maxout"}, seed=seed, epochs=epochs)
        made.fused(epochs)
        weights.append(as_bytes(made.model))
    assert program_cache.compiled() == 1
    assert weights[0] == weights[3]
    assert weights[0] != weights[1]
    assert weights[0] != weights[2]


OTHER_SHAPES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"hidden": [8]}, {"hidden": [9]}),
    ({"hidden": [8]}, {"hidden": [8, 8]}),
    ({"activation": "tanh"}, {"activation": "relu"}),
    ({"activation": {"name": "leaky_relu", "negative_slope": 0.1}}, {"activation": "leaky_relu"}),
    ({"optimizer": {"name": "momentum", "momentum": 0.0}}, {"optimizer": {"name": "momentum", "momentum": 0.9}}),
    ({"optimizer": "momentum"}, {"optimizer": "nesterov"}),
    ({"clipping": None}, {"clipping": "clip_value"}),
    ({"clipping": "clip_norm"}, {"clipping": "clip_value"}),
    ({"dropout": None}, {"dropout": "dropout"}),
    ({"dropout": {"name": "dropout", "rate": 0.0}}, {"dropout": "dropout"}),
    ({"regularizer": "l1"}, {"regularizer": "l2"}),
    ({"normalizer": {"name": "batch_norm_before", "momentum": 0.9}}, {"normalizer": "batch_norm_before"}),
    ({"loss": "categorical_crossentropy"}, {"loss": "mean_squared_error"}),
    ({"batch_size": 32}, {"batch_size": 33}),
]


@pytest.mark.parametrize("deltas", OTHER_SHAPES, ids=str)
def test_nets_that_compute_other_things_do_not_share(deltas: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Their keys differ; that they train as ``fit`` does is seen elsewhere."""
    from bythebook.fused.shape import shape_of

    one, other = (case(delta, batch_size=delta.get("batch_size", BATCH)) for delta in deltas)
    keys = {shape_of(made.model, made.feed.batch_size) for made in (one, other)}
    assert len(keys) == 2
    assert shape_of(one.model, 1) == shape_of(case(deltas[0]).model, 1)


def test_models_in_turns_on_one_program_do_not_disturb_each_other() -> None:
    deltas = [
        {"optimizer": {"name": "adam", "learning_rate": rate}, "dropout": {"name": "dropout", "rate": rate * 100}}
        for rate in (0.001, 0.004)
    ]
    apart, turns = [case(delta) for delta in deltas], [case(delta) for delta in deltas]
    for made in apart:
        made.fused(3)
    for epoch in range(3):
        for made in turns:
            made.fused(epoch + 1, initial_epoch=epoch)
    assert program_cache.compiled() == 1
    for mine, yours in zip(turns, apart, strict=True):
        assert as_bytes(mine.model) == as_bytes(yours.model)
    assert as_bytes(turns[0].model) != as_bytes(turns[1].model)


def test_a_program_compiled_again_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program used longest ago makes room for a new one."""
    monkeypatch.setattr(program_cache, "KEPT", 1)
    weights, compiled_ones = [], []
    for activation in ("relu", "tanh", "relu"):
        made = case({"hidden": [8], "activation": activation, "dropout": "dropout", "dropout_on": "last_hidden"})
        made.fused(EPOCHS)
        weights.append(as_bytes(made.model))
        compiled_ones += kept()
        assert program_cache.compiled() == 1
    assert len(set(map(id, compiled_ones))) == 3
    assert weights[0] == weights[2] != weights[1]


def test_a_smaller_last_batch_is_traced_with_the_others() -> None:
    """Python runs a net's training once, for batches of any size."""
    traced = []

    class Noting(keras.layers.Layer):
        def call(self, inputs: Any, training: bool = False) -> Any:
            if training:
                traced.append(inputs.shape[0])
            return inputs

    fused, plain = (compiled(stack(Noting())) for _ in range(2))
    assert len(fused.feed.images) % fused.feed.batch_size
    assert_same_history(fused.fused(), plain.plain())
    assert_same_weights(fused.model, plain.model)
    assert traced[0] is None
    traced.clear()
    program_cache.forget()
    fused.fused()
    assert traced == [None]


@pytest.mark.parametrize("kind", ["Adam", "AdamW", "Nadam"])
def test_an_update_of_all_weights_at_once_is_that_of_keras(kind: str) -> None:
    """A subclass is left to Keras, which updates one variable after another."""

    class Own(getattr(keras.optimizers, kind)):
        pass

    at_once, one_by_one = (compiled(stack(), optimizer(0.002)) for optimizer in (getattr(keras.optimizers, kind), Own))
    assert_same_history(at_once.fused(), one_by_one.fused())
    assert_same_weights(at_once.model, one_by_one.model)
    for mine, yours in zip(at_once.model.optimizer.variables, one_by_one.model.optimizer.variables, strict=True):
        np.testing.assert_allclose(mine, yours, rtol=1e-4, atol=1e-6)
    operations = [len(program._any_batch.graph.get_operations()) for program in kept()]
    assert len(operations) == 2 and operations[0] < operations[1]
