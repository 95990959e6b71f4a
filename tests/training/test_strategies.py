"""Phases as the loop trains them: what is frozen, what learns at which rate, and the same with compiled epochs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from both_ways import LOSSES, assert_same_weights, case, digits

from bythebook import network, recipe
from bythebook.catalogue import build, resolve, techniques
from bythebook.fused import program_cache
from bythebook.lazy import keras
from bythebook.techniques.strategies import Phase
from bythebook.training.rates_by_depth import slowed
from bythebook.training.train import Outcome, Split, train

pytestmark = pytest.mark.usefixtures("tensorflow")
HIDDEN = [10, 8]
CLASSES = 10
# So short that every phase lasts an epoch or two.
SHORT: dict[str, dict[str, Any]] = {
    "freeze_then_finetune": {"frozen_epochs": 1, "fine_tuning_epochs": 1},
    "gradual_unfreezing": {"epochs_per_layer": 1, "epochs": 3},
}


def run(
    phases: tuple[Phase, ...], loop: str = "plain", look: Callable[[Any], None] = lambda model: None, **delta: Any
) -> tuple[Any, Outcome]:
    resolved = recipe.resolve({"hidden": HIDDEN, "optimizer": {"name": "momentum"}, **delta}, "r")
    model = network.build(resolved, (8, 8), CLASSES, 0)
    images, labels, held_out, held_out_labels = digits()
    data = Split(images, labels), Split(held_out, held_out_labels)
    return model, train(model, resolved, phases, *data, CLASSES, 0, lambda row: look(model), loop)


def moved(model: Any, **delta: Any) -> list[bool]:
    """Of every hidden layer from the input on, and of the head, whether a weight is another one than at first."""
    first = network.build(recipe.resolve({"hidden": HIDDEN, **delta}, "r"), (8, 8), CLASSES, 0)
    pairs = zip([*network.hidden_blocks(model), model.layers[-1:]],
                [*network.hidden_blocks(first), first.layers[-1:]], strict=True)  # fmt: skip
    return [
        any(
            not np.array_equal(one, other)
            for mine, yours in zip(*pair, strict=True)
            for one, other in zip(mine.get_weights(), yours.get_weights(), strict=True)
        )
        for pair in pairs
    ]


@pytest.mark.parametrize(("frozen", "learning"), [(0, 3), (1, 2), (None, 1)])
def test_frozen_layers_do_not_move(frozen: int | None, learning: int) -> None:
    model, _ = run((Phase("p", 1, frozen=frozen),))
    assert moved(model) == [False] * (3 - learning) + [True] * learning


def test_what_belongs_to_a_frozen_layer_is_frozen_too() -> None:
    """Batch norm's averages as well, and that of the inputs with the lowest layer."""
    delta = {"normalizer": {"name": "batch_norm_before", "inputs": True}, "activation": "prelu"}
    (model, one), (plain, other) = (run((Phase("p", 1, frozen=1),), loop, **delta) for loop in ("fused", "plain"))
    assert moved(model, **delta) == [False, True, True]
    assert_same(one, other)
    assert_same_weights(model, plain)
    assert [len(block) for block in network.hidden_blocks(model)] == [5, 3]


def test_gradual_unfreezing_frees_one_layer_after_the_other() -> None:
    phases = build("strategy", resolve("strategy", {"name": "gradual_unfreezing", **SHORT["gradual_unfreezing"]}, "s"))
    plan = phases.on(len(HIDDEN))
    seen: list[list[bool]] = []
    _, outcome = run(plan, look=lambda model: seen.append(moved(model)))
    assert seen == [[False, False, True], [False, True, True], [True, True, True]]
    assert [phase["name"] for phase in outcome.phases] == ["frozen", "unfrozen_1", "fine_tuning"]


def plans() -> dict[tuple[Phase, ...], list[str]]:
    """Every strategy, shortened, by what it does phase by phase; what phases are called makes no difference."""
    found: dict[tuple[Phase, ...], list[str]] = {}
    for name in techniques("strategy"):
        short = SHORT.get(name, SHORT["freeze_then_finetune"] if name.endswith("_then_finetune") else {"epochs": 2})
        declared = resolve("strategy", {"name": name, **short}, "s")
        phases = build("strategy", declared).on(len(HIDDEN))
        found.setdefault(tuple(replace(phase, name="p") for phase in phases), []).append(name)
    return found


