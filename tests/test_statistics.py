from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bythebook import statistics


def test_the_t_interval_is_scipys() -> None:
    values = [0.91, 0.93, 0.92, 0.95, 0.90]
    found = statistics.interval(values)
    low, high = stats.t.interval(0.95, 4, loc=np.mean(values), scale=stats.sem(values))
    assert found == pytest.approx({"mean": 0.922, "low": low, "high": high, "n": 5, "level": 0.95})


def test_one_value_has_no_interval_and_decides_nothing() -> None:
    found = statistics.interval([0.9])
    assert (found["mean"], found["low"], found["high"]) == (0.9, None, None)
    assert statistics.verdict(found) == "inconclusive"
    with pytest.raises(ValueError, match="at least one"):
        statistics.interval([])


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    draws = np.random.default_rng(0).normal(1.0, 2.0, (2000, 5))
    covered = [found["low"] <= 1.0 <= found["high"] for found in map(statistics.interval, draws)]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize(
    ("after", "verdict"),
    [([2.0, 3.1, 4.2], "supported"), ([0.0, 0.9, 1.8], "refuted"), ([0.0, 2.1, 4.0], "inconclusive")],
)
def test_pairs_decide(after: list[float], verdict: str) -> None:
    assert statistics.verdict(statistics.paired_difference([1.0, 2.0, 3.0], after)) == verdict


def test_pairs_must_pair() -> None:
    with pytest.raises(ValueError, match="equal lengths"):
        statistics.paired_difference([1.0], [1.0, 2.0])


def test_a_share_has_wilsons_interval() -> None:
    found = statistics.proportion_interval(0, 10)
    assert found["mean"] == 0.0
    assert found["high"] == pytest.approx(0.2775, abs=1e-4)
