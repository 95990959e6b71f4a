"""Claims about all tasks of a transfer study, and what happens where its tasks were not run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from made import claim, comparison, entry, measured
from pydantic import ValidationError

from bythebook.claims.fairness import check_declared, unfair
from bythebook.claims.judgement import judge
from bythebook.claims.measurable import Measurable
from bythebook.claims.measurements import Measurements
from bythebook.claims.write import waiting
from bythebook.errors import Problems, UserError

SIDES = {"more": "study/*.new.200", "less": "study/*.from_scratch.200", "by": "validation_accuracy"}
NOISE = (0.0, 0.001, 0.002, 0.0005)


def study(gains: Mapping[str, float], **recipe: Any) -> Measurements:
    """Every task with four seeds from scratch, and with a strategy that gains so much."""
    runs = {}
    for at, (task, gain) in enumerate(gains.items()):
        base = [0.2 + extra for extra in NOISE]
        runs[f"study/{task}.from_scratch.200"] = [entry({}, seed, [loss]) for seed, loss in enumerate(base)]
        turned = [loss - gain + 0.0003 * ((seed + at) % 3) for seed, loss in enumerate(base)]
        runs[f"study/{task}.new.200"] = [entry(recipe, seed, [loss]) for seed, loss in enumerate(turned)]
        runs[f"study/{task}.model_a"] = [entry({}, 0, [0.1])]
    return measured(runs)


def test_tasks_counts_those_that_gain_for_sure() -> None:
    most = study({**{f"pair_0_{n}": 0.05 for n in range(1, 9)}, "pair_1_2": -0.05, "pair_1_3": 0.0002})
    found = comparison("tasks", **SIDES, more_than=0.3).find(most)
    assert (found.effect, found.n, found.note) == (0.8, 10, "ahead on 8, behind on 1 of 10")
    assert found.p_for < 0.025
    assert comparison("tasks", **SIDES, less_than=0.3).find(most).p_against < 0.025
    behind = study({f"pair_0_{n}": -0.05 for n in range(1, 9)})
    assert comparison("tasks", **SIDES, less_than=0.5).find(behind).p_for < 0.025
    assert comparison("tasks", **SIDES, more_than=0.5).find(behind).p_against < 0.025


@pytest.mark.parametrize("bound", [{"more_than": 0.5}, {"less_than": 0.5}])
def test_tasks_that_the_seeds_leave_open_are_evidence_for_neither_side(bound: dict[str, float]) -> None:
    found = comparison("tasks", **SIDES, **bound).find(study({f"pair_0_{n}": 0.0002 for n in range(1, 41)}))
    assert found.note == "ahead on 0, behind on 0 of 40"
    assert min(found.p_for, found.p_against) > 0.5
    assert (found.effect, found.high) == (0, 1)


def test_one_seed_says_nothing_about_a_task() -> None:
    runs = {name: entries[:1] for name, entries in study({"a": 0.05, "b": 0.05}).runs.items()}
    found = comparison("tasks", **SIDES, more_than=0.5).find(measured(runs))
    assert (found.effect, found.note) == (None, "no task has two seeds that finished on both sides")


def test_accuracies_on_test_images_are_counted_in_images() -> None:
    runs = {name: entries[:2] for name, entries in study({"a": 0.0, "b": 0.0}).runs.items()}
    for name, loss in (("study/a.new.200", 0.199), ("study/a.from_scratch.200", 0.2)):
        runs[name] = [entry({}, seed, [loss]) for seed in range(2)]
    exact = measured(runs)
    tests = {name: {**found, "images": 1000} for name, found in exact.tests.items()}
    counted = Measurements(exact.runs, tests, {})
    fields = {**SIDES, "by": "test_accuracy", "more_than": 0.5}
    assert comparison("tasks", **fields).find(exact).note.startswith("ahead on 1")
    assert comparison("tasks", **fields).find(counted).note.startswith("ahead on 0")


def test_standout_compares_a_task_with_the_mean_of_the_others() -> None:
    made = study({"showcase": 0.05, "pair_0_1": 0.06, **{f"pair_0_{n}": 0.01 for n in range(2, 9)}})
    found = comparison("standout", of="showcase", **SIDES).find(made)
    assert found.effect == pytest.approx(0.05 - (0.06 + 7 * 0.01) / 8, abs=0.001)
    assert found.p_for < 0.025
    assert found.note == "the gain is number 2 of 9"
    assert comparison("standout", of="pair_0_2", **SIDES).find(made).p_against < 0.025


def test_a_star_stands_for_the_task_alone() -> None:
    with pytest.raises(ValidationError, match="in the place of the task"):
        comparison("tasks", **{**SIDES, "more": "study/pair_0_1.new.200"}, more_than=0.5)
    with pytest.raises(ValidationError, match="either 'more_than' or 'less_than'"):
        comparison("tasks", **SIDES)


def test_recipes_of_any_task_must_be_comparable() -> None:
    compared = comparison("tasks", **SIDES, more_than=0.5)
    fair, other = study({"a": 0.1, "b": 0.1}), study({"a": 0.1, "b": 0.1}, epochs=3)
    assert unfair(compared, fair.recipes) is None
    assert "differ in 'epochs'" in (unfair(compared, other.recipes) or "")
    with pytest.raises(UserError, match="unknown recipe or probe 'study/.*.nwe.200'"):
        judge([claim("C-1", comparison("tasks", **{**SIDES, "more": "study/*.nwe.200"}, more_than=0.5))], fair)


def test_a_misspelt_strategy_is_named_and_a_task_that_is_not_run_is_not() -> None:
    recipes = study({"a": 0.1}).recipes
    problems = Problems()
    claims = [
        claim("C-1", comparison("tasks", **{**SIDES, "more": "study/*.nwe.200"}, more_than=0.5)),
        claim(
            "C-2", comparison("difference", more="study/a.nwe.200", less="study/a.from_scratch.200", by="test_accuracy")
        ),
        claim(
            "C-3", comparison("difference", more="study/z.nwe.200", less="study/z.from_scratch.200", by="test_accuracy")
        ),
        claim("C-4", comparison("tasks", **SIDES, more_than=0.5)),
    ]
    check_declared(claims, Measurable(recipes), "claims.yaml", problems)
    assert len(problems.found) == 2
    assert problems.found[0].startswith("claims.yaml: C-1.comparisons.0: unknown recipe 'study/*.nwe.200'")
    assert "C-2.comparisons.0: unknown recipe 'study/a.nwe.200'. Did you mean 'study/a.new.200'?" in problems.found[1]


@pytest.mark.parametrize(
    ("arm", "waits_for"),
    [
        ("study/a.new.200", None),
        ("study/z.new.200", "tasks that were not run here: study/z"),
        ("elsewhere/z.new.200", "suites or probes that were not run here: elsewhere"),
    ],
)
def test_a_claim_waits_for_a_task_that_was_not_run(arm: str, waits_for: str | None) -> None:
    made = study({"a": 0.1})
    found = waiting(claim("C-1", comparison("level", of=arm, by="validation_accuracy", at_least=0.5)), made)
    assert found.waits_for == waits_for
    assert (found.comparisons == ()) == (waits_for is not None)
