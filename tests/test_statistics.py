from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from bythebook import statistics

COVERAGES = 250


def test_the_t_interval_is_scipys() -> None:
    values = [0.91, 0.93, 0.92, 0.95, 0.90]
    found = statistics.interval(values)
    low, high = stats.t.interval(0.95, 4, loc=np.mean(values), scale=stats.sem(values))
    assert found.as_json() == pytest.approx({"mean": 0.922, "low": low, "high": high, "n": 5, "level": 0.95})


def test_one_value_has_no_interval_and_decides_nothing() -> None:
    found = statistics.interval([0.9])
    assert (found.mean, found.low, found.high) == (0.9, None, None)
    assert statistics.verdict(found) == "inconclusive"
    with pytest.raises(ValueError, match="at least one"):
        statistics.interval([])


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    draws = np.random.default_rng(0).normal(1.0, 2.0, (2000, 5))
    covered = [found.low <= 1.0 <= found.high for found in map(statistics.interval, draws)]
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
    assert found.mean == 0.0
    assert found.high == pytest.approx(0.2775, abs=1e-4)


def test_one_sided_p_values_are_those_of_the_t_test() -> None:
    values = [0.91, 0.93, 0.92, 0.95, 0.90]
    above, below = statistics.one_sided(values, 0.9) or (0, 0)
    assert above == pytest.approx(stats.ttest_1samp(values, 0.9, alternative="greater").pvalue)
    assert above + below == pytest.approx(1)
    assert statistics.one_sided([0.9]) is None
    assert statistics.one_sided([0.5, 0.5]) == (0.0, 1.0)
    assert statistics.one_sided([0.0, 0.0]) == (1.0, 1.0)


def test_what_is_counted_in_steps_has_at_least_the_spread_of_a_step() -> None:
    coarse = statistics.one_sided([0.001, 0.001], step=0.001)
    assert coarse == pytest.approx((stats.t.sf(np.sqrt(24), 1), stats.t.cdf(np.sqrt(24), 1)))
    wide = [0.01, 0.02, 0.03]
    assert statistics.one_sided(wide, step=0.001) == statistics.one_sided(wide)


def test_p_values_are_corrected_together_and_decide() -> None:
    sides = [(0.001, 0.999), None, (0.6, 0.4), (0.98, 0.02)]
    adjusted = statistics.corrected(sides)
    expected = stats.false_discovery_control([0.002, 0.8, 0.04])
    assert adjusted == [pytest.approx(expected[0]), None, pytest.approx(expected[1]), pytest.approx(expected[2])]
    verdicts = [statistics.decided(p, both) for p, both in zip(adjusted, sides, strict=True)]
    assert verdicts == ["supported", "inconclusive", "inconclusive", "inconclusive"]
    assert statistics.decided(0.04, sides[3]) == "refuted"
    assert statistics.corrected([None]) == [None]


def test_the_interval_over_pairs_allows_for_classes_that_they_share() -> None:
    pairs = [(str(one), str(other)) for one in range(10) for other in range(one)]
    chance = np.random.default_rng(0)
    covered = {"alone": 0, "together": 0}
    for _ in range(200):
        own = chance.normal(0, 1, 10)
        values = [own[int(one)] + own[int(other)] + chance.normal(0, 0.3) for one, other in pairs]
        for name, found in (
            ("alone", statistics.interval(values)),
            ("together", statistics.interval_over_pairs([seeded(value) for value in values], pairs)),
        ):
            covered[name] += found.low <= 0 <= found.high
    assert covered["alone"] < 140
    assert covered["together"] > 175


def test_pairs_that_share_nothing_have_an_interval_no_narrower_than_values_of_their_own() -> None:
    values, apart = [0.1, 0.3, 0.2], [("a", "b"), ("c", "d"), ("e", "f")]
    found = statistics.interval_over_pairs([seeded(value) for value in values], apart)
    assert dict(found) == pytest.approx(dict(statistics.interval(values)))
    assert statistics.interval_over_pairs([seeded(0.1)], [("a", "b")]).low is None
    one_seed = statistics.interval_over_pairs([{0: value} for value in values], apart)
    assert (one_seed.mean, one_seed.low) == (pytest.approx(0.2), None)


def coverage(seeds: int, of_class: float, of_seed: float, of_value: float, lost: float = 0.0) -> float:
    """How often the interval over all pairs of ten classes has the true mean, 0; ``lost`` is a share of all values."""
    pairs = [(str(one), str(other)) for one in range(10) for other in range(one)]
    chance, covered = np.random.default_rng(0), []
    for _ in range(COVERAGES):
        own = chance.normal(0, of_class, 10)
        shared = chance.normal(0, of_seed, seeds)
        values = [
            {seed: own[int(one)] + own[int(other)] + value for seed, value in enumerate(row) if kept[seed] or seed == 0}
            for (one, other), row, kept in zip(
                pairs,
                shared + chance.normal(0, of_value, (len(pairs), seeds)),
                chance.random((len(pairs), seeds)) >= lost,
                strict=True,
            )
        ]
        found = statistics.interval_over_pairs(values, pairs)
        covered.append(found.low <= 0 <= found.high)
    return float(np.mean(covered))


@pytest.mark.parametrize(
    "effects",
    [(5, 0.0, 1.0, 1.0), (5, 0.0, 3.0, 1.0), (3, 0.0, 1.0, 1.0), (5, 1.0, 1.0, 1.0), (5, 0.0, 1.0, 1.0, 0.2)],
)
def test_the_interval_over_pairs_allows_for_seeds_that_they_share(effects: tuple[Any, ...]) -> None:
    assert coverage(*effects) >= 0.92


def test_noise_that_pairs_and_seeds_both_show_is_counted_once() -> None:
    chance = np.random.default_rng(0)
    pairs = [(f"{pair}a", f"{pair}b") for pair in range(400)]
    rows = chance.normal(0, 1, (400, 40))
    found = statistics.interval_over_pairs([dict(enumerate(row)) for row in rows.tolist()], pairs)
    half = stats.t.ppf(0.975, 39) * 1 / np.sqrt(rows.size)
    assert found.high - found.mean == pytest.approx(half, rel=0.25)


def seeded(value: float) -> dict[int, float]:
    """A pair whose value is the same for every one of many seeds, so that they add nothing to its spread."""
    return dict.fromkeys(range(20), value)


def test_the_bootstrap_of_few_seeds_covers_nearly_as_often_as_it_says() -> None:
    draws = np.random.default_rng(0).normal(1.0, 2.0, (300, 5))
    drawn = statistics.resamples(5)
    ends = [statistics.percentile_interval(own[drawn].mean(axis=1), 5) for own in draws]
    assert 0.88 <= np.mean([low <= 1.0 <= high for low, high in ends]) <= 0.99
    assert (statistics.resamples(5) == drawn).all()
