from __future__ import annotations

import pytest

from bythebook.errors import DataError, Problems, UserError, unknown


def test_an_unknown_name_is_answered_with_the_nearest_and_all_allowed() -> None:
    said = unknown("activation", "rulu", ["selu", "relu", "tanh"])
    assert said == "unknown activation 'rulu'. Did you mean 'relu'? Allowed: relu, selu, tanh."


def test_nothing_near_gives_no_hint() -> None:
    assert unknown("dataset", "zzz", ["digits"]) == "unknown dataset 'zzz'. Allowed: digits."


def test_of_very_many_names_the_nearest_are_listed() -> None:
    said = unknown("recipe", "suite/a5", [f"suite/a{number}" for number in range(100)])
    assert "Did you mean 'suite/a5'?" in said
    assert said.endswith(" and 90 others.")


def test_problems_are_raised_together() -> None:
    problems = Problems()
    problems.raise_if_any()
    problems.add("params.yaml: seeds", "is empty")
    with problems.collecting():
        raise UserError("a", "b")
    with pytest.raises(DataError) as raised:
        problems.raise_if_any(DataError)
    assert raised.value.problems == ("params.yaml: seeds: is empty", "a", "b")


def test_only_mistakes_of_the_user_are_taken_over() -> None:
    with pytest.raises(ValueError, match="not the user's"), Problems().collecting():
        raise ValueError("not the user's")
