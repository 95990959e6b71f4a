from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from made_data import CLASSES, idx_bytes, labelled, write_folder, write_idx

from bythebook.datasets import idx, unpacking
from bythebook.datasets.labelled import Contents, Labelled, check_images
from bythebook.errors import DataError, UserError

IMAGES = labelled(6).images
IN_ONE_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)


@IN_ONE_FOLDER
@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=1, max_dims=3, max_side=6)))
def test_what_is_written_is_read(tmp_path: Path, array: np.ndarray) -> None:
    write_idx(tmp_path / "array.gz", array)
    np.testing.assert_array_equal(idx.read(tmp_path / "array.gz", array.ndim), array)


@IN_ONE_FOLDER
@given(st.integers(0, len(gzip.compress(idx_bytes(IMAGES), mtime=0)) - 1))
def test_a_file_cut_anywhere_is_refused(tmp_path: Path, length: int) -> None:
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(idx_bytes(IMAGES), mtime=0)[:length])
    with pytest.raises(DataError, match="cut.gz"):
        idx.read(path, 3)


@IN_ONE_FOLDER
@given(st.integers(0, len(gzip.compress(idx_bytes(IMAGES), mtime=0)) - 1), st.integers(1, 255))
def test_a_changed_byte_is_refused_or_harmless(tmp_path: Path, position: int, change: int) -> None:
    content = bytearray(gzip.compress(idx_bytes(IMAGES), mtime=0))
    content[position] ^= change
    path = tmp_path / "changed.gz"
    path.write_bytes(content)
    try:
        read = idx.read(path, 3)
    except DataError:
        return
    np.testing.assert_array_equal(read, IMAGES)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x00\x00\x08\x01" + idx_bytes(IMAGES)[4:], "magic is 0x00000801, expected 0x00000803"),
        (b"\x00\x00\x0d\x03" + idx_bytes(IMAGES)[4:], "magic is 0x00000d03"),
        (b"", "magic is 0x,"),
        (idx_bytes(IMAGES)[:10], "ends within the idx header"),
        (idx_bytes(IMAGES)[:-1], "119 values, but dimensions .6, 5, 4. ask for 120"),
        (idx_bytes(IMAGES) + b"\x00", "121 values"),
        (idx_bytes(IMAGES[:0]), "holds no values"),
    ],
)
def test_what_is_wrong_inside_is_said(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(content))
    with pytest.raises(DataError, match=reason):
        idx.read(path, 3)


def test_a_missing_file_and_one_that_is_not_gzip_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file; the download stage has not run"):
        idx.read(tmp_path / "images.gz", 3)
    (tmp_path / "images.gz").write_bytes(b"<html>not found</html>")
    with pytest.raises(DataError, match="not a sound gzip file"):
        idx.read(tmp_path / "images.gz", 3)


def test_unpacking_stops_at_its_bound(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(1000)))
    assert len(unpacking.unpacked(path, largest=1000)) == 1000
    with pytest.raises(DataError, match="more than the 999 bytes"):
        unpacking.unpacked(path, largest=999)


def test_a_folder_gives_both_parts(tmp_path: Path) -> None:
    train, test = labelled(12), labelled(8, seed=1)
    contents = idx.read_folder(write_folder(tmp_path, train, test))
    np.testing.assert_array_equal(contents.train.images, train.images)
    assert contents.test is not None
    np.testing.assert_array_equal(contents.test.labels, test.labels)
    assert contents.test.labels.dtype == np.int64


def test_every_inconsistency_is_reported_at_once() -> None:
    good = labelled(12)
    train = Labelled(good.images[:-1], np.where(good.labels == 2, 7, good.labels))
    test = Labelled(labelled(8, shape=(3, 3)).images, np.where(labelled(8).labels == 3, 0, labelled(8).labels))
    with pytest.raises(DataError) as raised:
        check_images(Contents(train, test), CLASSES, "tiny")
    assert raised.value.problems == (
        "tiny: training part: 11 images but 12 labels.",
        "tiny: training part: 3 labels out of range, the first 7 at image 2; allowed: 0 to 3.",
        "tiny: test part: class 'cross' has no image; every class needs at least one.",
        "tiny: images differ in size: (5, 4) in training, (3, 3) in test.",
    )
