from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bythebook.claims.finding import Finding, above, share, within

VALUES = [0.3, 0.5, 0.4, 0.6, 0.2]


def test_above_is_scipys_one_sided_t_test_with_its_interval_and_effect_size() -> None:
    found = above(VALUES, 0.1)
    assert found.p_for == pytest.approx(stats.ttest_1samp(VALUES, 0.1, alternative="greater").pvalue)
    assert found.p_for is not None and found.p_against == pytest.approx(1 - found.p_for)
    low, high = stats.t.interval(0.95, 4, loc=np.mean(VALUES), scale=stats.sem(VALUES))
    assert (found.effect, found.low, found.high, found.n) == pytest.approx((0.4, low, high, 5))
    assert found.size == pytest.approx(0.3 / np.std(VALUES, ddof=1))


def test_the_bootstrap_interval_is_repeatable_and_inside_the_values() -> None:
    first, second = above(VALUES, 0).bootstrap, above(VALUES, 0).bootstrap
    assert first == second and first is not None
    assert min(VALUES) <= first[0] < np.mean(VALUES) < first[1] <= max(VALUES)


def test_within_needs_both_sides() -> None:
    assert _sure(within(VALUES, 0.0, 0.9).p_for)
    assert _sure(within(VALUES, 0.7, 0.9).p_against)
    assert _sure(within(VALUES, -0.3, 0.05).p_against)
    undecided = within(VALUES, 0.35, 0.45)
    assert not _sure(undecided.p_for) and not _sure(undecided.p_against)


def _sure(p: float | None) -> bool:
    assert p is not None
    return p < 0.025


@pytest.mark.parametrize(("value", "p"), [(1.0, (0.0, 1.0)), (-1.0, (1.0, 0.0)), (0.0, (1.0, 1.0))])
def test_without_spread_the_sign_decides(value: float, p: tuple[float, float]) -> None:
    found = above([value, value * (1 + 1e-15), value], 0.0)
    assert (found.p_for, found.p_against) == p
    assert found.size is None


def test_one_seed_decides_nothing_and_says_why() -> None:
    found = above([0.9], 0.0)
    assert (found.effect, found.n, found.p_for, found.low) == (0.9, 1, None, None)
    assert "one seed" in found.note
    assert "no seed" in above([], 0.0).note and "no seed" in within([], 0, 1).note


def test_a_share_is_binomial() -> None:
    found = share(9, 10, 0.5)
    assert found.effect == 0.9
    assert found.p_for == pytest.approx(11 / 2**10)
    assert share(0, 0, 0.5).p_for is None


def test_findings_change_scale_and_sign_with_their_ends_in_order() -> None:
    found = Finding(1.0, 0.0, 2.0, (0.5, 1.5), 3.0, 5, 0.01, 0.99)
    negative = found.negated()
    assert (negative.effect, negative.low, negative.high, negative.bootstrap) == (-1.0, -2.0, 0.0, (-1.5, -0.5))
    assert (negative.size, negative.p_for) == (-3.0, 0.01)
    ratio = found.exponential()
    assert (ratio.low, ratio.effect) == pytest.approx((1.0, np.e))


def test_under_no_effect_few_verdicts_are_wrong() -> None:
    draws = np.random.default_rng(0).normal(0.0, 1.0, (400, 5))
    wrong = [_sure(found.p_for) or _sure(found.p_against) for found in (above(list(draw), 0.0) for draw in draws)]
    assert np.mean(wrong) == pytest.approx(0.05, abs=0.03)
