"""Verdicts in the report: on the page, in the summary and among the metrics, and the same bytes again."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_results import Results
from parsed_page import parse

from bythebook.claims.declaration import read_claims
from bythebook.claims.kinds import KINDS
from bythebook.claims.write import write_verdicts
from bythebook.documents import read_json
from bythebook.report import write_report
from bythebook.report.sections.claims import EFFECTS

PIPELINE = Path(__file__).resolve().parents[2] / "pipeline"
CLAIMS = """
C-1:
  claim: ELU beats the logistic function <b>by far</b>.
  source: a chapter
  comparisons:
    - {kind: difference, more: activations/elu, less: activations/sigmoid, by: validation_accuracy, margin: 0.02}
C-2:
  claim: The logistic function comes first.
  source: nobody
  comparisons:
    - {kind: order, best_first: [activations/sigmoid, activations/tanh, activations/elu], by: validation_accuracy}
C-3:
  claim: A net that diverged decides nothing.
  source: a source note
  comparisons:
    - {kind: difference, more: initialization/he_normal, less: initialization/unit_normal, by: validation_accuracy}
C-4: {claim: Clouds are soft., source: a poem, waits_for: a probe of clouds}
C-5:
  claim: Something of a suite that was not run.
  source: a chapter
  comparisons: [{kind: level, of: clouds/soft, by: softness, at_least: 1.0}]
"""
REFERENCES = """
activations/elu: {dataset: digits, epochs: 10, metric: validation_accuracy, reported: {a notebook: 0.88, a poet: 0.5}}
activations/relu: {dataset: mnist, epochs: 10, metric: validation_accuracy, reported: {a notebook: 0.97}}
clouds/soft: {dataset: digits, epochs: 10, metric: validation_accuracy, reported: {a poet: 1.0}}
"""


@pytest.fixture(scope="module")
def claims(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("claims")
    (folder / "claims.yaml").write_text(CLAIMS)
    (folder / "references.yaml").write_text(REFERENCES)
    declared = folder / "claims.yaml", folder / "references.yaml"
    for name in ("claims.json", "again.json"):
        write_verdicts(*declared, results.suites, results.evaluation, [], folder / name)
    assert (folder / "claims.json").read_bytes() == (folder / "again.json").read_bytes()
    return folder / "claims.json"


@pytest.fixture(scope="module")
def written(results: Results, claims: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("judged")
    write_report(**results.arguments(output=output, claims=claims))
    return output


def test_every_comparison_that_the_project_declares_has_words_for_its_effect() -> None:
    declared = read_claims(PIPELINE / "claims.yaml")
    comparisons = [comparison for claim in declared for comparison in claim.comparisons]
    assert {comparison.kind for comparison in comparisons} == set(EFFECTS) == set(KINDS)
    for comparison in comparisons:
        said = EFFECTS[comparison.kind].format(**comparison.model_dump(exclude_none=True))
        assert comparison.by in said


def test_every_claim_stands_on_the_page_with_what_decided_it(written: Path) -> None:
    page = parse(written / "index.html")
    assert page.misnested == []
    assert {"claims", "C-1", "C-2", "C-3", "C-4", "C-5"} <= page.ids().keys()
    assert "3 of 5 claims judged: 1 supported, 1 refuted and 1 inconclusive." in page.text
    assert "ELU beats the logistic function <b>by far</b>." in page.text
    assert "elu − sigmoid, validation accuracy" in page.text
    assert "found: elu > tanh > sigmoid" in page.text
    assert "one seed only" in page.text
    assert "a probe of clouds" in page.text
    assert "suites or probes that were not run here: clouds" in page.text


def test_what_others_reported_stands_beside_what_is_found_here(written: Path, claims: Path) -> None:
    (row,) = read_json(claims)["references"]
    assert row["recipe"] == "activations/elu"
    assert row["low"] < row["mean"]["low"] < row["mean"]["high"] < row["high"]
    assert row["outside"] == ["a poet"]
    assert "not with the a poet" in parse(written / "index.html").text


def test_a_suite_shows_the_verdicts_that_it_decides(written: Path) -> None:
    page = (written / "index.html").read_text()
    activations = page[
        page.index('<section id="suite-activations"') : page.index('<section id="transfer-freeze-then-finetune"')
    ]
    assert '<a href="#C-1">' in activations and '<a href="#C-2">' in activations
    assert '<a href="#C-3">' not in activations and '<a href="#C-4">' not in activations


def test_the_summary_and_the_metrics_have_the_verdicts(written: Path) -> None:
    summary = (written / "summary.md").read_text()
    assert "## Claims" in summary and " supported |" in summary
    metrics = read_json(written / "metrics.json")["claims"]
    assert metrics == {
        "verdicts": {"C-1": "supported", "C-2": "refuted", "C-3": "inconclusive"},
        "counts": {"supported": 1, "refuted": 1, "inconclusive": 1},
    }
