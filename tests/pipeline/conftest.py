"""The pipeline as a user runs it - real DVC, real MLflow on SQLite - on the digits, with a small budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from copies import OWN, SMALL, Copy, write_own_data

from bythebook.documents import read_yaml
from pipeline import workspace

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def made_copy(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Copy]:
    """Makes a copy of the pipeline on the digits with a small budget, and with further overrides."""

    # Copies compile the same nets: one folder of programs serves them all.
    compiled = tmp_path_factory.mktemp("compiled")

    def make(name: str, overrides: Mapping[str, Any] | None = None) -> Copy:
        target = tmp_path_factory.mktemp(name)
        demo = read_yaml(ROOT / "pipeline" / "demo.yaml")
        wanted = workspace.merged(workspace.merged(demo, SMALL), overrides or {})
        workspace.create(ROOT, target, wanted)
        (target / ".work").mkdir(exist_ok=True)
        (target / ".work" / "compiled").symlink_to(compiled, target_is_directory=True)
        return Copy(target, wanted)

    return make


@pytest.fixture(scope="session")
def finished(made_copy: Callable[..., Copy]) -> Copy:
    """A copy whose pipeline has run to its end, once for all tests."""
    copy = made_copy("finished", OWN)
    write_own_data(copy.folder)
    done = copy.repro()
    assert done.returncode == 0, done.stdout
    return copy


@pytest.fixture(autouse=True)
def own_tracking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every copy tracks into its own store, whatever the user's environment says."""
    for name in ("MLFLOW_TRACKING_URI", "BYTHEBOOK_MIRROR"):
        monkeypatch.delenv(name, raising=False)
