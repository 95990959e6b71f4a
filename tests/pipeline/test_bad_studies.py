"""Mistakes in a transfer study, each through the stage that meets it: a clear error, and nothing half-written."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from copies import Copy, refused


@pytest.fixture(scope="module")
def copy(made_copy: Callable[..., Copy]) -> Copy:
    """A copy that has its data."""
    made = made_copy("studies")
    for stage in (("download", "digits"), ("standardize", "digits")):
        done = made.run(*stage)
        assert done.returncode == 0, done.stderr
    return made


@pytest.mark.parametrize(
    ("old", "new", "stage", "parts"),
    [
        (
            "labels: [200]",
            "labels: [0, 200]",
            "split_tasks",
            ["all_pairs.yaml: labels: whole numbers from 1 on are expected; given [0, 200]."],
        ),
        ("pairs: all", "pairs: [three_vs_nine]", "split_tasks", ["pairs: unknown task 'three_vs_nine'. Did you mean"]),
        (
            "[from_scratch, freeze_then_finetune]",
            "[from_scrach, freeze_then_finetune]",
            "transfer",
            ["all_pairs.yaml: strategies.0: unknown strategy 'from_scrach'. Did you mean 'from_scratch'?"],
        ),
    ],
)
def test_mistakes_in_studies(copy: Copy, old: str, new: str, stage: str, parts: list[str]) -> None:
    path = copy.folder / "pipeline" / "transfers" / "all_pairs.yaml"
    original, before = path.read_text(), copy.outputs()
    assert old in original
    try:
        path.write_text(original.replace(old, new, 1))
        refused(copy.run(stage, *(["all_pairs"] if stage == "transfer" else [])), *parts)
        refused(copy.run("cli", "check"), *parts)
    finally:
        path.write_text(original)
    assert copy.outputs() == before
    assert copy.memo() == {}


def test_more_labels_than_a_task_has_are_refused_with_what_it_has(copy: Copy) -> None:
    path = copy.folder / "pipeline" / "transfers" / "all_pairs.yaml"
    original, before = path.read_text(), copy.outputs()
    try:
        path.write_text(original.replace("labels: [200]", "labels: [200, 5000]"))
        said = "all_pairs.yaml: labels: 5000 training images asked for: three_vs_eight has"
        refused(copy.run("split_tasks"), said)
    finally:
        path.write_text(original)
    assert copy.outputs() == before
