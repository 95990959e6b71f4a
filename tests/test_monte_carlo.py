"""Monte Carlo dropout: what its mean is made of, and what it leaves alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bythebook import network, recipe
from bythebook.inference import montecarlo

pytestmark = pytest.mark.usefixtures("tensorflow")
IMAGES = np.random.default_rng(0).normal(size=(1200, 4, 4)).astype(np.float32)


def net(**delta: Any) -> Any:
    return network.build(recipe.resolve({"hidden": [32], **delta}, "made"), (4, 4), 3, seed=0)


def test_passes_differ_and_their_mean_is_the_same_again() -> None:
    model = net(dropout={"name": "dropout", "rate": 0.5})
    one, many = montecarlo.predict(model, IMAGES, 1), montecarlo.predict(model, IMAGES, 20)
    plain = model.predict(IMAGES, verbose=0)
    assert one.shape == many.shape == (1200, 3) and many.dtype == np.float32
    assert np.abs(one - plain).max() > 0.1
    assert np.abs(many - plain).mean() < np.abs(one - plain).mean() / 2
    assert montecarlo.predict(model, IMAGES, 20).tobytes() == many.tobytes()
    assert many.sum(axis=1) == pytest.approx(np.ones(1200), abs=1e-5)


def test_images_of_different_batches_meet_different_masks() -> None:
    model = net(dropout={"name": "dropout", "rate": 0.5})
    same = np.repeat(IMAGES[:1], 1200, axis=0)
    found = montecarlo.predict(model, same, 1)
    assert not np.array_equal(found[:200], found[1000:])


@pytest.mark.parametrize("dropout", ["dropout", "alpha_dropout"])
def test_batch_normalization_keeps_its_averages(dropout: str) -> None:
    model = net(dropout=dropout, normalizer="batch_norm_after")
    before = [weight.tobytes() for weight in model.get_weights()]
    montecarlo.predict(model, IMAGES, 3)
    assert [weight.tobytes() for weight in model.get_weights()] == before


def test_only_nets_with_dropout_draw() -> None:
    assert montecarlo.draws(net(dropout="alpha_dropout"))
    assert not montecarlo.draws(net())
    assert not montecarlo.draws(net(dropout={"name": "dropout", "rate": 0.0}))
    assert not montecarlo.draws(net(activation="maxout"))


def test_noise_is_the_same_for_every_model() -> None:
    shifted = montecarlo.noisy(IMAGES, 0.5)
    assert shifted.dtype == np.float32 and shifted.std() > IMAGES.std()
    assert np.std(shifted - IMAGES) == pytest.approx(0.5, abs=0.02)
    assert np.array_equal(shifted, montecarlo.noisy(IMAGES, 0.5))
