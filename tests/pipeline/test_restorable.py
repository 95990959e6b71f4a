"""What a colleague has pushed is used: a clone that pulls trains what it edits, and believes no damaged file."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from copies import OWN, Copy, write_own_data

from bythebook.records.suite import read_suite

pytestmark = pytest.mark.xdist_group("pipeline")
SUITE = Path("runs/suites/activations")


@pytest.fixture
def clone(finished: Copy, made_copy: Callable[..., Copy], tmp_path: Path) -> Iterator[Copy]:
    """A copy without results of its own that has pulled those of the finished one from a DVC remote."""
    copy = made_copy("clone", OWN)
    write_own_data(copy.folder)
    for each in (finished, copy):
        each.dvc("remote", "add", "--local", "--default", "shared", str(tmp_path / "remote"))
    try:
        finished.dvc("push", "--run-cache")
    finally:
        finished.dvc("remote", "remove", "--local", "shared")
    shutil.copy(finished.folder / "dvc.lock", copy.folder)
    copy.dvc("pull", "--run-cache", "--allow-missing")
    yield copy


def test_a_clone_that_pulls_trains_only_what_it_edits(finished: Copy, clone: Copy) -> None:
    assert clone.memo() == {} and (clone.folder / SUITE).is_dir()
    recipes = clone.folder / "pipeline" / "recipes" / "activations.yaml"
    recipes.write_text(recipes.read_text().replace("activation: tanh", "activation: mish"))
    doubtful = SUITE / "elu" / "seed-0" / "record.json"
    _edit_in_cache(clone, doubtful)

    done = clone.repro("train@activations")
    assert done.returncode == 0, done.stdout
    assert "14 runs: 11 already trained, 3 to train" in done.stdout
    assert len(clone.memo()) == 14
    before, after = (read_suite(copy.folder / SUITE).by_name() for copy in (finished, clone))
    assert before.keys() == after.keys() and len(after) == 7
    changed = [name for name in after if [entry.key for entry in after[name]] != [entry.key for entry in before[name]]]
    assert changed == ["tanh"]
    same = [path for path in (finished.folder / SUITE).rglob("*") if path.is_file() and "tanh" not in path.parts]
    same.remove(finished.folder / SUITE / "suite.json")
    assert len(same) == 24
    for path in same:
        assert path.read_bytes() == (clone.folder / path.relative_to(finished.folder)).read_bytes()


def _edit_in_cache(copy: Copy, path: Path) -> None:
    """Changes a number of a record, which is in DVC's cache under the md5 of what it was."""
    content = (copy.folder / path).read_bytes()
    md5 = hashlib.md5(content).hexdigest()
    cached = copy.folder / ".dvc" / "cache" / "files" / "md5" / md5[:2] / md5[2:]
    edited = re.sub(rb'"val_accuracy": [0-9.]+', b'"val_accuracy": 0.999', content)
    assert cached.read_bytes() == content != edited
    cached.chmod(0o644)
    cached.write_bytes(edited)
