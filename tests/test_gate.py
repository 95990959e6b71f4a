"""The gate: what got worse than the committed metrics, and by how much."""

from __future__ import annotations

import math
from typing import Any

import pytest

from bythebook.errors import UserError
from bythebook.gate import compare

COMMITTED: dict[str, Any] = {
    "dataset": "fashion_mnist",
    "champion": {"name": "selu", "test_accuracy": 0.89, "test_nll": 0.31},
    "suites": {"activations": {"elu": {"test_accuracy": 0.86}}},
}


def changed(**champion: Any) -> dict[str, Any]:
    return {**COMMITTED, "champion": {**COMMITTED["champion"], **champion}}


@pytest.mark.parametrize(
    ("now", "regressed"),
    [(0.89, False), (0.95, False), (0.885, False), (0.88, False), (0.8799, True), (0.1, True)],
)
def test_an_accuracy_may_fall_by_its_tolerance(now: float, regressed: bool) -> None:
    (found,) = compare(changed(test_accuracy=now), COMMITTED, {"champion.test_accuracy": 0.01})
    assert found.regressed is regressed
    assert found.change is not None
    assert math.isclose(found.change, now - 0.89)


@pytest.mark.parametrize(("now", "regressed"), [(0.31, False), (0.1, False), (0.33, False), (0.34, True)])
def test_a_likelihood_loss_may_rise_by_its_tolerance(now: float, regressed: bool) -> None:
    (found,) = compare(changed(test_nll=now), COMMITTED, {"champion.test_nll": 0.02})
    assert found.regressed is regressed


def test_every_metric_is_compared_in_the_order_of_the_tolerances() -> None:
    tolerances = {"suites.activations.elu.test_accuracy": 0.0, "champion.test_accuracy": 0.01}
    found = compare(changed(test_accuracy=0.8), COMMITTED, tolerances)
    assert [comparison.metric for comparison in found] == list(tolerances)
    assert [comparison.regressed for comparison in found] == [False, True]


def test_a_metric_that_is_gone_is_a_regression() -> None:
    current = {**COMMITTED, "champion": {"name": "selu"}}
    (found,) = compare(current, COMMITTED, {"champion.test_accuracy": 0.01})
    assert found.current is None
    assert found.regressed


def test_a_metric_that_is_new_has_nothing_to_compare_with() -> None:
    (found,) = compare(changed(test_ece=0.1), COMMITTED, {"champion.test_ece": 0.01})
    assert found.committed is None
    assert found.change is None
    assert not found.regressed


def test_a_misspelt_metric_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UserError, match="Did you mean 'champion.test_accuracy'") as caught:
        compare(COMMITTED, COMMITTED, {"champion.test_acuracy": 0.01, "nothing": 1})
    assert len(caught.value.problems) == 2


def test_metrics_of_another_dataset_are_refused() -> None:
    with pytest.raises(UserError, match="of fashion_mnist, the current ones of digits"):
        compare({**COMMITTED, "dataset": "digits"}, COMMITTED, {"champion.test_accuracy": 0.01})
