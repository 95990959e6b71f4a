from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bythebook.errors import UserError
from bythebook.passwords import hide
from bythebook.tracking import resolve
from bythebook.tracking.addresses import sqlite_file
from bythebook.tracking.connection import connect


def test_the_default_is_a_file_with_an_absolute_address(tmp_path: Path) -> None:
    assert resolve(None, tmp_path) == resolve("", tmp_path) == f"sqlite:///{tmp_path}/mlflow.db"


def test_relative_files_start_from_the_root(tmp_path: Path) -> None:
    assert resolve("sqlite:///runs/mine.db", tmp_path) == f"sqlite:///{tmp_path}/runs/mine.db"
    assert resolve("sqlite:////var/mine.db", tmp_path) == "sqlite:////var/mine.db"


@pytest.mark.parametrize("name", ["a?b", "a%20b", "a b", "a#b", "größe", "a&b=c+d"])
def test_the_address_names_the_file_whatever_its_folder_is_called(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    address = resolve(None, folder)
    assert sqlite_file(address) == Path(str(make_url(address).database)) == folder / "mlflow.db"
    assert resolve(address, tmp_path) == address and hide(address) == address


def test_a_folder_of_any_name_can_have_the_store_and_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "a?b %20c#d größe"
    store = connect(resolve(None, folder))
    run = store.client.create_run(store.experiment("digits"))
    store.client.log_text(run.info.run_id, "said", "file.txt")
    assert [file.path for file in store.client.list_artifacts(run.info.run_id)] == ["file.txt"]
    assert {path.name for path in folder.iterdir()} == {"mlflow.db", "mlruns"}
    assert [path.read_text() for path in (folder / "mlruns" / "digits").rglob("file.txt")] == ["said"]
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("address", ["http://tracking:5000", "https://a/b", "postgresql+psycopg2://me:x@db/runs"])
def test_servers_are_taken_as_they_are(address: str, tmp_path: Path) -> None:
    assert resolve(address, tmp_path) == address


@pytest.mark.parametrize("address", ["file:///tmp/mlruns", "./mlruns", "databricks", "ftp://x", "sqlite://", "http://"])
def test_what_cannot_be_a_store_is_refused_with_what_can(address: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="sqlite:///PATH"):
        resolve(address, tmp_path)


def test_importing_the_package_imports_no_mlflow() -> None:
    code = "import sys, bythebook.tracking; print([m for m in ('mlflow', 'tensorflow', 'scipy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
