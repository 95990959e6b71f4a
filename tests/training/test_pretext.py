"""What a net is asked of images without labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from both_ways import LOSSES, assert_same_weights, digits

from bythebook import network, recipe
from bythebook.techniques.strategies import Phase
from bythebook.training.pretext import outputs_of, turned, with_targets
from bythebook.training.train import Outcome, Split, train


def images(height: int = 3, width: int = 3, count: int = 400) -> Split:
    pixels = np.random.default_rng(0).random((count, height, width), np.float32)
    return Split(pixels, np.zeros(count, np.int64))


def test_labels_are_left_as_they_are() -> None:
    split = images()
    assert with_targets("labels", split, 0, "training") is split
    assert [outputs_of(target, 7, 9) for target in ("labels", "rotation", "reconstruction")] == [7, 4, 9]


def test_pixels_are_asked_for_without_a_copy() -> None:
    split = images()
    asked = with_targets("reconstruction", split, 0, "training")
    assert asked.images is split.images
    assert asked.labels.shape == (400, 9) and np.shares_memory(asked.labels, split.images)


def test_every_image_is_turned_by_its_number_of_quarters() -> None:
    split = images()
    asked = with_targets("rotation", split, 0, "training")
    assert set(asked.labels) == {0, 1, 2, 3} and np.bincount(asked.labels).min() > 70
    for shown, image, quarters in zip(asked.images, split.images, asked.labels, strict=True):
        assert np.array_equal(shown, np.rot90(image, quarters))
    # Turned back, all are upright again, and what was turned was a copy.
    assert np.array_equal(turned(asked.images, -asked.labels % 4), split.images)
    assert np.array_equal(split.images, images().images)


def test_turns_follow_from_seed_and_part_and_not_from_the_image() -> None:
    asked = with_targets("rotation", images(), 0, "training").labels
    assert np.array_equal(
        asked, with_targets("rotation", Split(images().images[::-1], images().labels), 0, "training").labels
    )
    others = [with_targets("rotation", images(), 1, "training"), with_targets("rotation", images(), 0, "validation")]
    assert not any(np.array_equal(asked, other.labels) for other in others)


def test_images_in_colour_are_turned_too() -> None:
    grey = images()
    colour = Split(np.stack([grey.images, 2 * grey.images, 3 * grey.images], axis=-1), grey.labels)
    asked = with_targets("rotation", colour, 0, "training")
    assert np.array_equal(asked.images[..., 1], 2 * with_targets("rotation", grey, 0, "training").images)


def test_an_image_of_any_shape_is_reconstructed() -> None:
    assert with_targets("reconstruction", images(3, 4), 0, "training").labels.shape == (400, 12)


def pretrained(target: str, loop: str) -> tuple[Any, Outcome]:
    delta = {"target": target, "scaling": "unit", "optimizer": {"name": "adam", "learning_rate": 0.003}}
    resolved = recipe.resolve({"hidden": [24, 16], **delta, "observe": ["steps"]}, "r")
    training, _, held_out, _ = digits()
    seen = [Split(_unit(part), np.zeros(len(part), np.int64)) for part in (training, held_out)]
    data = [with_targets(target, split, 0, part) for split, part in zip(seen, ("training", "validation"), strict=True)]
    classes = outputs_of(target, 10, 64)
    model = network.build(resolved, (8, 8), classes, 0)
    assert model.output_shape == (None, classes)
    return model, train(model, resolved, (Phase("fit", 4),), *data, classes, 0, lambda row: None, loop)


def _unit(part: np.ndarray) -> np.ndarray:
    scaled: np.ndarray = (part - part.min()) / np.ptp(part)
    return scaled


@pytest.mark.usefixtures("tensorflow")
@pytest.mark.parametrize("target", ["reconstruction", "rotation"])
def test_it_is_learned_the_same_both_ways(target: str) -> None:
    (fused, one), (plain, other) = pretrained(target, "fused"), pretrained(target, "plain")
    assert (one.status, one.loop, other.loop) == ("finished", "fused", "plain")
    for mine, yours in zip(one.rows, other.rows, strict=True):
        assert mine == pytest.approx(yours, rel=LOSSES)
        assert ("val_accuracy" in mine) == (target == "rotation")
    assert_same_weights(fused, plain)
    assert one.rows[-1]["val_loss"] < 0.9 * one.rows[0]["val_loss"]
