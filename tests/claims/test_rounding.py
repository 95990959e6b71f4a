"""Shares of few images look alike because they are rounded, which is no evidence."""

from __future__ import annotations

from typing import Any

import pytest
from made import comparison, entry, measured, probe

from bythebook.claims.measurements import Measurements

IMAGES = 2000
ONE = 1 / IMAGES


def counted(**accuracies: float) -> Measurements:
    """Two seeds of each arm that agree to the image."""
    made = measured({f"suite/{name}": [entry({}, seed, [1.0]) for seed in range(2)] for name in accuracies})
    tests = {
        f"suite/{name}/seed-{seed}": {"accuracy": value, "training_accuracy": 1.0, "images": IMAGES}
        for name, value in accuracies.items()
        for seed in range(2)
    }
    return Measurements(made.runs, tests, {})


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("difference", {"more": "suite/b", "less": "suite/a", "by": "test_accuracy"}),
        ("difference", {"more": "suite/b@mc", "less": "suite/a@mc", "by": "test_accuracy"}),
        ("difference", {"more": "suite/a", "less": "suite/b", "by": "generalization_gap"}),
        ("ratio", {"more": "suite/a", "less": "suite/b", "by": "test_error"}),
        ("ratio", {"more": "suite/a", "less": "suite/b", "by": "test_error", "at_most": 1.1}),
        ("equal", {"first": "suite/b", "second": "suite/a", "by": "test_accuracy", "within": 1.5 * ONE}),
        ("level", {"of": "suite/b", "by": "test_accuracy", "at_least": 0.9}),
        ("level", {"of": "suite/a", "by": "test_accuracy", "at_most": 0.9 + ONE}),
        ("level", {"of": "suite/b", "by": "test_accuracy", "at_least": 0.9, "at_most": 1.0}),
    ],
)
def test_two_seeds_that_agree_to_the_image_are_not_beyond_doubt(kind: str, fields: dict[str, Any]) -> None:
    made = counted(a=0.9, b=0.9 + ONE)
    for found in made.tests.values():
        found["variants"] = {"mc": dict(found)}
    found = comparison(kind, **fields).find(made)
    assert found.p_for is not None
    assert 0.01 < found.p_for < 0.25


def test_one_image_is_worth_the_more_in_a_ratio_the_fewer_there_are() -> None:
    fields = {"more": "suite/a", "less": "suite/b", "by": "test_error", "times": 1.01}
    few = comparison("ratio", **fields).find(counted(a=1 - 3 * ONE, b=1 - 2 * ONE))
    many = comparison("ratio", **fields).find(counted(a=1 - 300 * ONE, b=1 - 200 * ONE))
    assert few.effect == pytest.approx(1.5) and many.effect == pytest.approx(1.5)
    assert many.p_for is not None and many.p_for < 0.025 < (few.p_for or 0)


def test_a_standout_by_one_image_is_not_beyond_doubt() -> None:
    made = counted(**{f"{task}.{arm}.9": 0.9 for task in "abc" for arm in ("new", "old")} | {"a.new.9": 0.9 + ONE})
    fields = {"more": "suite/*.new.9", "less": "suite/*.old.9", "by": "test_accuracy"}
    assert comparison("standout", of="a", **fields).find(made).p_for == pytest.approx(0.064, abs=0.001)


def test_shares_of_validation_images_are_counted_where_a_study_says_how_many_there_are() -> None:
    run = entry({}, 0, [0.1])
    studied = {"study/a": {"validation": 500, "source_validation": 4000}}
    made = Measurements({"study/a.new.9": [run], "suite/a": [run]}, {}, {}, studied)
    assert made.step("study/a.new.9", "validation_accuracy") == 1 / 500
    assert made.step("study/a.new.9", "best_validation_accuracy") == 1 / 500
    assert made.step("study/a.new.9", "lost_by_sharing") == 1 / 4000
    assert made.step("study/a.new.9", "validation_loss") == 0
    assert made.step("suite/a", "validation_accuracy") == 0


def test_what_is_no_share_of_images_has_no_rounding() -> None:
    found = comparison("difference", more="probe/b", less="probe/a", by="x").find(probe(a=[0.0, 0.0], b=[1e-6, 1e-6]))
    assert (found.p_for, found.p_against) == (0.0, 1.0)
