"""The pictures of the chapter show the functions that nets are trained with."""

from __future__ import annotations

import numpy as np
import pytest

from bythebook import catalogue
from bythebook import techniques as techniques  # fills the catalogue
from bythebook.report.figures import chapter
from bythebook.report.sections.chapter import chapter_section

Z = np.linspace(-4, 4, 81)


@pytest.mark.parametrize("name", chapter.ACTIVATIONS)
def test_an_activation_is_drawn_as_it_is_computed(name: str, tensorflow: None) -> None:
    layer = catalogue.build("activation", catalogue.resolve("activation", name, "test"), _seed=0)
    found = np.asarray(layer(Z[:, None].astype(np.float32)))[:, 0]
    assert chapter.ACTIVATIONS[name](Z) == pytest.approx(found, abs=1e-5)


def test_every_activation_with_a_formula_is_drawn() -> None:
    drawn = {*chapter.SATURATING, *chapter.RECTIFIERS, *chapter.SMOOTH}
    assert drawn == set(chapter.ACTIVATIONS)
    # A line, what is learned, and the largest of several lines have no curve of their own.
    assert set(catalogue.techniques("activation")) - drawn == {"linear", "maxout", "prelu"}


def test_every_picture_is_described_and_drawn_the_same_again() -> None:
    first, second = chapter_section(), chapter_section()
    assert len(first) == 8
    assert first == second
    assert all("aria-label" in picture.svg and picture.caption for picture in first)
