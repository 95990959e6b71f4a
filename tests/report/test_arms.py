"""How the recipes of a suite compare, where some of them have no accuracy."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from made_records import run_record

from bythebook.records.suite import Entry, Suite
from bythebook.report.arms import arms, behind, ranked


def entry(name: str, seed: int, status: str = "finished", **final: float) -> Entry:
    record = run_record(seed=seed, status=status, final={"epoch": 0, **final} if final else None)
    return Entry(name, "", seed, record.key, {}, Path(), record)


def test_one_lucky_survivor_stands_behind_those_that_finished_with_every_seed() -> None:
    entries = [entry("lucky", 0, val_accuracy=0.9), entry("lucky", 1, "diverged"), entry("never", 0, "diverged")]
    entries += [entry(name, seed, val_accuracy=value) for name, value in (("a", 0.7), ("b", 0.8)) for seed in (0, 1)]
    sources: Any = SimpleNamespace(evaluation=SimpleNamespace(recipes={}))
    order = ranked(arms(sources, Suite("s", "train@s", "digits", "", {}, tuple(entries))))
    assert [arm.name for arm in order] == ["b", "a", "lucky", "never"]


def test_a_net_that_reconstructs_pixels_stands_last_and_is_compared_with_none() -> None:
    entries = [entry("restored", seed, val_loss=0.1) for seed in (0, 1)]
    entries += [entry(name, seed, val_accuracy=value) for name, value in (("a", 0.8), ("b", 0.9)) for seed in (0, 1)]
    sources: Any = SimpleNamespace(evaluation=SimpleNamespace(recipes={}))
    order = ranked(arms(sources, Suite("s", "transfer@s", "digits", "", {}, tuple(entries))))
    assert [arm.name for arm in order] == ["b", "a", "restored"]
    assert order[-1].validation is None and order[-1].by_seed("val_loss") == {0: 0.1, 1: 0.1}
    assert [(gap.arm.name, len(gap.values)) for gap in behind(order)] == [("a", 2), ("restored", 0)]
