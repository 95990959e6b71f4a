"""What a study's accuracies say: gains, verdicts that are corrected, and what holds over tasks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bythebook.documents import canonical_json
from bythebook.records.study import ArmFinding, StudyOutline, StudyTask
from bythebook.transfer.findings import findings

SEEDS = range(5)


def made(
    gains: dict[str, float], labels: tuple[int, ...] = (200,), noise: float = 0.002
) -> tuple[StudyOutline, dict, dict]:
    """A study of so many tasks, each with the classes in its name and a gain, and accuracies of five seeds."""
    chance = np.random.default_rng(0)
    tasks = {
        name: StudyTask(
            names=name.split("_"), declared=False, labels=list(labels), validation=1000, source_validation=1000
        )
        for name in gains
    }
    outline = StudyOutline(name="s", strategies=["from_scratch", "frozen"], tasks=tasks)
    measured: dict[Any, dict[int, float]] = {}
    for name, gain in gains.items():
        for budget in labels:
            for strategy, level in (("from_scratch", 0.9), ("frozen", 0.9 + gain)):
                values = {seed: float(level + chance.normal(0, noise)) for seed in SEEDS}
                measured[name, strategy, budget] = values
    return outline, measured, dict.fromkeys(gains, 1000)


def found(*arguments: Any) -> dict[tuple[str, str, int], ArmFinding]:
    outline, measured, images = arguments
    arms = findings(outline, "accuracy", measured, images).arms
    return {(arm.task, arm.strategy, arm.labels): arm for arm in arms}


def test_an_arm_is_compared_with_the_baseline_seed_by_seed() -> None:
    outline, measured, images = made({"a_b": 0.05})
    del measured["a_b", "frozen", 200][3]
    arm = found(outline, measured, images)["a_b", "frozen", 200]
    own, scratch = measured["a_b", "frozen", 200], measured["a_b", "from_scratch", 200]
    assert arm.seeds == [0, 1, 2, 4]
    assert arm.difference and arm.difference.mean == pytest.approx(np.mean([own[seed] - scratch[seed] for seed in own]))
    errors = [np.mean([1 - values[seed] for seed in own]) for values in (scratch, own)]
    assert arm.error_ratio == pytest.approx(errors[0] / errors[1])
    assert arm.verdict == "supported"
    assert "difference" not in found(outline, measured, images)["a_b", "from_scratch", 200].as_json()


def test_nothing_finished_decides_nothing() -> None:
    outline, measured, images = made({"a_b": 0.05, "c_d": 0.05})
    measured["a_b", "frozen", 200] = {}
    arm = found(outline, measured, images)["a_b", "frozen", 200]
    assert (arm.accuracy, arm.difference, arm.p, arm.verdict) == (None, None, None, "inconclusive")
    assert findings(outline, "accuracy", measured, images).over_tasks == ()
    canonical_json(findings(outline, "accuracy", measured, images).as_json())


def test_the_more_pairs_the_surer_each_must_be() -> None:
    outline, measured, images = made({"a_b": 0.003, **{f"{n}_x": 0.0 for n in range(30)}})
    alone = outline.model_copy(update={"tasks": {"a_b": outline.tasks["a_b"]}})
    before = found(alone, measured, images)["a_b", "frozen", 200]
    after = found(outline, measured, images)["a_b", "frozen", 200]
    assert before.difference == after.difference
    assert before.p is not None and after.p is not None and before.p < 0.05 < after.p
    assert (before.verdict, after.verdict) == ("supported", "inconclusive")


def test_seeds_that_agree_to_the_image_are_not_beyond_doubt() -> None:
    outline, measured, images = made({"a_b": 0.0})
    measured["a_b", "from_scratch", 200] = {0: 0.95, 1: 0.95}
    measured["a_b", "frozen", 200] = {0: 0.951, 1: 0.951}
    arm = found(outline, measured, images)["a_b", "frozen", 200]
    assert arm.p and 0.05 < arm.p < 0.5
    measured["a_b", "frozen", 200] = {0: 0.95, 1: 0.95}
    assert found(outline, measured, images)["a_b", "frozen", 200].verdict == "inconclusive"


def test_over_tasks_pairs_are_counted_by_verdict_and_averaged() -> None:
    gains = {"a_b": 0.04, "a_c": 0.03, "b_c": -0.03, "c_d": 0.0}
    outline, measured, images = made(gains)
    (row,) = findings(outline, "accuracy", measured, images).over_tasks
    assert {key: getattr(row, key) for key in ("strategy", "labels", "tasks", "helps", "hurts", "unclear")} == {
        "strategy": "frozen", "labels": 200, "tasks": 4, "helps": 2, "hurts": 1, "unclear": 1,
    }  # fmt: skip
    assert row.difference.mean == pytest.approx(0.01, abs=0.002)
    assert row.verdict == "inconclusive"
    outline, measured, images = made(dict.fromkeys(("a_b", "a_c", "b_c", "c_d"), 0.03))
    (row,) = findings(outline, "accuracy", measured, images).over_tasks
    assert (row.helps, row.verdict) == (4, "supported")


def test_labels_are_worth_something_where_there_are_several_budgets() -> None:
    outline, measured, images = made({"a_b": 0.04}, labels=(20, 100))
    both = findings(outline, "accuracy", measured, images)
    assert [(row.strategy, row.labels) for row in both.worth] == [("frozen", 20), ("frozen", 100)]
    assert all(row.equal and row.equal.labels == 100 for row in both.worth)
    assert findings(*made({"a_b": 0.04})[:1], "accuracy", measured, images).worth == ()


def test_equal_accuracies_give_equal_bytes() -> None:
    outline, measured, images = made({"a_b": 0.01, "b_c": 0.02}, labels=(20, 100))
    first, second = (canonical_json(findings(outline, "accuracy", measured, images).as_json()) for _ in range(2))
    assert first == second
