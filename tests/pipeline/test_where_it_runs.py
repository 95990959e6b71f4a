"""What parameters and the environment say about where runs are trained and where searches are kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from source_code import ROOT

from bythebook.errors import UserError
from pipeline import optuna_settings, stage
from pipeline.params_file import read_params

PARAMS = (ROOT / "params.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("studies: null", "studies: postgresql://me:canary@host/studies", "studies: an address without a password is"),
        ("studies: null", "studies: postgresql://host/studies?password=canary", "studies: an address without a"),
        ("studies: null", "studies: mysql://me@host/studies", "studies: an address such as postgresql://user@host"),
        ("executor: local", "executor: rai", "executor: input should be 'local' or 'ray'; given 'rai'."),
        ("address: auto", "address: http://head", "ray.address: auto, the host:port of a cluster's head, or null is"),
        ("address: auto", "address: head", "given 'head'."),
    ],
)
def test_mistakes_are_told_without_a_password(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in PARAMS
    (tmp_path / "params.yaml").write_text(PARAMS.replace(old, new, 1))
    with pytest.raises(UserError) as caught:
        read_params(tmp_path / "params.yaml")
    assert said in str(caught.value) and "canary" not in str(caught.value)


@pytest.mark.parametrize("address", ["auto", "10.0.0.2:6379", "head.example.org:6379", "null"])
def test_clusters_that_can_be_named(tmp_path: Path, address: str) -> None:
    (tmp_path / "params.yaml").write_text(PARAMS.replace("address: auto", f"address: {address}", 1))
    assert read_params(tmp_path / "params.yaml").ray.address == (None if address == "null" else address)


def test_the_environment_overrides_where_searches_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    params = read_params(ROOT / "params.yaml")
    assert optuna_settings.address(params) == f"sqlite:///{(stage.STUDIES / 'studies.db').absolute()}"
    named = params.model_copy(update={"studies": "postgresql://me@host/studies"})
    assert optuna_settings.address(named) == "postgresql://me@host/studies"
    monkeypatch.setenv("BYTHEBOOK_STUDIES", "postgresql://me:secret@host/other")
    assert optuna_settings.address(named) == "postgresql://me:secret@host/other"
