"""A folder of image files: what is read of it, and what it is refused for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from made_own import noise, write_classes, write_image
from PIL import Image

from bythebook.datasets.user import pictures
from bythebook.datasets.user.folder import Folder
from bythebook.datasets.user.source import Rules
from bythebook.errors import DataError, UserError

AS_THEY_ARE = Rules()
CONVERT = Rules(size=(6, 5), mixed="convert")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_classes(tmp_path / "pets")


def refused(folder: Path, rules: Rules = AS_THEY_ARE) -> str:
    with pytest.raises(UserError) as raised:
        Folder(folder).gather(rules)
    assert all(str(folder) in problem for problem in raised.value.problems)
    return str(raised.value)


def test_every_image_is_read_with_the_class_of_its_folder(folder: Path) -> None:
    write_image(folder / "cat" / "photo.jpg", noise(9))
    (folder / "dog" / "notes.txt").write_text("not an image")
    (folder / ".hidden").mkdir()
    (folder / "cat" / ".DS_Store").write_bytes(b"\0")
    source = Folder(folder)
    assert (source.outline().classes, source.outline().per_class) == (("cat", "dog"), (5, 4))
    found = source.gather(Rules())
    assert found.classes == ("cat", "dog")
    assert found.labels.tolist() == [0] * 5 + [1] * 4
    assert found.images.dtype == np.uint8 and found.images.shape == (9, 6, 5)
    np.testing.assert_array_equal(found.images[5], noise(4))
    assert (found.unreadable, found.converted) == ((), {"size": 0, "mode": 0})


def test_classes_that_are_numbers_are_in_their_order(tmp_path: Path) -> None:
    assert Folder(write_classes(tmp_path, 3, ("10", "9", "2"))).outline().classes == ("2", "9", "10")


def test_a_few_files_that_cannot_be_read_are_left_out_and_listed(folder: Path) -> None:
    whole = (folder / "cat" / "0.png").read_bytes()
    (folder / "cat" / "cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "dog" / "empty.png").write_bytes(b"")
    found = Folder(folder).gather(Rules(unreadable=0.2))
    assert found.unreadable == ("cat/cut.png", "dog/empty.png")
    assert (len(found.images), found.labels.tolist()) == (8, [0] * 4 + [1] * 4)
    said = refused(folder, Rules(unreadable=0.19))
    assert "2 of 10 image files cannot be read, 20.0%; unreadable allows 19.0%: cat/cut.png, dog/empty.png." in said


def test_all_that_is_wrong_with_its_images_is_said_at_once(folder: Path) -> None:
    (folder / "dog" / "empty.png").write_bytes(b"")
    write_image(folder / "cat" / "large.png", noise(0, (12, 10, 3)))
    said = refused(folder)
    assert "1 of 10 image files cannot be read" in said
    assert "1 of 9 images are not grey" in said
    assert "1 of 9 images are not 6x5 pixels" in said


def test_a_folder_of_nothing_readable_is_refused_whatever_is_allowed(tmp_path: Path) -> None:
    for name in ("a/1.png", "b/1.png"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"text")
    assert "2 of 2 image files cannot be read" in refused(tmp_path, Rules(unreadable=0.99))


def test_images_of_another_size_are_refused_or_resized(folder: Path) -> None:
    for number in range(7):
        write_image(folder / "dog" / f"large{number}.png", noise(number, (12, 10)))
    said = refused(folder)
    assert "7 of 15 images are not 6x5 pixels: 8 are 6x5, 7 are 12x10" in said
    assert "(dog/large0.png, dog/large1.png, dog/large2.png, dog/large3.png, dog/large4.png and 2 others)" in said
    assert "Declare size: [6, 5] and mixed: convert." in said
    assert "8 of 15 images are not 12x10" in refused(folder, Rules(size=(12, 10)))
    assert "Declare size: [6, 5]" in refused(folder, Rules(mixed="convert"))
    found = Folder(folder).gather(CONVERT)
    assert (found.images.shape, found.converted) == ((15, 6, 5), {"size": 7, "mode": 0})
    expected = Image.fromarray(noise(0, (12, 10))).resize((5, 6), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(found.images[8], np.asarray(expected))


def test_images_of_another_colour_mode_are_refused_or_converted(folder: Path) -> None:
    write_image(folder / "cat" / "red.png", noise(50, (6, 5, 3)))
    write_image(folder / "dog" / "palette.gif", noise(51, (6, 5, 3)), "P")
    said = refused(folder)
    assert "2 of 10 images are not grey: 1 are rgb, 1 are P (cat/red.png, dog/palette.gif)" in said
    assert "Declare mixed: convert or mode: rgb." in said
    assert "9 of 10 images are not rgb: 8 are grey, 1 are P" in refused(folder, Rules(mode="rgb"))
    grey, coloured = (Folder(folder).gather(Rules(mode=mode, mixed="convert")) for mode in ("grey", "rgb"))
    assert (grey.images.shape, grey.converted["mode"]) == ((10, 6, 5), 2)
    assert (coloured.images.shape, coloured.converted["mode"]) == ((10, 6, 5, 3), 9)
    np.testing.assert_array_equal(coloured.images[4], noise(50, (6, 5, 3)))


def test_what_is_transparent_becomes_white_and_sixteen_bits_become_eight(folder: Path) -> None:
    write_image(folder / "cat" / "clear.png", np.zeros((6, 5, 4), dtype=np.uint8))
    write_image(folder / "cat" / "deep.png", np.full((6, 5), 0x1234, dtype=np.uint16))
    assert "2 of 10 images are not grey" in refused(folder)
    found = Folder(folder).gather(CONVERT)
    assert (found.images[4] == 255).all() and (found.images[5] == 0x12).all()


def test_thirty_two_bits_per_pixel_are_never_guessed(folder: Path) -> None:
    Image.fromarray(np.full((6, 5), 1.5, dtype=np.float32)).save(folder / "cat" / "float.tif")
    assert "1 images have 32 bits per pixel; save them with 8: cat/float.tif." in refused(folder, CONVERT)


def test_a_photo_stands_upright(folder: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3  # lies on its head
    image = np.zeros((6, 5), dtype=np.uint8)
    image[0] = 255
    Image.fromarray(image).save(folder / "cat" / "x.png", exif=exif)
    assert (Folder(folder).gather(Rules()).images[4][-1] == 255).all()


def test_large_images_need_a_declared_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "LARGEST", 29)
    folder = write_classes(tmp_path)
    assert "the images are 6x5 pixels, which is much for dense layers." in refused(folder)
    assert len(Folder(folder).gather(Rules(size=(6, 5))).images) == 8


def _nothing(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def _one_class(folder: Path) -> None:
    (folder / "dog").rename(folder.parent / "dog")


def _no_images(folder: Path) -> None:
    for path in (folder / "dog").iterdir():
        path.rename(path.with_suffix(".txt"))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_nothing, "has no folders; it should have one subfolder of images for each class."),
        (_one_class, "has one class, 'cat'; at least 2 are needed."),
        (_no_images, "dog: has no image (.png, .jpg"),
        (
            lambda folder: write_image(folder / "stray.png", noise(1)),
            "1 images stand outside of a class's folder",
        ),
        (lambda folder: write_image(folder / "cat" / "more" / "x.png", noise(1)), "cat: has folders in it (more)"),
    ],
)
def test_a_folder_of_another_layout_is_refused(folder: Path, damage: Callable[[Path], object], said: str) -> None:
    damage(folder)
    assert said in refused(folder)
    with pytest.raises(DataError) as raised:
        Folder(folder).outline()
    assert said in str(raised.value)


def test_a_path_that_does_not_exist_is_named_with_the_nearest(folder: Path) -> None:
    with pytest.raises(UserError, match=r"pats: no such folder. Did you mean '.*pets'\?"):
        Folder(folder.parent / "pats").outline()
    with pytest.raises(UserError, match="far: no such folder.$"):
        Folder(folder.parent / "so" / "far").outline()
    with pytest.raises(UserError, match="0.png: is a file; a folder is expected"):
        Folder(folder / "cat" / "0.png").outline()
