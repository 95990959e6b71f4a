"""From a source of the user's own to the three splits."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from made_data import files_below
from made_own import noise, write_classes, write_image

from bythebook.datasets.preview import write_showcase
from bythebook.datasets.scaling import read_statistics, scaled
from bythebook.datasets.splits import load
from bythebook.datasets.standardize import SplitPlan, standardize
from bythebook.datasets.user.content import digest
from bythebook.datasets.user.folder import Folder
from bythebook.datasets.user.gather import gather, look
from bythebook.datasets.user.raw import own_dataset
from bythebook.datasets.user.source import Rules
from bythebook.datasets.user.table import Table
from bythebook.documents import read_json
from bythebook.errors import DataError, UserError

AS_THEY_ARE = Rules()
FEW = SplitPlan("stratified", 0.2, 0.2, 42)


def cut(source: Folder | Table, folder: Path, plan: SplitPlan = FEW, rules: Rules = AS_THEY_ARE) -> Path:
    gather("pets", source, rules, folder / "raw")
    standardize(own_dataset(folder / "raw", "pets"), folder / "raw", folder / "out", plan, 0.01)
    return folder / "out"


def test_three_images_of_a_class_are_one_for_each_split(tmp_path: Path) -> None:
    out = cut(Folder(write_classes(tmp_path / "pets", 3)), tmp_path)
    card = read_json(out / "card.json")
    assert card["classes"] == ["cat", "dog"]
    assert {name: part["per_class"] for name, part in card["splits"].items()} == {
        "train": [1, 1],
        "validation": [1, 1],
        "test": [1, 1],
    }


@pytest.mark.parametrize("share", [0.001, 0.2, 0.9])
@pytest.mark.parametrize("rare", [3, 7])
def test_a_rare_class_is_in_every_split(tmp_path: Path, rare: int, share: float) -> None:
    folder = write_classes(tmp_path / "pets", 60, ("cat",))
    write_classes(folder, rare, ("dog",), first=100)
    plan = SplitPlan("stratified", 0.2, share, 42)
    per_class = read_json(cut(Folder(folder), tmp_path, plan) / "card.json")["splits"]
    assert min(part["per_class"][1] for part in per_class.values()) >= 1
    assert sum(part["per_class"][1] for part in per_class.values()) == rare


def test_a_class_with_two_images_is_refused(tmp_path: Path) -> None:
    folder = write_classes(tmp_path / "pets", 3)
    (folder / "dog" / "0.png").unlink()
    said = "datasets.pets: class 'dog' has 2 images; train, validation and test need one each."
    for refused in (lambda: look("pets", Folder(folder)), lambda: cut(Folder(folder), tmp_path)):
        with pytest.raises(UserError) as raised:
            refused()
        assert raised.value.problems == (said,)
    assert not (tmp_path / "raw").exists()


def test_a_class_that_is_mostly_copies_is_refused_and_the_copies_are_counted(tmp_path: Path) -> None:
    folder = write_classes(tmp_path / "pets", 3)
    for number in range(3):
        write_image(folder / "dog" / f"{number}.png", noise(77))
    with pytest.raises(UserError, match="train split, without 1 copies: class 'dog' has no image"):
        cut(Folder(folder), tmp_path)


def test_many_classes_that_are_too_small_are_counted(tmp_path: Path) -> None:
    rows = "\n".join(f"{number},class{number}" for number in range(40))
    (tmp_path / "t.csv").write_text(f"x,y\n{rows}\n")
    with pytest.raises(UserError) as raised:
        look("prices", Table(tmp_path / "t.csv", "y"))
    assert len(raised.value.problems) == 6
    assert raised.value.problems[-1] == "datasets.prices: 35 further classes of 40 have too few."


def test_the_order_is_that_of_the_images_and_not_of_their_names(tmp_path: Path) -> None:
    folder = write_classes(tmp_path / "pets", 20)
    gather("pets", Folder(folder), Rules(), tmp_path / "raw")
    before = files_below(tmp_path / "raw")
    labels = np.load(tmp_path / "raw" / "pets" / "labels.npy")
    assert 0 < labels[:10].sum() < 10
    for number, path in enumerate(sorted((folder / "cat").iterdir())):
        path.rename(path.with_name(f"new{99 - number}.png"))
    gather("pets", Folder(folder), Rules(), tmp_path / "raw")
    assert files_below(tmp_path / "raw") == before


def test_the_card_says_what_was_left_out_and_converted(tmp_path: Path) -> None:
    folder = write_classes(tmp_path / "pets", 9)
    (folder / "cat" / "cut.png").write_bytes(b"\x89PNG")
    write_image(folder / "dog" / "large.png", noise(60, (12, 10)))
    out = cut(Folder(folder), tmp_path, rules=Rules(size=(6, 5), mixed="convert", unreadable=0.1))
    card = read_json(out / "card.json")
    assert card["unreadable"] == 1
    assert card["source"] == {
        "kind": "folder",
        "unreadable": ["cat/cut.png"],
        "converted": {"size": 1, "mode": 0},
        "features": [],
    }


def test_colour_is_kept_and_scaled_by_pixel_and_channel(tmp_path: Path) -> None:
    for number in range(12):
        write_image(tmp_path / "pets" / "ab"[number % 2] / f"{number}.png", noise(number, (6, 5, 3)))
    out = cut(Folder(tmp_path / "pets"), tmp_path, rules=Rules(mode="rgb"))
    train = np.load(out / "train" / "images.npy")
    assert train.shape == (8, 6, 5, 3)
    loaded = load(out, "train", "standardized").images
    np.testing.assert_allclose(loaded, (train - train.mean(axis=0)) / np.maximum(train.std(axis=0), 2.55), atol=1e-4)
    write_showcase(out, tmp_path / "shown")
    assert np.load(tmp_path / "shown" / "images.npy").shape == (8, 6, 5, 3)


def test_features_are_scaled_by_the_training_lines(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    lines = [f"{random.normal(1e9, 10)},{random.normal()},7,{'ab'[number % 2]}" for number in range(40)]
    (tmp_path / "t.csv").write_text("\n".join(["time,x,same,kind", *lines]))
    out = cut(Table(tmp_path / "t.csv", "kind"), tmp_path)
    train = np.load(out / "train" / "images.npy")
    unit = load(out, "train", "unit").images
    assert unit.dtype == np.float32 and unit.shape == (24, 3)
    np.testing.assert_allclose(unit[:, :2].min(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(unit[:, :2].max(axis=0), 1, atol=1e-6)
    assert not unit[:, 2].any()
    statistics = read_statistics(out / "statistics.npz")
    standardized = scaled(train, "standardized", statistics)
    np.testing.assert_allclose(standardized.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(standardized.std(axis=0), [1, 1, 0], atol=1e-5)
    card = read_json(out / "card.json")
    assert (card["shape"], card["source"]["features"]) == ([3], ["time", "x", "same"])
    write_showcase(out, tmp_path / "shown")
    assert set(files_below(tmp_path / "shown")) == {"card.json"}


@pytest.mark.parametrize("change", ["content", "name", "new", "gone"])
def test_a_digest_follows_what_is_in_a_folder(tmp_path: Path, change: str) -> None:
    folder = write_classes(tmp_path / "pets")
    before = digest(folder)
    assert before["files"] == 8 and digest(folder) == before
    shutil.copytree(folder, tmp_path / "elsewhere")
    assert digest(tmp_path / "elsewhere") == before
    file = folder / "cat" / "0.png"
    {
        "content": lambda: file.write_bytes(file.read_bytes() + b"\0"),
        "name": lambda: file.rename(file.with_name("z.png")),
        "new": lambda: (folder / "dog" / "z.png").write_bytes(b""),
        "gone": file.unlink,
    }[change]()
    assert digest(folder) != before
    assert digest(folder / "dog" / "1.png")["files"] == 1
    with pytest.raises(UserError, match="no such file or folder"):
        digest(folder / "bird")


def test_one_class_alone_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,kind\n1,a\n2,a\n3,a\n")
    with pytest.raises(DataError, match="datasets.t: has one class, 'a'; at least 2 are needed."):
        look("t", Table(tmp_path / "t.csv", "kind"))
