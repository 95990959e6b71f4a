"""Spaces: conditions are kept in every sample, and a space that cannot be searched is refused with every reason."""

from __future__ import annotations

import random
from typing import Any

import pytest
from optuna.trial import create_trial
from synthetic_search import DECLARED, SETTINGS, SPACE

from bythebook.errors import UserError
from bythebook.search.sampling import Proposals, stored
from bythebook.search.settings import SearchSettings
from bythebook.search.space import Assignment, assign
from bythebook.search.space_validation import read_space


def problems(declared: Any) -> tuple[str, ...]:
    with pytest.raises(UserError) as refused:
        read_space(declared, "space")
    return refused.value.problems


def samples(count: int) -> list[Assignment]:
    """Points as the sampler proposes them, each trial complete before the next."""
    found, told = list[Assignment](), []
    proposals = Proposals(SPACE, SearchSettings(startup_trials=10, trials=count), ["maximize"])
    chance = random.Random(0)
    for number in range(count):
        found.append(proposals.propose(number, told, [], None))
        params, distributions = stored(SPACE, found[-1])
        told.append(create_trial(value=chance.random(), params=params, distributions=distributions))
    return found


def test_every_sample_keeps_to_the_bounds_and_conditions() -> None:
    found = samples(80)
    assert len({sample.values["n_hidden"] for sample in found}) == 5
    for sample in found:
        assert 1 <= sample.values["n_hidden"] <= 5
        assert 1e-4 <= sample.values["optimizer.learning_rate"] <= 1.0
        assert sample.values["activation"] in DECLARED["activation"]["choices"]
        deep = sample.values["n_hidden"] >= 4
        assert sample.values["normalizer"] in (["batch_norm_after", None] if deep else [None])
        assert ("normalizer" in sample.drawn) == deep
    normalized = [sample for sample in found if sample.values["normalizer"]]
    assert 0 < len(normalized) < len(found)


def test_a_condition_on_a_path_that_is_not_there_does_not_hold() -> None:
    space = read_space(
        {
            "regularizer": {"choices": [None, "l2"]},
            "regularizer.factor": {"when": {"regularizer": ["l2"]}, "low": 1e-6, "high": 1e-2, "log": True},
            "dropout": {"when": {"regularizer.factor": [1e-3]}, "choices": [None, "dropout"]},
        },
        "space",
    )
    assert assign(space, lambda parameter: None).values == {"regularizer": None}


def test_several_domains_of_a_path_are_told_apart() -> None:
    names = [parameter.name for parameter in SPACE["normalizer"]]
    assert names == ["normalizer [n_hidden in [4, 5]]", "normalizer"]


def test_every_problem_of_a_space_is_reported_at_once() -> None:
    found = problems(
        {
            "n_hidden": {"low": 5, "high": 1},
            "n_units": {"low": 10.5, "high": 20.5},
            "optimiser.learning_rate": {"low": 0.1, "high": 1.0},
            "optimizer.learning_rate": {"low": 0, "high": 1, "log": True},
            "activation": {"choices": []},
            "initializer": {"choises": ["he_normal"]},
            "batch_size": {"low": 32},
            "epochs": {"low": 10, "high": 25, "step": 10},
            "dropout": {"choices": ["dropout", None, "dropout"], "low": 1},
            "regularizer": {"choices": ["l2"], "log": True},
            "constraint": {"when": {"dropuot": ["dropout"]}, "choices": [None]},
            "loss": {"when": {"schedule": ["constant"]}, "choices": ["mean_squared_error"]},
            "schedule": {"choices": ["constant", "constant"]},
            "clipping": [{"value": None}, {"choices": [None, "clip_norm"]}],
        }
    )
    text = "\n".join(found)
    for expected in [
        "space.n_hidden: 'low' must be below 'high'; given low 5 and high 1.",
        "space.n_units: must be whole numbers from 1 to 100000; given 10.5, 20.5.",
        "space.optimiser.learning_rate: unknown recipe path 'optimiser.learning_rate'. Did you mean 'optimizer'?",
        "space.optimizer.learning_rate: a log scale needs 'low' above 0; given 0.",
        "space.activation: 'choices' is empty; name at least one.",
        "space.initializer.choises: unknown key 'choises'. Did you mean 'choices'?",
        "space.batch_size: a range needs both 'low' and 'high'; 'high' is missing.",
        "space.epochs: 'high' must be 'low' plus a multiple of 'step'; given 10, 25 and 10.",
        "space.dropout: give either 'choices', or 'low' and 'high', or 'value'; given choices and low/high.",
        "space.regularizer: 'log' belongs to a range",
        "space.constraint.when: unknown path above this one 'dropuot'. Did you mean 'dropout'?",
        "'schedule' must stand above it.",
        'space.schedule: the choice "constant" stands twice.',
        "space.clipping: nothing after domain [0] is ever reached",
    ]:
        assert expected in text
    assert len(found) == 14


@pytest.mark.parametrize(
    ("domain", "reason"),
    [
        ({"low": 1, "high": "9"}, "high"),
        ({"low": 1.0, "high": float("nan")}, "finite"),
        ({"low": 1.0, "high": float("inf")}, "finite"),
        ({"low": 1, "high": 4, "step": 0}, "'step' must be above 0"),
        ({"low": 1, "high": 4, "step": 1, "log": True}, "not both"),
        ({"low": True, "high": 4}, "low"),
        ({}, "none is given"),
        ("elu", "dictionary"),
        ([], "is empty"),
    ],
)
def test_a_domain_that_is_none_is_refused(domain: Any, reason: str) -> None:
    found = problems({"epochs": domain})
    assert found
    assert all(problem.startswith("space.epochs") for problem in found)
    assert reason in "\n".join(found)


def test_a_condition_that_can_never_hold_is_refused() -> None:
    space = {"n_hidden": {"low": 1, "high": 3}, "normalizer": {"when": {"n_hidden": [3, 4]}, "choices": [None]}}
    assert problems(space) == ("space.normalizer.when: n_hidden: the space never gives it the value 4.",)
    same = {"n_hidden": {"low": 1, "high": 3}, "dropout": [{"when": {"n_hidden": [1]}, "value": None}] * 2}
    assert problems(same) == ("space.dropout: two domains have the same 'when'; the second is never reached.",)


@pytest.mark.parametrize("space", [None, {}, [], "n_hidden"])
def test_a_space_is_a_mapping_with_something_in_it(space: Any) -> None:
    assert "maps at least one recipe path" in problems(space)[0]


def test_settings_are_strict() -> None:
    for wrong in ({"trials": 0}, {"in_flight": 0}, {"seed": -1}, {"prune": True}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            SearchSettings(**wrong)
    assert SETTINGS.pruner is not None
