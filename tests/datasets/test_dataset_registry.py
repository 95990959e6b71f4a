from __future__ import annotations

import gzip
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from bythebook.datasets.dataset import Dataset, dataset
from bythebook.datasets.download import download
from bythebook.datasets.registry import datasets, find
from bythebook.errors import DataError, UserError

NAMES = sorted(datasets())


def test_the_known_datasets_are_registered() -> None:
    assert {"digits", "fashion_mnist", "mnist", "notmnist", "notmnist_png"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_dataset_declares_what_is_needed(name: str) -> None:
    own = find(name)
    assert isinstance(own, Dataset)
    assert own.name == name
    assert own.summary
    assert len(set(own.classes)) == len(own.classes) >= 2
    assert own.files
    for file in own.files:
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        assert file.size > 0
    # What no public address holds comes from a mirror, and says from which folder of it.
    assert own.addresses or own.folder
    assert all(re.fullmatch(r"https?://[^ ]+/", address) for address in own.addresses)


def test_an_unknown_dataset_is_named_with_the_nearest() -> None:
    with pytest.raises(UserError, match="unknown dataset 'fashion_minst'. Did you mean 'fashion_mnist'"):
        find("fashion_minst")


def test_a_name_is_taken_once() -> None:
    with pytest.raises(ValueError, match="'digits' is registered twice"):
        dataset(classes=("a", "b"), files=(), addresses=())(datasets()["digits"].read)


def test_the_digits_are_those_of_scikit_learn(tmp_path: Path) -> None:
    digits = find("digits")
    download(digits, tmp_path / "raw", downloads=tmp_path / "kept")
    contents = digits.read(tmp_path / "raw" / "digits")
    expected = load_digits()
    assert contents.test is None
    np.testing.assert_array_equal(contents.train.labels, expected.target)
    np.testing.assert_array_equal(contents.train.images, np.floor(expected.images * 255 / 16 + 0.5).astype(np.uint8))
    assert contents.train.per_class(10) == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert contents.train.images.max() == 255


@pytest.mark.parametrize("table", ["1,2,3\n", "0," * 64 + "x\n", "17," * 64 + "1\n"])
def test_a_digits_file_with_other_content_is_refused(tmp_path: Path, table: str) -> None:
    (tmp_path / "digits.csv.gz").write_bytes(gzip.compress(table.encode()))
    with pytest.raises(DataError, match="digits.csv.gz: "):
        find("digits").read(tmp_path)


def test_looking_at_the_register_imports_nothing_heavy() -> None:
    code = (
        "import sys, bythebook.datasets.registry, bythebook.datasets.download, bythebook.datasets.splits;"
        "print(*sorted({name.split('.')[0] for name in sys.modules} & {'sklearn', 'tensorflow', 'keras', 'pandas'}))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "\n"
