"""What the report says of data of the user's own."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from PIL import Image

from bythebook.report.figures.pictures import picture
from bythebook.report.sections.data import SHOWN, data_section
from bythebook.report.sources import Data

SPLITS = {split: {"images": 4, "per_class": [2, 2]} for split in ("train", "validation", "test")}
EMPTY = {"within": {}, "across": {}, "dropped": {}}


def section(shape: list[int], **source: Any) -> Any:
    told = {"unreadable": [], "converted": {"size": 0, "mode": 0}, "features": [], **source}
    card = {"dataset": "mine", "classes": ["a", "b"], "shape": shape, "splits": SPLITS, "duplicates": EMPTY}
    return data_section(Data({**card, "largest_z": {}, "constant_pixels": 3, "source": told}, None))


def test_files_that_were_left_out_and_images_that_were_converted_are_told() -> None:
    files = [f"a/{number}.png" for number in range(SHOWN + 2)]
    found = section([8, 8], unreadable=files, converted={"size": 5, "mode": 0})
    assert found.what == "images of 8 × 8 pixels"
    facts = dict(found.facts)
    assert facts["Files that cannot be read, left out"] == f"{SHOWN + 2}: {', '.join(files[:SHOWN])} and 2 others"
    assert facts["Images converted"] == "5 resized"
    assert dict(section([8, 8, 3]).facts)["Images converted"] == "none"


def test_a_table_has_features_and_no_pixels() -> None:
    found = section([2], features=["width", "height"])
    assert (found.what, found.counted) == ("lines of 2 features", "Lines")
    assert dict(found.facts)["Lines that stood twice"] == "none"
    assert dict(found.facts)["Features"] == "width, height"
    assert dict(found.facts)["Features that never vary"] == "3"
    assert section([8, 8, 3]).what == "images of 8 × 8 pixels in colour"


def test_pictures_are_in_colour_where_images_are() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(picture(images).partition(",")[2]))))
    assert shown.shape == (8, 17, 4)
    np.testing.assert_array_equal(shown[:, :8, :3], images[0])
    np.testing.assert_array_equal(shown[:, 9:, :3], images[1])
