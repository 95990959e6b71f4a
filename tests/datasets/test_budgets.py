"""Label budgets are nested, start with the first images, and leave no class out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bythebook.datasets.budgets import first_labels


def test_a_budget_is_the_first_images_where_all_classes_are_among_them() -> None:
    assert first_labels(np.array([1, 0, 0, 1, 0]), 3).tolist() == [0, 1, 2]


def test_a_class_that_comes_late_takes_the_place_of_the_last_image() -> None:
    labels = np.array([0, 0, 0, 0, 1, 0])
    assert [first_labels(labels, budget).tolist() for budget in (2, 3, 6)] == [[0, 4], [0, 1, 4], [0, 1, 2, 3, 4, 5]]


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60))
def test_budgets_are_nested_and_have_every_class(labels: list[int]) -> None:
    classes = set(labels)
    budgets = range(len(classes), len(labels) + 1)
    chosen = [first_labels(np.array(labels), budget).tolist() for budget in budgets]
    assert [len(own) for own in chosen] == list(budgets)
    for budget, (smaller, larger) in enumerate(zip(chosen, chosen[1:], strict=False), start=len(classes)):
        assert set(smaller) < set(larger)
        if set(labels[:budget]) == classes:
            assert smaller == list(range(budget))
    for own in chosen:
        assert own == sorted(own)
        assert {labels[position] for position in own} == classes


def test_too_few_or_too_many_are_refused() -> None:
    with pytest.raises(ValueError, match="6 labels asked for, but there are 5 training images"):
        first_labels(np.array([1, 0, 0, 1, 0]), 6)
    with pytest.raises(ValueError, match="1 labels asked for, but 2 classes need at least one each"):
        first_labels(np.array([1, 0, 0, 1, 0]), 1)
