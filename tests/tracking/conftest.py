"""Real SQLite stores; initialising one takes seconds, so one is made per session and copied."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from seen_store import Seen

from bythebook.tracking import Context, resolve
from bythebook.tracking.connection import connect


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "mlflow.db"
    connect(f"sqlite:///{file}")
    return file


@pytest.fixture
def address(template: Path, tmp_path: Path) -> str:
    """A store of one's own."""
    shutil.copyfile(template, tmp_path / "mlflow.db")
    return resolve(None, tmp_path)


@pytest.fixture
def context() -> Context:
    return Context("c0ffee", True, "train@activations", "exp-lively")


@pytest.fixture
def seen(address: str) -> Seen:
    return Seen(address)
