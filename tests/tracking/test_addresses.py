from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bythebook.errors import UserError
from bythebook.tracking import hide, resolve
from bythebook.tracking.addresses import scrub


def test_the_default_is_a_file_with_an_absolute_address(tmp_path: Path) -> None:
    assert resolve(None, tmp_path) == resolve("", tmp_path) == f"sqlite:///{tmp_path}/mlflow.db"


def test_relative_files_start_from_the_root(tmp_path: Path) -> None:
    assert resolve("sqlite:///runs/mine.db", tmp_path) == f"sqlite:///{tmp_path}/runs/mine.db"
    assert resolve("sqlite:////var/mine.db", tmp_path) == "sqlite:////var/mine.db"


@pytest.mark.parametrize("address", ["http://tracking:5000", "https://a/b", "postgresql+psycopg2://me:x@db/runs"])
def test_servers_are_taken_as_they_are(address: str, tmp_path: Path) -> None:
    assert resolve(address, tmp_path) == address


@pytest.mark.parametrize("address", ["file:///tmp/mlruns", "./mlruns", "databricks", "ftp://x", "sqlite://", "http://"])
def test_what_cannot_be_a_store_is_refused_with_what_can(address: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="sqlite:///PATH"):
        resolve(address, tmp_path)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://me:canary@host:5000/x", "http://me:***@host:5000/x"),
        ("postgresql://me:canary@host/db", "postgresql://me:***@host/db"),
        ("postgresql://host/db?user=me&password=canary", "postgresql://host/db?user=me&password=***"),
        ("http://host:5000", "http://host:5000"),
        ("sqlite:////a/b.db", "sqlite:////a/b.db"),
    ],
)
def test_passwords_are_hidden(address: str, shown: str) -> None:
    assert hide(address) == shown
    assert scrub(f"cannot reach {address}", address) == f"cannot reach {shown}"


def test_importing_the_package_imports_no_mlflow() -> None:
    code = "import sys, bythebook.tracking; print([m for m in ('mlflow', 'tensorflow', 'scipy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
