"""Compiled epochs give what ``fit`` gives, whatever the catalogue's technique."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from both_ways import EPOCHS, STEPS, as_bytes, assert_same_history, assert_same_weights, case

from bythebook import techniques as techniques  # fills the catalogue
from bythebook.catalogue import FAMILIES
from bythebook.catalogue import techniques as registered

pytestmark = pytest.mark.usefixtures("tensorflow")

FAST = {"name": "momentum", "learning_rate": 0.01}
# Arguments with which a technique acts within two epochs of these nets, and what else it needs.
ACTING: dict[tuple[str, str], dict[str, Any]] = {
    ("initializer", "constant"): {"value": 0.1},
    ("clipping", "clip_value"): {"threshold": 0.01},
    ("clipping", "clip_norm"): {"threshold": 0.1},
    ("schedule", "piecewise"): {"drops": [[1, 0.5]]},
    ("schedule", "power"): {"steps": 10},
}
WITH: dict[tuple[str, str], dict[str, Any]] = {
    ("dropout", "alpha_dropout"): {"activation": {"name": "selu"}},
    ("loss", "binary_crossentropy"): {"output": "sigmoid"},
    # Of pixels that never change the gradients are roundings, which optimizers such as Adam scale to whole steps.
    ("normalizer", "batch_norm_after"): {"optimizer": FAST},
    ("normalizer", "batch_norm_before"): {"optimizer": FAST},
    ("schedule", "one_cycle_with_momentum"): {"optimizer": FAST},
}
# Arguments that lead to other code than the defaults do, in nets of two hidden layers.
VARIANTS: list[dict[str, Any]] = [
    {
        "activation": {"name": "gelu", "approximate": True},
        "optimizer": {"name": "nesterov", "momentum": 0.0},
        "clipping": "clip_norm",
        "regularizer": "l1_l2",
    },
    {
        "activation": {"name": "swish", "beta": 1.5},
        **{"output": "sigmoid", "loss": "categorical_crossentropy"},
        "optimizer": {"name": "nesterov", "learning_rate": 0.05},
        "schedule": "one_cycle_with_momentum",
    },
    {
        **{"optimizer": "nadam", "schedule": "one_cycle", "constraint": "max_norm", "dropout": "dropout"},
        **{"augmentation": {"name": "shift_and_flip", "flip": True}, "observe": ["steps"]},
    },
    {"optimizer": FAST, "normalizer": {"name": "batch_norm_before", "outputs": True, "bias": True}},
]


# Initial weights are no part of a program, and strategies are phases: both have tests of their own.
TRAINING = sorted(set(FAMILIES) - {"initializer", "strategy"})


def deltas() -> list[dict[str, Any]]:
    """Recipes that together have every technique: each net has one of several families, for compiling takes time."""
    together = [dict[str, Any]() for _ in max(map(registered, TRAINING), key=len)]
    every = [(family, name) for family in TRAINING for name in registered(family)]
    # Those that need something besides themselves come first, while there is room for it.
    for family, name in sorted(every, key=lambda technique: technique not in WITH):
        delta = {family: {"name": name, **ACTING.get((family, name), {})}, **WITH.get((family, name), {})}
        if not any(row.get(family) == delta[family] for row in together):
            # Nets with the fewest techniques so far come first.
            min((row for row in together if not row.keys() & delta.keys()), key=len).update(delta)
    return [{"optimizer": FAST, **delta} for delta in together]


def variants() -> list[dict[str, Any]]:
    return [{"hidden": [16, 8], **delta} for delta in VARIANTS]


def named(delta: dict[str, Any]) -> str:
    shown = {key: value["name"] if isinstance(value, dict) else value for key, value in delta.items() if value != FAST}
    return "-".join(str(value) for value in shown.values())


def test_every_family_has_its_techniques_among_the_cases() -> None:
    assert TRAINING
    for family in TRAINING:
        assert registered(family)
        assert {delta[family]["name"] for delta in deltas() if isinstance(delta.get(family), dict)} >= set(
            registered(family)
        )


@pytest.mark.parametrize("delta", [*deltas(), *variants()], ids=named)
def test_a_technique_trains_as_in_fit(delta: dict[str, Any]) -> None:
    fused, plain = case(delta), case(delta)
    start = as_bytes(fused.model)
    assert start == as_bytes(plain.model)
    one, other = fused.fused(), plain.plain()
    assert_same_history(one, other)
    assert_same_weights(fused.model, plain.model)
    assert int(fused.model.optimizer.iterations) == int(plain.model.optimizer.iterations) == EPOCHS * STEPS
    assert start != as_bytes(fused.model)


def test_every_initial_distribution_trains_as_in_fit() -> None:
    """Two models go through all of them, for the weights they start from are no part of what is compiled."""
    initializers = registered("initializer")
    assert initializers
    fused, plain = case({}), case({})
    for name in initializers:
        declared = {"name": name, **ACTING.get(("initializer", name), {})}
        start = case({"initializer": declared, "output_initializer": declared}).model.get_weights()
        for model in (fused.model, plain.model):
            model.set_weights(start)
        assert_same_history(fused.fused(1), plain.plain(1))
        assert_same_weights(fused.model, plain.model)
        assert not np.array_equal(start[0], fused.model.get_weights()[0])


def test_acting_arguments_do_act() -> None:
    """Otherwise a technique that did nothing would pass."""
    plain = as_bytes(trained({"optimizer": FAST}))
    acting = [(family, name) for family, name in ACTING if family != "initializer"]
    assert acting
    for family, name in acting:
        assert as_bytes(trained({"optimizer": FAST, family: {"name": name, **ACTING[family, name]}})) != plain, name


def trained(delta: dict[str, Any]) -> Any:
    made = case(delta)
    made.plain()
    return made.model


def test_the_loss_of_every_step_is_that_of_train_on_batch() -> None:
    """What a learning rate range test reads: the rate rises at each step."""
    from keras.optimizers.schedules import ExponentialDecay

    fused, plain = case({}), case({})
    for made in (fused, plain):
        made.model.optimizer.learning_rate = ExponentialDecay(1e-4, decay_steps=1, decay_rate=1.5)
    history = fused.fused()
    expected = []
    for epoch in range(EPOCHS):
        order = plain.order(epoch)
        for batch in np.array_split(order, range(32, len(order), 32)):
            plain.model.reset_metrics()
            expected.append(plain.model.train_on_batch(plain.feed.images[batch], plain.feed.targets[batch])[0])
    assert [(losses.dtype, losses.shape) for losses in history.step_losses] == [(np.float32, (STEPS,))] * EPOCHS
    np.testing.assert_allclose(np.concatenate(history.step_losses), expected, rtol=1e-5)
    assert_same_weights(fused.model, plain.model)
