from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bythebook.datasets.fingerprints import duplicates, fingerprints, stand_in

# Two-pixel images of three grey values: equal contents are common.
IMAGES = hnp.arrays(np.uint8, st.tuples(st.integers(0, 12), st.just(1), st.just(2)), elements=st.integers(0, 2))


def _contents(images: np.ndarray) -> list[tuple[int, ...]]:
    return [tuple(image.ravel().tolist()) for image in images]


@settings(deadline=None)
@given(IMAGES, IMAGES, IMAGES)
def test_images_are_found_by_content(own: np.ndarray, one: np.ndarray, other: np.ndarray) -> None:
    found = stand_in(fingerprints(own), fingerprints(one), fingerprints(other))
    known = {*_contents(one), *_contents(other)}
    assert found.tolist() == [content in known for content in _contents(own)]


@settings(deadline=None)
@given(IMAGES, IMAGES)
def test_duplicates_are_counted_within_and_across(train: np.ndarray, test: np.ndarray) -> None:
    counted = duplicates({"train": fingerprints(train), "test": fingerprints(test)})
    a, b = _contents(train), _contents(test)
    assert counted["within"] == {"train": len(a) - len(set(a)), "test": len(b) - len(set(b))}
    assert counted["across"] == {"train-test": len(set(a) & set(b))}


def test_a_fingerprint_does_not_depend_on_the_layout_in_memory() -> None:
    images = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    assert fingerprints(images).shape == (2, 16)
    np.testing.assert_array_equal(fingerprints(np.asfortranarray(images)), fingerprints(images))
