from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_data import labelled

from bythebook.datasets.labelled import Labelled
from bythebook.datasets.split_methods import METHODS, cut
from bythebook.errors import UserError


@st.composite
def parts(draw: st.DrawFn) -> Labelled:
    """Images that carry their own position, of up to four classes in any order."""
    labels = np.array(draw(st.lists(st.integers(0, 3), min_size=2, max_size=60)), dtype=np.int64)
    return Labelled(np.arange(len(labels), dtype=np.uint8).reshape(-1, 1, 1), labels)


@settings(deadline=None)
@given(parts(), st.data(), st.sampled_from(sorted(METHODS)), st.integers(0, 2**32 - 1))
def test_a_cut_divides_and_keeps_the_order(part: Labelled, data: st.DataObject, method: str, seed: int) -> None:
    count = data.draw(st.integers(1, len(part) - 1))
    taken, rest = cut(part, count, method, seed, "here")
    assert len(taken) == count
    for side in (taken, rest):
        positions = side.images.ravel()
        assert (np.diff(positions.astype(int)) > 0).all()
        np.testing.assert_array_equal(side.labels, part.labels[positions])
    together = np.sort(np.concatenate([taken.images.ravel(), rest.images.ravel()]))
    np.testing.assert_array_equal(together, np.arange(len(part)))


@settings(deadline=None)
@given(parts(), st.data(), st.integers(0, 2**32 - 1), st.integers(1, 2))
def test_a_stratified_cut_is_proportional_and_forgets_no_class(
    part: Labelled, data: st.DataObject, seed: int, keep: int
) -> None:
    count = data.draw(st.integers(1, len(part) - 1))
    taken, rest = cut(part, count, "stratified", seed, "here", keep)
    sizes, found, left = (np.array(each.per_class(4)) for each in (part, taken, rest))
    exact = sizes * count / len(part)
    spare = sizes > keep
    if spare.sum() <= count <= (sizes - keep)[spare].sum():
        assert (found[spare] >= 1).all() and (left[spare] >= keep).all() and not found[~spare].any()
    if spare.all() and (exact >= 1).all() and (sizes - exact >= keep).all():
        assert (np.abs(found - exact) < 1).all()


@pytest.mark.parametrize(("count", "per_class"), [(4, [1, 1, 1, 1]), (6, [1, 1, 1, 3]), (40, [1, 1, 1, 37])])
def test_a_rare_class_has_its_image_in_every_split(count: int, per_class: list[int]) -> None:
    labels = np.repeat(np.arange(4), [3, 3, 3, 91])
    part = Labelled(np.arange(100, dtype=np.uint8).reshape(-1, 1, 1), labels)
    test, rest = cut(part, count, "stratified", 0, "here", keep=2)
    assert test.per_class(4) == per_class
    validation, train = cut(rest, 4, "stratified", 0, "here")
    assert validation.per_class(4) == [1, 1, 1, 1] and train.per_class(4)[:3] == [1, 1, 1]


def test_the_seed_decides_a_stratified_cut() -> None:
    part = labelled(200)
    drawn = [cut(part, 40, "stratified", seed, "here")[0].digest() for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_the_first_images_are_the_first() -> None:
    part = labelled(30)
    taken, rest = cut(part, 10, "first", 0, "here")
    np.testing.assert_array_equal(taken.images, part.images[:10])
    np.testing.assert_array_equal(rest.images, part.images[10:])


@pytest.mark.parametrize("count", [-1, 0, 30, 31])
def test_a_cut_leaves_something_on_both_sides(count: int) -> None:
    with pytest.raises(UserError, match=rf"splits.validation: {count} images asked for; allowed: 1 to 29"):
        cut(labelled(30), count, "first", 0, "splits.validation")


def test_an_unknown_method_is_named_with_the_nearest() -> None:
    with pytest.raises(UserError, match="unknown method 'stratifed'. Did you mean 'stratified'"):
        cut(labelled(30), 3, "stratifed", 0, "splits.validation")
