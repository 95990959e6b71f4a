"""How many labels from scratch give the error that transfer reaches: between budgets, beyond them, and how surely."""

from __future__ import annotations

import numpy as np
import pytest

from bythebook.transfer.label_efficiency import worth

BUDGETS = (20, 200, 2000)


def curve(*errors: float) -> dict[int, dict[int, float]]:
    """The same errors for three seeds."""
    return {labels: dict.fromkeys(range(3), error) for labels, error in zip(BUDGETS, errors, strict=True)}


def reached(error: float) -> dict[int, float]:
    return dict.fromkeys(range(3), error)


@pytest.mark.parametrize(
    ("error", "labels"),
    [(0.2, 200), (0.15, 200 * 10**0.5), (0.25, 20 * 10**0.5), (0.3, 20), (0.1, 2000), (0.4, 20), (0.05, 2000)],
)
def test_it_is_read_off_a_line_over_the_logarithm_and_ends_where_budgets_end(error: float, labels: float) -> None:
    found = worth(curve(0.3, 0.2, 0.1), reached(error))
    assert found is not None
    assert found.as_json() == pytest.approx(
        {"labels": labels, "low": labels, "high": labels, "smallest": 20, "largest": 2000, "n": 3}
    )


def test_an_error_that_rises_again_does_not_undo_what_was_reached() -> None:
    assert worth(curve(0.3, 0.2, 0.25), reached(0.25)).labels == pytest.approx(20 * 10**0.5)
    flat = worth(curve(0.3, 0.3, 0.3), reached(0.2))
    assert (flat.labels, flat.low, flat.high) == (2000, 2000, 2000)


def test_a_power_law_gives_its_own_factor_and_the_interval_covers_it() -> None:
    """Errors fall as labels to the power -0.5; with transfer they are halved, so that labels are worth four times."""
    chance = np.random.default_rng(1)
    covered, widths = 0, []
    for _ in range(60):
        scratch = {labels: {seed: labels**-0.5 * np.exp(chance.normal(0, 0.1)) for seed in range(5)} for labels in
                   (20, 50, 100, 200, 500, 1000)}  # fmt: skip
        found = worth(scratch, {seed: 0.5 * 100**-0.5 * float(np.exp(chance.normal(0, 0.1))) for seed in range(5)})
        assert found and found.low <= found.labels <= found.high
        covered += found.low <= 400 <= found.high
        widths.append(found.high / found.low)
    assert 0.85 <= covered / 60 <= 1
    assert 1.2 < np.median(widths) < 4


def test_seeds_that_one_side_lacks_are_left_out_and_one_seed_has_no_interval() -> None:
    scratch = curve(0.3, 0.2, 0.1)
    del scratch[200][2]
    found = worth(scratch, {1: 0.2, 2: 0.3, 7: 0.1})
    expected = {"labels": pytest.approx(200), "low": None, "high": None, "smallest": 20, "largest": 2000, "n": 1}
    assert found is not None and found.as_json() == expected
    assert worth(scratch, {7: 0.1}) is None
