from __future__ import annotations

import pytest

from bythebook.errors import DataError, Problems, UserError, unknown


def test_an_unknown_name_is_answered_with_the_nearest_and_all_allowed() -> None:
    said = unknown("activation", "rulu", ["selu", "relu", "tanh"])
    assert said == "unknown activation 'rulu'. Did you mean 'relu'? Allowed: relu, selu, tanh."


def test_nothing_near_gives_no_hint() -> None:
    assert unknown("dataset", "zzz", ["digits"]) == "unknown dataset 'zzz'. Allowed: digits."


def test_problems_are_raised_together() -> None:
    problems = Problems()
    problems.raise_if_any()
    problems.add("params.yaml: seeds", "is empty")
    problems.extend(UserError("a", "b"))
    with pytest.raises(DataError) as raised:
        problems.raise_if_any(DataError)
    assert raised.value.problems == ("params.yaml: seeds: is empty", "a", "b")
