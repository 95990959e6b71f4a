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
    assert said and "chapter" in said
    assert said in guidelines.advice(broken)
