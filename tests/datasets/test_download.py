from __future__ import annotations

from pathlib import Path

import pytest
from made_data import NAMES, dataset_of, files_below, labelled, write_folder
from made_web import WebServer, sending, status

from bythebook.datasets.dataset import Dataset
from bythebook.datasets.download import download
from bythebook.datasets.fetch import Patience
from bythebook.datasets.registry import find
from bythebook.errors import UserError

SHORT = Patience(tries=2, pause=0.01, timeout=1)


@pytest.fixture
def originals(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "originals", labelled(12), labelled(8, seed=1))


def _serve(web: WebServer, folder: str, originals: Path) -> None:
    web.answers |= {f"{folder}/{name}": [sending((originals / name).read_bytes())] for name in NAMES}


def _download(dataset: Dataset, tmp_path: Path, mirror: str | None = None) -> dict[str, bytes]:
    download(dataset, tmp_path / "raw", downloads=tmp_path / "kept", mirror=mirror, patience=SHORT)
    return files_below(tmp_path / "raw" / dataset.name)


def test_public_addresses_are_asked_in_order(web: WebServer, tmp_path: Path, originals: Path) -> None:
    _serve(web, "/second", originals)
    dataset = dataset_of(originals, f"{web.address}/first/", f"{web.address}/second/")
    assert _download(dataset, tmp_path) == files_below(originals)
    # The address that served one file is asked first for the next.
    assert web.asked == [f"/first/{NAMES[0]}", *(f"/second/{name}" for name in NAMES)]


@pytest.mark.parametrize("folder", ["tiny-shapes", "tiny_shapes"])
@pytest.mark.parametrize("over_http", [True, False])
def test_a_mirror_comes_before_the_public_addresses(
    web: WebServer, tmp_path: Path, originals: Path, folder: str, over_http: bool
) -> None:
    _serve(web, f"/mirror/{folder}", originals)
    (tmp_path / "mirror").mkdir()
    originals.rename(tmp_path / "mirror" / folder)
    originals = tmp_path / "mirror" / folder
    dataset = dataset_of(originals, f"{web.address}/public/")
    mirror = f"{web.address}/mirror" if over_http else str(tmp_path / "mirror")
    assert _download(dataset, tmp_path, mirror) == files_below(originals)
    assert not any(path.startswith("/public") for path in web.asked)


def test_what_was_fetched_is_not_fetched_again(web: WebServer, tmp_path: Path, originals: Path) -> None:
    _serve(web, "", originals)
    dataset = dataset_of(originals, web.address)
    _download(dataset, tmp_path)
    asked = len(web.asked)
    # As DVC does before it runs the stage again.
    for path in (tmp_path / "raw" / dataset.name).iterdir():
        path.unlink()
    assert _download(dataset, tmp_path) == files_below(originals)
    assert _download(dataset, tmp_path) == files_below(originals)
    assert len(web.asked) == asked


def test_files_put_into_the_raw_folder_by_hand_are_enough(tmp_path: Path, originals: Path) -> None:
    dataset = dataset_of(originals)
    originals.rename(tmp_path / "by_hand")
    (tmp_path / "raw").mkdir()
    (tmp_path / "by_hand").rename(tmp_path / "raw" / dataset.name)
    before = files_below(tmp_path / "raw")
    assert len(_download(dataset, tmp_path)) == len(NAMES)
    assert files_below(tmp_path / "raw") == before


def test_a_kept_file_that_has_changed_is_fetched_anew(web: WebServer, tmp_path: Path, originals: Path) -> None:
    _serve(web, "", originals)
    dataset = dataset_of(originals, web.address)
    kept = tmp_path / "kept" / dataset.name / NAMES[0]
    kept.parent.mkdir(parents=True)
    content = (originals / NAMES[0]).read_bytes()
    kept.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert _download(dataset, tmp_path) == files_below(originals)
    assert kept.read_bytes() == content


def test_when_every_place_fails_each_is_named_with_its_reason(web: WebServer, tmp_path: Path, originals: Path) -> None:
    _serve(web, "/first", originals)
    web.answers[f"/first/{NAMES[1]}"] = [sending((originals / NAMES[1]).read_bytes()[::-1])]
    web.answers[f"/second/{NAMES[1]}"] = [status(503)]
    dataset = dataset_of(originals, f"{web.address}/first", f"{web.address}/second")
    with pytest.raises(UserError) as raised:
        _download(dataset, tmp_path, str(tmp_path / "nowhere"))
    message = str(raised.value)
    for expected in (
        f"{tmp_path}/nowhere/tiny-shapes/{NAMES[1]}: no such file",
        f"{tmp_path}/nowhere/tiny_shapes/{NAMES[1]}: no such file",
        f"{web.address}/first/{NAMES[1]}: wrong checksum: sha256 is ",
        f"{web.address}/second/{NAMES[1]}: HTTP 503",
        "tiny-shapes/",
        "'mirror' in params.yaml",
        "BYTHEBOOK_MIRROR",
        "make demo",
    ):
        assert expected in message
    # The first file was right and is kept for the next time; the raw folder is whole or absent.
    assert set(files_below(tmp_path / "kept")) == {f"{dataset.name}/{NAMES[0]}"}
    assert not (tmp_path / "raw" / dataset.name).exists()


def test_a_mirror_that_is_neither_folder_nor_web_address_is_refused(tmp_path: Path, originals: Path) -> None:
    with pytest.raises(UserError, match="mirror: 's3://bucket' cannot be used; allowed: a folder, or an http"):
        _download(dataset_of(originals), tmp_path, "s3://bucket")


def test_the_digits_need_no_network(tmp_path: Path) -> None:
    assert set(_download(find("digits"), tmp_path)) == {"digits.csv.gz"}


def test_a_raw_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "raw").write_bytes(b"a file, not a folder")
    with pytest.raises(UserError, match="raw/digits: cannot be written"):
        _download(find("digits"), tmp_path)
