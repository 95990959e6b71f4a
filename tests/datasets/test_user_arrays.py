"""Images and labels as arrays of the user's own: .npz files and pairs of idx files."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_data import idx_bytes, labelled
from made_own import noise

from bythebook.datasets.user import pictures
from bythebook.datasets.user.arrays import Idx, Npz
from bythebook.datasets.user.source import Rules
from bythebook.errors import DataError, UserError

AS_THEY_ARE = Rules()
IMAGES, LABELS = labelled(12).images, labelled(12).labels


def npz(folder: Path, **arrays: Any) -> Npz:
    np.savez(folder / "data.npz", **arrays)
    return Npz(folder / "data.npz")


def refused(source: Npz | Idx, rules: Rules = AS_THEY_ARE) -> str:
    with pytest.raises(DataError) as raised:
        source.gather(rules)
    return str(raised.value)


def test_labels_may_be_numbers_or_names(tmp_path: Path) -> None:
    numbers = npz(tmp_path, images=IMAGES, labels=LABELS * 5)
    assert numbers.outline().classes == ("0", "5", "10", "15")
    found = numbers.gather(Rules())
    np.testing.assert_array_equal(found.images, IMAGES)
    np.testing.assert_array_equal(found.labels, LABELS)
    named = npz(tmp_path, images=IMAGES, labels=np.array(["d", "c", "b", "a"])[LABELS])
    assert named.gather(Rules()).classes == ("a", "b", "c", "d")
    assert named.gather(Rules()).labels[:4].tolist() == [3, 2, 1, 0]


def test_labels_may_be_positions_in_names(tmp_path: Path) -> None:
    names = np.array(["d", "c", "b", "a"])
    found = npz(tmp_path, images=IMAGES, labels=LABELS, classes=names).gather(Rules())
    assert (found.classes, found.labels[:4].tolist()) == (("d", "c", "b", "a"), [0, 1, 2, 3])
    assert "whole numbers from 0 to 2" in refused(npz(tmp_path, images=IMAGES, labels=LABELS, classes=names[:3]))
    assert "different names are expected" in refused(npz(tmp_path, images=IMAGES, labels=LABELS, classes=names[[0, 0]]))


def test_colour_and_size_follow_the_rules(tmp_path: Path) -> None:
    coloured = npz(tmp_path, images=np.stack([noise(seed, (6, 5, 3)) for seed in range(12)]), labels=LABELS)
    assert coloured.gather(Rules(mode="rgb")).images.shape == (12, 6, 5, 3)
    assert "12 of 12 images are not grey: 12 are rgb (image 0," in refused(coloured)
    found = coloured.gather(Rules(size=(3, 3), mixed="convert"))
    assert (found.images.shape, found.converted) == ((12, 3, 3), {"size": 12, "mode": 12})
    assert "12 of 12 images are not 3x3 pixels" in refused(coloured, Rules(size=(3, 3), mode="rgb"))


def test_large_images_need_a_declared_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "LARGEST", 29)
    large = npz(tmp_path, images=np.stack([noise(seed, (6, 5)) for seed in range(12)]), labels=LABELS)
    assert "the images are 6x5 pixels, which is much for dense layers." in refused(large)
    assert large.gather(Rules(size=(6, 5))).images.shape == (12, 6, 5)


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"images": IMAGES}, "has no array 'labels'; it has images."),
        ({"images": IMAGES, "label": LABELS}, "unknown array 'label'. Did you mean 'labels'?"),
        ({"images": IMAGES, "labels": LABELS[:-1]}, "12 images but 11 labels."),
        ({"images": IMAGES, "labels": LABELS / 2}, "labels is float64 (12,); whole numbers or names of the shape (n,)"),
        ({"images": IMAGES, "labels": LABELS[:, None]}, "labels is int64 (12, 1)"),
        ({"images": IMAGES / 255, "labels": LABELS}, "images is float64 (12, 5, 4); uint8 of (n, height, width)"),
        ({"images": IMAGES[0], "labels": LABELS}, "images is uint8 (5, 4)"),
        ({"images": IMAGES[..., None], "labels": LABELS}, "images is uint8 (12, 5, 4, 1)"),
        ({"images": IMAGES, "labels": np.array([{}] * 12)}, "holds pickled Python objects, which are never opened"),
        ({"images": np.array([{}] * 12), "labels": LABELS}, "holds pickled Python objects, which are never opened"),
    ],
)
def test_an_npz_that_holds_something_else_is_refused(tmp_path: Path, arrays: dict[str, Any], said: str) -> None:
    told = refused(npz(tmp_path, **arrays))
    assert said in told and "data.npz" in told


def test_what_is_no_npz_is_refused(tmp_path: Path) -> None:
    source = npz(tmp_path, images=IMAGES, labels=LABELS)
    whole = source.path.read_bytes()
    for content in (whole[:-30], whole[:100], b"", b"text"):
        source.path.write_bytes(content)
        assert "data.npz: " in refused(source)
    np.save(tmp_path / "data.npy", IMAGES)
    assert "not an .npz file" in refused(Npz(tmp_path / "data.npy"))
    with pytest.raises(UserError, match=r"date.npz: no such file. Did you mean '.*data.npz'\?"):
        Npz(tmp_path / "date.npz").outline()


def idx(folder: Path, compressed: bool, cut: int = 0, labels: int = 12) -> Idx:
    suffix = ".gz" if compressed else ""
    source = Idx(folder / f"images{suffix}", folder / f"labels{suffix}")
    for path, array in ((source.images, IMAGES), (source.labels, LABELS[:labels])):
        content = idx_bytes(array)
        path.write_bytes(gzip.compress(content) if compressed else content)
    if cut:
        source.images.write_bytes(source.images.read_bytes()[:-cut])
    return source


@pytest.mark.parametrize("compressed", [False, True])
def test_a_pair_of_idx_files_is_read(tmp_path: Path, compressed: bool) -> None:
    source = idx(tmp_path, compressed)
    assert (source.outline().classes, source.outline().per_class) == (("0", "1", "2", "3"), (3, 3, 3, 3))
    found = source.gather(Rules())
    np.testing.assert_array_equal(found.images, IMAGES)
    np.testing.assert_array_equal(found.labels, LABELS)


def test_an_idx_file_that_is_truncated_or_does_not_fit_is_refused(tmp_path: Path) -> None:
    assert "images.gz: the gzip file is truncated" in refused(idx(tmp_path, True, cut=20))
    assert "images: 239 values, but dimensions (12, 5, 4) ask for 240" in refused(idx(tmp_path, False, cut=1))
    assert "12 images but 11 labels" in refused(idx(tmp_path, False, labels=11))
    turned = Idx(tmp_path / "labels", tmp_path / "images")
    assert "labels" in refused(turned) or "magic" in refused(turned)
    with pytest.raises(UserError, match="label: no such file. Did you mean"):
        Idx(tmp_path / "images", tmp_path / "label").outline()
