from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bythebook.datasets.pixels import CHUNK, largest_z, measure
from bythebook.datasets.scaling import SCALINGS, scaled
from bythebook.errors import UserError


@settings(deadline=None)
@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 20), st.just(2), st.just(3))))
def test_statistics_are_those_of_the_book(images: np.ndarray) -> None:
    measured = measure(images, min_deviation=0)
    values = images / 255
    constant = (images == images[0]).all(axis=0)
    np.testing.assert_allclose(measured.statistics.mean, values.mean(axis=0), atol=1e-6)
    expected = np.where(constant, 1, values.std(axis=0))
    np.testing.assert_allclose(measured.statistics.deviation, expected, atol=1e-6)
    assert measured.constant == constant.sum()


@settings(max_examples=10, deadline=None)
@given(st.integers(CHUNK - 1, 2 * CHUNK + 1))
def test_many_images_are_measured_as_few(count: int) -> None:
    images = np.random.default_rng(0).integers(0, 256, (count, 1, 2), dtype=np.uint8)
    measured = measure(images, min_deviation=0)
    np.testing.assert_allclose(measured.statistics.deviation, (images / 255).std(axis=0), atol=1e-6)
    expected = np.abs(scaled(images, "standardized", measured.statistics)).max()
    assert largest_z(images, measured.statistics) == expected


def test_a_pixel_that_never_varies_does_no_harm() -> None:
    images = np.zeros((10, 1, 3), dtype=np.uint8)
    images[:, 0, 1] = [0, 255] * 5
    images[0, 0, 2] = 1
    measured = measure(images, min_deviation=0.01)
    np.testing.assert_allclose(measured.statistics.deviation, [[1, 0.5, 0.01]], rtol=1e-6)
    assert (measured.constant, measured.raised) == (1, 1)
    assert measured.least == pytest.approx(0.3 / 255)
    unseen = np.full((1, 1, 3), 255, dtype=np.uint8)
    values = scaled(unseen, "standardized", measured.statistics)
    np.testing.assert_allclose(values, [[[1, 1, (1 - 0.1 / 255) / 0.01]]], rtol=1e-5)


def test_images_without_any_variation_are_measured() -> None:
    measured = measure(np.full((4, 2, 2), 7, dtype=np.uint8), min_deviation=0.01)
    assert (measured.constant, measured.least) == (4, 0.0)
    assert (measured.statistics.deviation == 1).all()


@pytest.mark.parametrize("given_deviation", [-0.1, 1.5, float("nan")])
def test_a_least_deviation_outside_0_to_1_is_refused(given_deviation: float) -> None:
    with pytest.raises(UserError, match="min_deviation: must be from 0 to 1"):
        measure(np.zeros((2, 1, 1), dtype=np.uint8), min_deviation=given_deviation)


def test_an_unknown_scaling_is_named_with_the_nearest() -> None:
    images = np.zeros((2, 1, 1), dtype=np.uint8)
    with pytest.raises(UserError, match="unknown scaling 'standardised'. Did you mean 'standardized'"):
        scaled(images, "standardised", measure(images, min_deviation=0).statistics)


@pytest.mark.parametrize("scaling", SCALINGS)
def test_scaling_gives_new_float32_and_leaves_the_bytes(scaling: str) -> None:
    images = np.arange(12, dtype=np.uint8).reshape(3, 2, 2)
    before = images.copy()
    values = scaled(images, scaling, measure(images, min_deviation=0.01).statistics)
    assert values.dtype == np.float32
    np.testing.assert_array_equal(images, before)