@pytest.mark.parametrize("phases", [pytest.param(phases, id="-".join(names)) for phases, names in plans().items()])
def test_a_strategy_trains_as_in_fit(phases: tuple[Phase, ...]) -> None:
    (fused, one), (plain, other) = run(phases, "fused"), run(phases, "plain")
    assert_same(one, other)
    assert len(one.rows) == sum(phase.epochs for phase in phases)
    assert_same_weights(fused, plain)


def assert_same(fused: Outcome, plain: Outcome) -> None:
    assert (fused.loop, plain.loop) == ("fused", "plain")
    assert fused.phases == plain.phases
    for mine, yours in zip(fused.rows, plain.rows, strict=True):
        assert mine == pytest.approx(yours, rel=LOSSES)


@pytest.mark.parametrize("name", sorted(techniques("optimizer")))
def test_every_optimizer_can_be_slowed_layer_by_layer(name: str) -> None:
    """A variable at depth d moves as the optimizer itself moves it at rate * decay ** d, weight decay included."""
    declared = resolve("optimizer", {"name": name, "learning_rate": 0.1}, "o")
    start, gradient = np.linspace(-1, 1, 6).astype("float32"), np.linspace(0.5, -2, 6).astype("float32")

    def after(optimizer: Any, count: int) -> list[np.ndarray]:
        variables = [keras.Variable(start) for _ in range(count)]
        optimizer.build(variables)
        for _ in range(3):
            optimizer.apply([keras.ops.convert_to_tensor(gradient)] * count)
        return [np.asarray(variable) for variable in variables]

    depths = [2, 0, 1]
    at_once = after(slowed(build("optimizer", declared), 0.5, depths), 3)
    for depth, found in zip(depths, at_once, strict=True):
        (alone,) = after(build("optimizer", {**declared, "learning_rate": 0.1 * 0.5**depth}), 1)
        np.testing.assert_allclose(found, alone, rtol=1e-6)
        assert not np.array_equal(found, start)


def test_each_layer_learns_at_its_own_rate() -> None:
    """One step of gradient descent on the same gradients: the change of a weight scales by the factor."""
    delta = {"hidden": HIDDEN, "optimizer": {"name": "sgd", "learning_rate": 0.01}, "batch_size": 330, "epochs": 1}
    (whole, _), (slow, _) = (run((Phase("p", 1, rate=2.0, decay=decay),), **delta) for decay in (1.0, 0.5))
    first = network.build(recipe.resolve(delta, "r"), (8, 8), CLASSES, 0)
    for name, factor in {"dense_1": 0.25, "dense_2": 0.5, "head": 1.0}.items():
        start, fast, own = (net.get_layer(name).get_weights() for net in (first, whole, slow))
        for before, full, part in zip(start, fast, own, strict=True):
            # Weights of at most 1 are rounded to 6e-8.
            np.testing.assert_allclose(part - before, factor * (full - before), rtol=1e-5, atol=6e-8)
            assert np.abs(part - before).max() > 1e-5


def test_the_factor_is_an_input_of_the_compiled_program() -> None:
    program_cache.forget()
    phases = [(Phase("p", 1, decay=decay),) for decay in (0.5, 0.3)]
    half, third = (run(plan, "fused", hidden=[8], optimizer="adamw")[1] for plan in phases)
    assert program_cache.compiled() == 1
    assert half.rows != third.rows
    assert_same(third, run(phases[1], "plain", hidden=[8], optimizer="adamw")[1])


def test_a_momentum_that_cycles_can_be_slowed_too() -> None:
    made = case({"optimizer": {"name": "nesterov"}, "schedule": "one_cycle_with_momentum"})
    optimizer = slowed(made.model.optimizer, 0.5, [1, 0])
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(optimizer))
    assert type(again) is type(optimizer)
    assert again.get_config() == optimizer.get_config()
