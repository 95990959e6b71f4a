"""From measurements to verdicts, and what is refused on the way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made import claim, comparison, entry, measured, probe

from bythebook.claims.declaration import read_claims
from bythebook.claims.fairness import check_declared
from bythebook.claims.judgement import counts, judge
from bythebook.claims.measurable import Measurable
from bythebook.claims.measurements import Measurements
from bythebook.claims.write import write_verdicts
from bythebook.documents import read_json, write_json
from bythebook.errors import Problems, UserError

CLAIMS = Path(__file__).resolve().parents[2] / "pipeline" / "claims.yaml"
MADE = probe(low=[1.0, 1.1, 0.9], high=[3.0, 3.3, 2.9], near=[1.01, 1.06, 0.95])
RIGHT = comparison("difference", more="probe/high", less="probe/low", by="x")
WRONG = comparison("difference", more="probe/low", less="probe/high", by="x")
OPEN = comparison("difference", more="probe/near", less="probe/low", by="x")


def test_a_claim_holds_when_all_its_comparisons_do() -> None:
    judged = judge([claim("a", RIGHT), claim("b", RIGHT, WRONG), claim("c", RIGHT, OPEN), claim("d")], MADE)
    verdicts = {name: one["verdict"] for name, one in judged["claims"].items()}
    assert verdicts == {"a": "supported", "b": "refuted", "c": "inconclusive", "d": "not judged"}
    assert counts(judged) == {"supported": 1, "refuted": 1, "inconclusive": 1, "not judged": 1}
    json.dumps(judged, allow_nan=False)


def test_many_comparisons_make_it_harder_to_be_sure() -> None:
    weak = probe(**{name: list(values) for name, values in zip("ab", ([0.5, 0.2, 0.4, 0.05], [0.0] * 4), strict=True)})
    one = comparison("difference", more="probe/a", less="probe/b", by="x")
    random = np.random.default_rng(0)
    noise = probe(**{f"n{index}": list(random.normal(size=4)) for index in range(20)}).probes
    many = [comparison("difference", more=f"probe/n{i}", less=f"probe/n{i + 1}", by="x") for i in range(19)]
    alone = judge([claim("a", one)], weak)["claims"]["a"]["comparisons"][0]
    among = judge([claim("a", one), claim("b", *many)], Measurements({}, {}, {**weak.probes, **noise}))
    assert among["claims"]["a"]["comparisons"][0]["p"] > 2 * alone["p"]
    assert among["claims"]["a"]["comparisons"][0]["effect"] == alone["effect"]


def test_one_seed_is_inconclusive_and_says_why() -> None:
    made = measured({"suite/a": [entry({}, 0, [0.1])], "suite/b": [entry({}, 0, [0.5])]})
    judged = judge([claim("a", comparison("difference", more="suite/a", less="suite/b", by="test_accuracy"))], made)
    assert judged["claims"]["a"]["verdict"] == "inconclusive"
    assert "one seed" in judged["claims"]["a"]["comparisons"][0]["note"]


def test_what_was_not_measured_is_refused_with_the_nearest_name() -> None:
    made = measured({"suite/relu": [entry({}, 0, [0.1])], "suite/elu": [entry({"activation": "elu"}, 0, [0.1])]})
    factor = ["activation"]
    missing = comparison("difference", more="suite/rely", less="suite/elu", by="test_accuracy", factor=factor)
    metric = comparison("difference", more="suite/relu", less="suite/elu", by="test_acuracy", factor=factor)
    with pytest.raises(UserError) as refused:
        judge([claim("a", missing), claim("b", metric)], made)
    assert len(refused.value.problems) == 3
    assert "a.comparisons.0: unknown recipe or probe 'suite/rely'. Did you mean 'suite/relu'?" in str(refused.value)
    assert "Did you mean 'test_accuracy'?" in str(refused.value)


def test_recipes_that_differ_in_more_than_the_factor_are_no_comparison() -> None:
    made = measured(
        {
            "suite/a": [entry({}, 0, [0.1])],
            "suite/b": [entry({"activation": "elu", "optimizer": {"name": "sgd", "learning_rate": 0.5}}, 0, [0.1])],
        }
    )
    confounded = comparison("difference", more="suite/a", less="suite/b", by="test_accuracy", factor=["activation"])
    with pytest.raises(UserError, match="differ in 'optimizer', and may differ in activation"):
        judge([claim("a", confounded)], made)
    problems = Problems()
    check_declared([claim("a", confounded)], Measurable(made.recipes), "claims.yaml", problems)
    assert len(problems.found) == 1 and problems.found[0].startswith(
        "claims.yaml: a.comparisons.0: is not a comparison"
    )
    gone = comparison("difference", more="suite/a", less="suite/c", by="test_accuracy")
    check_declared([claim("b", gone)], Measurable(made.recipes), "claims.yaml", problems)
    assert "unknown recipe 'suite/c'" in problems.found[1]


def test_recipes_on_different_data_are_no_comparison() -> None:
    runs = {"suite/a": [entry({}, 0, [0.1])], "other/b": [entry({}, 0, [0.1], dataset="mnist")]}
    elsewhere = comparison("difference", more="suite/a", less="other/b", by="test_accuracy")
    with pytest.raises(UserError, match="run on digits and mnist"):
        judge([claim("a", elsewhere)], measured(runs))


def test_claims_about_latency_are_judged_where_it_was_measured(tmp_path: Path) -> None:
    claims, references, latency = (tmp_path / name for name in ("claims.yaml", "references.yaml", "latency.json"))
    claims.write_text(
        "a:\n  claim: x\n  source: y\n  comparisons:\n"
        "    - {kind: ratio, more: latency/slow, less: latency/fast, by: milliseconds, times: 1.5, at_most: 2.5}\n"
    )
    references.write_text("{}\n")
    write_json(tmp_path / "evaluation.json", {"runs": {}})

    def judged() -> dict[str, Any]:
        write_verdicts(claims, references, [], tmp_path, [], tmp_path / "out.json", latency)
        found: dict[str, Any] = read_json(tmp_path / "out.json")["claims"]["a"]
        return found

    assert judged()["waits_for"] == "suites or probes that were not run here: latency"
    arms = {"slow": {"milliseconds": [2.0, 4.2, 2.1]}, "fast": {"milliseconds": [1.0, 2.0, 1.1]}}
    write_json(latency, {"machine": {}, "arms": arms})
    assert judged()["verdict"] == "supported"
    assert judged()["comparisons"][0]["n"] == 3


def test_the_chapters_claims_are_all_declared() -> None:
    claims = read_claims(CLAIMS)
    assert [claim.name for claim in claims] == [f"C-{number:02}" for number in range(1, 56)]
    assert all(claim.statement and claim.source for claim in claims)


def test_every_mistake_in_a_file_of_claims_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text(
        "a: {claim: x, source: y, comparisons: [{kind: diference, more: a/a, less: a/b, by: x}]}\n"
        "b: {claim: x, source: y, comparisons: [{kind: difference, more: a/a, by: x, les: a/b}]}\n"
        "c: {claim: x, source: y}\n"
        "d: {claim: x, sorce: y, waits_for: z}\n"
        "e: nothing\n"
    )
    with pytest.raises(UserError) as refused:
        read_claims(path)
    told = str(refused.value)
    assert (
        "claims.yaml: a.comparisons.0.kind: unknown kind of comparison 'diference'. Did you mean 'difference'?" in told
    )
    assert "b.comparisons.0.les: unknown key 'les'. Did you mean 'less'?" in told
    assert "c: a claim has either 'comparisons'" in told
    assert "d.sorce: unknown key 'sorce'. Did you mean 'source'?" in told
    assert "e: a claim is a mapping" in told
