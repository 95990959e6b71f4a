"""Latencies: arms in turns, repetitions that pair them, and what claims ask of them."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from source_code import ROOT

from benchmarks.data import Data
from benchmarks.latency import __main__ as command
from benchmarks.latency import arms, measurements
from benchmarks.latency.measurements import Effort
from benchmarks.latency.turns import milliseconds, rotated
from bythebook.claims.declaration import read_claims
from bythebook.claims.measurements import LATENCY, Measurements
from bythebook.errors import UserError
from pipeline import stage


def test_everybody_begins_in_some_repetition() -> None:
    assert [rotated("abc", by) for by in range(4)] == [list("abc"), list("bca"), list("cab"), list("abc")]


def test_arms_take_turns_and_the_first_call_of_each_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    clock = iter(itertools.accumulate([0.0, 0.001, 1.0, 0.003, 1.0, 0.002, 1.0, 0.008] * 2))
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    calls = {arm: (lambda arm=arm: order.append(arm)) for arm in "ab"}
    found = milliseconds(calls, rounds=2, calls_a_round=2, repetition=1)
    assert "".join(order) == "ab" + "bbaa" * 2
    assert found == {"b": pytest.approx(2.0), "a": pytest.approx(5.0)}


def test_repetitions_are_gathered_by_arm_and_metric() -> None:
    made = [{arm: {metric: float(turn) for metric in own} for arm, own in arms.METRICS.items()} for turn in range(3)]
    found = command.gathered(made)
    assert found.keys() == arms.METRICS.keys()
    assert found["relu"] == {arms.FORWARD: [0.0, 1.0, 2.0], arms.STEP: [0.0, 1.0, 2.0]}
    measured = Measurements.of([], {"runs": {}}, latency={"machine": {}, "arms": found})
    assert measured.by_seed("latency/mc_10", arms.PREDICTION) == {0: 0.0, 1: 1.0, 2: 2.0}


def test_every_arm_that_a_claim_names_is_timed_by_its_metric() -> None:
    named = [
        (arm.partition("/")[2], comparison.by)
        for claim in read_claims(ROOT / stage.CLAIMS)
        for comparison in claim.comparisons
        for arm in comparison.arms
        if arm.startswith(f"{LATENCY}/")
    ]
    assert len(named) > 10
    assert [pair for pair in named if pair[1] not in arms.METRICS.get(pair[0], ())] == []
    assert {arm for arm, _ in named} == arms.METRICS.keys() - arms.SIZES.keys()


def test_multiply_adds_are_related_to_latency_by_ranks_and_by_a_line() -> None:
    made = {arm: {arms.WORK: [1e5 * place], arms.TAIL: [0.1 + 0.2 * place]} for place, arm in enumerate(arms.SIZES)}
    assert "rank correlation 1.00, 2.000 ms per million beyond 0.100 ms (r 1.00)" in command.relation(made)


def test_too_few_repetitions_are_refused_where_results_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--repetitions", "9"]) == 1
    assert "at least 10; given 9" in capsys.readouterr().err
    assert command.QUICK != command.KEPT == ROOT / stage.LATENCY
    with pytest.raises(UserError):
        command._checked(0, quick=True)


def test_a_repetition_times_every_arm(monkeypatch: pytest.MonkeyPatch, tensorflow: None) -> None:
    random = np.random.default_rng(0)
    images, labels = random.standard_normal((64, 28, 28), dtype=np.float32), random.integers(0, 10, 64)
    monkeypatch.setattr(measurements, "load", lambda side, count: Data(images, labels, (images, labels), 10))
    found = measurements.measured(Effort(images=64, epochs=1, single=(1, 1), many=(1, 1)), repetition=1)
    assert {arm: set(own) for arm, own in found.items()} == {arm: set(own) for arm, own in arms.METRICS.items()}
    times = [value for own in found.values() for metric, value in own.items() if metric != arms.WORK]
    assert len(times) > 10 and all(0 < value < math.inf for value in times)
