from __future__ import annotations

from typing import Any

import pytest

from bythebook import guidelines, recipe
from bythebook import techniques as techniques

BROKEN: dict[str, dict[str, Any]] = {
    "selu_without_batch_norm": {"normalizer": "batch_norm_after"},
    "selu_wants_lecun": {"initializer": "he_normal"},
    "selu_wants_standardized_inputs": {"scaling": "unit"},
    "selu_without_weight_penalties": {"regularizer": "l2", "dropout": "dropout"},
    "he_is_for_rectifiers": {"activation": "tanh", "initializer": "he_normal"},
    "patience_within_the_run": {"early_stopping": {"patience": 10}, "epochs": 10},
    "augmentation_wants_plain_pixels": {"augmentation": "shift_and_flip"},
    "weights_start_different": {"initializer": {"name": "constant", "value": 0.1}},
    "deep_nets_want_normalization": {"activation": "elu", "initializer": "he_normal", "hidden": [100] * 20},
    "saturating_activations_are_for_shallow_nets": {"activation": "sigmoid", "hidden": [10] * 7},
    "classes_want_cross_entropy": {"loss": "mean_squared_error"},
    "one_cycle_wants_momentum": {"schedule": "one_cycle"},
    "adagrad_stops_early": {"optimizer": "adagrad"},
    "adaptive_steps_want_small_rates": {"optimizer": {"name": "nadam", "learning_rate": 0.1}},
    "weight_decay_that_acts": {"optimizer": {"name": "adamw", "learning_rate": 0.001, "weight_decay": 0.00001}},
    "dropout_leaves_something": {"dropout": {"name": "alpha_dropout", "rate": 0.7}},
}
GOOD = {
    "activation": "selu",
    "initializer": "lecun_normal",
    "dropout": "alpha_dropout",
    "early_stopping": {"patience": 2},
}


def test_a_recipe_by_the_book_gets_no_advice() -> None:
    assert guidelines.advice(recipe.resolve(GOOD, "r")) == []


def test_every_rule_is_tried() -> None:
    assert guidelines.rules()
    assert {rule.__name__ for rule in guidelines.rules()} == set(BROKEN)


@pytest.mark.parametrize("name", BROKEN)
def test_a_rule_speaks_with_its_reason_and_source(name: str) -> None:
    broken = recipe.resolve({**GOOD, **BROKEN[name]}, "r")
    (rule,) = (rule for rule in guidelines.rules() if rule.__name__ == name)
    said = rule(broken)
    assert said and ("chapter" in said or "source note" in said)
    assert said in guidelines.advice(broken)
