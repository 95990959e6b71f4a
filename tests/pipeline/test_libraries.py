"""What DVC does when another version of a library is installed, and no file of the project has changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from copies import LIBRARIES, Copy

from bythebook.documents import read_json


def test_a_new_tensorflow_makes_the_stages_stale_that_use_it_and_no_other(
    made_copy: Callable[..., Copy], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    copy = made_copy("upgraded")
    folder = copy.folder / "data" / "code"
    assert copy.repro("code").stages_run == [LIBRARIES, "code"]
    before = {path.name: read_json(path) for path in folder.iterdir()}
    assert copy.repro("code").stages_run == [LIBRARIES]

    (tmp_path / "tensorflow-99.0.dist-info").mkdir()
    (tmp_path / "tensorflow-99.0.dist-info" / "METADATA").write_text("Name: tensorflow\nVersion: 99.0\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    assert copy.repro("code").stages_run == [LIBRARIES, "code"]
    after = {path.name: read_json(path) for path in folder.iterdir()}
    users = {name for name, content in before.items() if "tensorflow" in content["libraries"]}
    assert {"train.json", "search.json", "evaluate.json"} <= users
    assert {"download.json", "standardize.json", "split_tasks.json"} <= before.keys() - users
    assert {name for name in before if before[name] != after[name]} == users
    assert {after[name]["libraries"]["tensorflow"] for name in users} == {"99.0"}
    assert all(before[name]["files"] == after[name]["files"] for name in before)
