"""What runs that diverged mean for a difference."""

from __future__ import annotations

import pytest
from made import comparison, grid


def test_what_diverged_counts_as_a_guess_where_a_claim_says_so() -> None:
    made = grid(a=[0.8, 0.8], b=[None, None])
    fields = {"more": "suite/a", "less": "suite/b", "by": "validation_accuracy"}
    assert comparison("difference", **fields).find(made).n == 0
    assert comparison("difference", **fields, diverged=0.1).find(made).effect == pytest.approx(0.7)


def test_a_seed_with_which_both_sides_diverged_says_nothing() -> None:
    made = grid(a=[None, None, None], b=[None, None, None], c=[0.8, None, 0.7], d=[None, None, 0.6])
    fields = {"by": "validation_accuracy", "diverged": 0.1, "margin": -0.01}
    nothing = comparison("difference", more="suite/a", less="suite/b", **fields).find(made)
    assert (nothing.n, nothing.effect, nothing.sides) == (0, None, None)
    found = comparison("difference", more="suite/c", less="suite/d", **fields).find(made)
    assert (found.n, found.effect) == (2, pytest.approx((0.7 + 0.1) / 2))


@pytest.mark.parametrize("diverged", [{"diverged": 0.1}, {}])
def test_one_lucky_survivor_is_not_the_best_on_validation(diverged: dict[str, float]) -> None:
    made = grid(lucky=[0.95, None, None, None, None], stable=[0.9, 0.9, 0.91, 0.9, 0.9], other=[0.8] * 5)
    sides = {"more": ["suite/lucky", "suite/stable"], "less": "suite/other"}
    found = comparison("difference", **sides, by="test_accuracy", **diverged).find(made)
    assert (found.n, found.note) == (5, "chosen on validation: suite/stable and suite/other")
