"""Every kind of comparison finds what is there, and its opposite."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from made import comparison, entry, grid, measured, probe
from made_records import changed, made_rows, run_record
from pydantic import ValidationError

from bythebook.claims.finding import Finding
from bythebook.claims.kinds import KINDS
from bythebook.claims.measurements import METRICS, Measurements

LOW, HIGH = [1.0, 1.1, 0.9, 1.05], [3.0, 3.2, 2.9, 3.1]
SPREAD = probe(low=LOW, high=HIGH, other=[1.02, 1.08, 0.95, 1.0], middle=[2.0, 2.1, 1.9, 2.05])

Case = tuple[str, dict[str, Any], dict[str, Any]]
# Kind, fields under which the claim is right, fields under which it is wrong.
CASES: list[Case] = [
    ("difference", {"more": "probe/high", "less": "probe/low"}, {"more": "probe/low", "less": "probe/high"}),
    (
        "difference",
        {"more": "probe/high", "less": "probe/low", "margin": 1.5},
        {"more": "probe/high", "less": "probe/low", "margin": 2.5},
    ),
    (
        "ratio",
        {"more": "probe/high", "less": "probe/low", "times": 2.5},
        {"more": "probe/high", "less": "probe/low", "times": 3.5},
    ),
    (
        "ratio",
        {"more": "probe/high", "less": "probe/low", "times": 2.5, "at_most": 3.5},
        {"more": "probe/high", "less": "probe/low", "times": 1.5, "at_most": 2.5},
    ),
    (
        "equal",
        {"first": "probe/low", "second": "probe/other", "within": 0.3},
        {"first": "probe/low", "second": "probe/high", "within": 0.3},
    ),
    ("level", {"of": "probe/low", "at_least": 0.5}, {"of": "probe/low", "at_least": 1.5}),
    ("level", {"of": "probe/low", "at_most": 1.5}, {"of": "probe/low", "at_most": 0.5}),
    (
        "level",
        {"of": "probe/low", "at_least": 0.5, "at_most": 1.5},
        {"of": "probe/high", "at_least": 0, "at_most": 1.5},
    ),
    (
        "order",
        {"best_first": ["probe/high", "probe/middle", "probe/low"]},
        {"best_first": ["probe/low", "probe/middle", "probe/high"]},
    ),
    (
        "order",
        {"best_first": ["probe/low", "probe/middle", "probe/high"], "larger_is_better": False},
        {"best_first": ["probe/high", "probe/middle", "probe/low"], "larger_is_better": False},
    ),
    (
        "slope",
        {"of": ["probe/low", "probe/middle", "probe/high"], "against": [1, 2, 3], "exponent": 1, "tolerance": 0.3},
        {"of": ["probe/low", "probe/middle", "probe/high"], "against": [1, 2, 3], "exponent": -1, "tolerance": 0.3},
    ),
]


def sure(p: float | None) -> bool:
    return p is not None and p < 0.025


def test_every_kind_has_a_case() -> None:
    own = {"share", "sooner", "steadier", "window", "largest", "near"}
    of_studies = {"tasks", "standout"}  # tests/claims/test_studies.py
    assert {case[0] for case in CASES} | own | of_studies == set(KINDS)


@pytest.mark.parametrize(("kind", "right", "wrong"), CASES)
def test_what_is_right_is_found_right_and_what_is_wrong_wrong(kind: str, right: Any, wrong: Any) -> None:
    found = comparison(kind, by="x", **_floats(right)).find(SPREAD)
    assert sure(found.p_for) and not sure(found.p_against)
    found = comparison(kind, by="x", **_floats(wrong)).find(SPREAD)
    assert sure(found.p_against) and not sure(found.p_for)


def _floats(fields: dict[str, Any]) -> dict[str, Any]:
    numbers = {key: float(value) for key, value in fields.items() if type(value) is int}
    lists = {"against": [float(value) for value in fields["against"]]} if "against" in fields else {}
    return {**fields, **numbers, **lists}


def test_a_share_counts_seeds_and_what_diverged_reaches_nothing() -> None:
    runs = [entry({}, seed, [0.1]) for seed in range(20)]
    all_well = measured({"suite/arm": runs})
    some_diverged = measured({"suite/arm": [*runs[:8], *(entry({}, seed, [0.1], "diverged") for seed in range(8, 20))]})
    fields = {"of": "suite/arm", "by": "validation_accuracy", "at_least": 0.8}
    assert sure(comparison("share", **fields, more_than=0.7).find(all_well).p_for)
    assert sure(comparison("share", **fields, more_than=0.7).find(some_diverged).p_against)
    assert sure(comparison("share", **fields, less_than=0.7).find(some_diverged).p_for)
    assert comparison("share", **fields, less_than=0.7).find(some_diverged).effect == 0.4


def curves(fast: list[float], slow: list[float]) -> Measurements:
    noise = (0.0, 0.001, 0.002)
    return measured(
        {
            "suite/fast": [entry({}, seed, [value + extra for value in fast]) for seed, extra in enumerate(noise)],
            "suite/slow": [entry({}, seed, [value + extra for value in slow]) for seed, extra in enumerate(noise)],
        }
    )


def test_sooner_counts_the_epochs_to_the_others_best() -> None:
    made = comparison("sooner", faster="suite/fast", slower="suite/slow", share=0.6)
    found = made.find(curves([0.5, 0.2, 0.1, 0.1], [0.8, 0.6, 0.4, 0.3]))
    assert found.effect == pytest.approx(2.0)
    assert sure(found.p_for)
    never = made.find(curves([0.9, 0.9, 0.9, 0.9], [0.8, 0.6, 0.4, 0.3]))
    assert never.effect == pytest.approx(4 / 5)
    assert sure(never.p_against)


def test_only_seeds_that_finished_on_both_sides_are_paired() -> None:
    made = measured(
        {
            "suite/a": [entry({}, seed, [0.1 + seed / 100]) for seed in (0, 1, 2, 3)],
            "suite/b": [entry({}, 0, [0.2]), entry({}, 1, [0.2], "diverged"), entry({}, 3, [0.25])],
        }
    )
    found = comparison("difference", more="suite/a", less="suite/b", by="test_accuracy").find(made)
    assert found.n == 2
    assert found.effect == pytest.approx((0.1 + 0.12) / 2)


def test_every_metric_of_a_run_is_a_number() -> None:
    made = measured({"suite/a": [entry({}, 0, [0.4, 0.1, 0.2])]})
    assert len(METRICS) > 5
    known = {name: made.by_seed("suite/a", name) for name in METRICS}
    assert known["best_validation_loss"] == {0: 0.1}
    assert known["validation_loss"] == {0: 0.2}
    assert known["test_error"] == {0: pytest.approx(0.19)}
    assert known["generalization_gap"] == {}


def test_a_net_that_reconstructs_images_has_no_accuracy() -> None:
    rows = [{name: value for name, value in row.items() if "accuracy" not in name} for row in made_rows([0.2, 0.1])]
    run = replace(entry({}, 0, []), record=run_record({}, 0, rows))
    found = Measurements({"made/net": [run]}, {}, {})
    assert found.by_seed("made/net", "best_validation_accuracy") == {}
    assert found.by_seed("made/net", "best_validation_loss") == {0: 0.1}


def test_the_steadier_of_two_varies_less() -> None:
    wild = [1.0, 2.0, 0.0, 3.0, -1.0, 1.5, 0.5, 2.5]
    made = probe(calm=[1.0 + value / 100 for value in wild], wild=wild)
    found = comparison("steadier", steadier="probe/calm", other="probe/wild", by="x").find(made)
    assert found.effect == pytest.approx(10_000) and sure(found.p_for)
    assert found.low is not None and found.high is not None and found.low < 10_000 < found.high
    assert sure(comparison("steadier", steadier="probe/wild", other="probe/calm", by="x").find(made).p_against)
    assert comparison("steadier", steadier="probe/a", other="probe/a", by="x").find(probe(a=[1.0])).p_for is None


def test_a_window_counts_what_comes_close_to_the_best_of_its_grid() -> None:
    made = grid(a=[0.9, 0.9, 0.9], b=[0.9, 0.89, 0.9], c=[0.9, 0.905, 0.895], d=[0.7, 0.6, 0.5], e=[0.8, 0.8, None])
    wide, narrow = ["suite/a", "suite/b", "suite/c"], ["suite/d", "suite/e"]
    found = comparison("window", by="test_accuracy", wide=wide, narrow=narrow, tolerance=0.02).find(made)
    assert found.effect == 2.0
    assert sure(found.p_for)
    found = comparison("window", by="test_accuracy", wide=narrow, narrow=wide, tolerance=0.02).find(made)
    assert sure(found.p_against)


def test_the_largest_rate_is_the_largest_that_still_learns() -> None:
    fields = {"rates": [0.01, 0.1, 1.0], "at_least": 0.5, "by": "test_accuracy", "times": 5.0}
    made = grid(a=[0.8, 0.8], b=[0.8, 0.8], c=[0.7, 0.7], d=[0.8, 0.8], e=[0.2, None], f=[None, None])
    high, low = ["suite/a", "suite/b", "suite/c"], ["suite/d", "suite/e", "suite/f"]
    found = comparison("largest", larger=high, smaller=low, **fields).find(made)
    assert found.effect == pytest.approx(100)
    assert sure(found.p_for)
    found = comparison("largest", larger=low, smaller=high, **fields).find(made)
    assert found.effect == pytest.approx(0.01)
    nowhere = ["suite/f", "suite/f", "suite/f"]
    assert comparison("largest", larger=nowhere, smaller=low, **fields).find(made).effect == pytest.approx(0.5)


def test_a_found_rate_is_near_the_best_of_the_grid_or_not() -> None:
    made = grid(a=[0.8, 0.8, 0.7], b=[0.9, 0.9, 0.9], c=[0.85, None, 0.8], found=[0.9, 0.9, 0.9])
    for seed, rate in enumerate([0.09, 0.1, 0.12]):
        runs = made.runs["suite/found"]
        test = {"learning_rate": rate, "rates": [], "losses": []}
        runs[seed] = replace(runs[seed], record=changed(runs[seed].record, range_test=test))
    fields = {"grid": ["suite/a", "suite/b", "suite/c"], "by": "validation_accuracy", "times": 3.0}
    found = comparison("near", of="suite/found", rates=[0.01, 0.1, 1.0], **fields).find(made)
    assert found.effect == pytest.approx((0.9 * 1.0 * 1.2) ** (1 / 3))
    assert sure(found.p_for)
    assert sure(comparison("near", of="suite/found", rates=[0.01, 1.0, 10.0], **fields).find(made).p_against)
    # What made no range test found nothing.
    assert comparison("near", of="suite/a", rates=[0.01, 0.1, 1.0], **fields).find(made).n == 0


def test_the_best_on_validation_stands_for_a_side() -> None:
    made = grid(a=[0.8, 0.81], b=[0.9, 0.91], c=[0.85, 0.84])
    made = Measurements(made.runs, {**made.tests, "suite/a/seed-0": {"accuracy": 0.99}}, {})
    found = comparison("difference", more=["suite/a", "suite/b"], less="suite/c", by="test_accuracy").find(made)
    assert found.effect == pytest.approx(0.06)
    assert found.note == "chosen on validation: suite/b and suite/c"


def test_variants_of_a_recipe_are_arms_of_their_own() -> None:
    runs = [entry({}, seed, [0.2]) for seed in range(3)]
    variants = {"variants": {"mc": {"accuracy": 0.95}}}
    tests = {f"suite/a/seed-{seed}": {"accuracy": 0.9 + seed / 100, **variants} for seed in range(3)}
    made = Measurements({"suite/a": runs}, tests, {})
    better = comparison("difference", more="suite/a@mc", less="suite/a", by="test_accuracy")
    assert better.problems(made) == []
    assert better.find(made).effect == pytest.approx(0.04)
    (problem,) = comparison("level", of="suite/a@mk", at_least=0.5, by="test_accuracy").problems(made)
    assert problem == "unknown variant of suite/a 'mk'. Did you mean 'mc'? Allowed: mc."


def test_a_ratio_of_what_is_not_above_zero_is_not_one() -> None:
    made = probe(a=[1.0, 0.0], b=[1.0, 1.0])
    assert comparison("ratio", more="probe/a", less="probe/b", by="x").find(made) == Finding(
        n=2, note="a ratio needs values above zero"
    )


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("level", {"of": "probe/a", "by": "x"}),
        ("share", {"of": "probe/a", "by": "x", "at_least": 1.0}),
        ("share", {"of": "probe/a", "by": "x", "at_least": 1.0, "more_than": 0.1, "less_than": 0.9}),
        ("slope", {"of": ["a/a", "a/b", "a/c"], "against": [1.0], "by": "x", "exponent": 1.0, "tolerance": 0.1}),
        ("equal", {"first": "a/a", "second": "a/b", "by": "x", "within": 0.0}),
        ("ratio", {"more": "a/a", "less": "a/b", "by": "x", "times": 2.0, "at_most": 2.0}),
    ],
)
def test_what_makes_no_sense_is_refused(kind: str, fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        comparison(kind, **fields)
