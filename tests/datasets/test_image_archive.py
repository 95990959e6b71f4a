"""Archives of images: what they hold, and what dishonest ones are refused for."""

from __future__ import annotations

import gzip
import io
import logging
import struct
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bythebook.datasets import image_archive
from bythebook.datasets.labelled import Contents, check_images
from bythebook.datasets.registry import find
from bythebook.datasets.standardize import SplitPlan, standardize
from bythebook.documents import read_json
from bythebook.errors import DataError, UserError

CLASSES = ("A", "B")
SHAPE = (4, 3)


def png(seed: int, shape: tuple[int, int] = SHAPE) -> bytes:
    drawn = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(drawn).save(buffer, "png")
    return buffer.getvalue()


def archive(path: Path, files: Mapping[str, bytes], *extra: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for member in extra:
            tar.addfile(member)
    return path


def good(count: int = 6) -> dict[str, bytes]:
    return {f"letters/{CLASSES[number % 2]}/{number:03}.png": png(number) for number in range(count)}


def test_images_come_in_the_order_of_their_names_with_the_label_of_their_folder(tmp_path: Path) -> None:
    shuffled = dict(reversed(good().items()))
    found, unreadable = image_archive.read(archive(tmp_path / "a.tar.gz", shuffled), CLASSES, SHAPE)
    assert found.labels.tolist() == [0, 1, 0, 1, 0, 1]
    assert found.images.dtype == np.uint8 and found.images.shape == (6, *SHAPE)
    expected = np.asarray(Image.open(io.BytesIO(png(3))))
    assert np.array_equal(found.images[3], expected)
    assert unreadable == ()


def test_colour_becomes_grey_and_other_files_are_passed_over(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (3, 4), (255, 255, 255)).save(buffer, "png")
    files = {**good(), "letters/A/colour.png": buffer.getvalue(), "letters/README.txt": b"letters"}
    found, _ = image_archive.read(archive(tmp_path / "a.tar.gz", files), CLASSES, SHAPE)
    assert len(found) == 7 and (found.images[-1] == 255).all()


def test_what_is_no_image_is_left_out_counted_and_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    files = {**good(), "letters/B/empty.png": b"", "letters/A/cut.png": png(1)[:30], "letters/A/text.png": b"text" * 9}
    with caplog.at_level(logging.WARNING):
        found, unreadable = image_archive.read(archive(tmp_path / "a.tar.gz", files), CLASSES, SHAPE)
    assert len(found) == 6
    assert unreadable == ("letters/A/cut.png", "letters/A/text.png", "letters/B/empty.png")
    assert "3 files are no images and left out" in caplog.text


def test_the_data_card_counts_them(tmp_path: Path) -> None:
    files = {**good(40), "letters/B/empty.png": b""}
    path = archive(tmp_path / "raw.tar.gz", files)

    def read(raw: Path) -> Contents:
        images, unreadable = image_archive.read(path, CLASSES, SHAPE)
        return Contents(images, None, unreadable)

    made = replace(find("digits"), name="letters", classes=CLASSES, read=read)
    standardize(made, tmp_path, tmp_path / "out", SplitPlan("stratified", 10, 10, 0), 0.01)
    assert read_json(tmp_path / "out" / "card.json")["unreadable"] == 1


def bomb() -> bytes:
    """A PNG of a few bytes that says it has 100,000 by 100,000 pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"../evil.png": png(0)}, "../evil.png: leads out of the archive's own folder"),
        ({"/etc/A/evil.png": png(0)}, "/etc/A/evil.png: leads out of the archive's own folder"),
        ({"letters/A/bomb.png": bomb()}, "letters/A/bomb.png: is"),
        ({"letters/A/large.png": png(0, (9, 9))}, "is 9x9 pixels, expected 4x3"),
        ({"letters/a/x.png": png(0)}, "unknown class 'a'"),
        ({"letters/A/huge.png": b"\0" * (image_archive.LARGEST + 1)}, "an image has at most"),
    ],
)
def test_what_is_unsafe_or_out_of_place_is_refused(tmp_path: Path, files: dict[str, bytes], told: str) -> None:
    with pytest.raises(DataError) as refused:
        image_archive.read(archive(tmp_path / "a.tar.gz", {**good(), **files}), CLASSES, SHAPE)
    assert told in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar.gz"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    link = tarfile.TarInfo("letters/A/link.png")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with pytest.raises(DataError, match="neither a file nor a folder"):
        image_archive.read(archive(tmp_path / "a.tar.gz", good(), link), CLASSES, SHAPE)


def test_all_problems_are_told_at_once_up_to_a_few(tmp_path: Path) -> None:
    wrong = {f"letters/C/{number}.png": png(number) for number in range(30)}
    with pytest.raises(DataError) as refused:
        image_archive.read(archive(tmp_path / "a.tar.gz", {**good(), **wrong}), CLASSES, SHAPE)
    assert len(refused.value.problems) == image_archive.SHOWN + 1
    assert "and 25 further problems" in str(refused.value)


def test_a_folder_with_one_class_is_refused_by_the_name_of_the_other(tmp_path: Path) -> None:
    only = {name: content for name, content in good().items() if "/A/" in name}
    found, _ = image_archive.read(archive(tmp_path / "a.tar.gz", only), CLASSES, SHAPE)
    with pytest.raises(DataError, match="class 'B' has no image"):
        check_images(Contents(found, None), CLASSES, "letters")


def test_a_damaged_or_missing_archive_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        image_archive.read(tmp_path / "none.tar.gz", CLASSES, SHAPE)
    path = archive(tmp_path / "a.tar.gz", good(200))
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(DataError, match="not a sound tar.gz archive"):
        image_archive.read(path, CLASSES, SHAPE)
    path.write_bytes(gzip.compress(b"no tar at all"))
    with pytest.raises(DataError, match="not a sound tar.gz archive"):
        image_archive.read(path, CLASSES, SHAPE)
    with pytest.raises(DataError, match="holds no image"):
        image_archive.read(archive(tmp_path / "b.tar.gz", {"README": b"nothing"}), CLASSES, SHAPE)
