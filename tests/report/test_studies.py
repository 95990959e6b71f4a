"""Transfer studies in the report: what labels are worth, which strategy is best, and pairs of classes."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from made_results import DIGITS, Results, make_results
from made_studies import CURVE, STRATEGIES, of_pairs
from parsed_page import Page, parse

from bythebook.documents import read_json, write_json
from bythebook.records.evaluation import read_evaluation
from bythebook.records.study import LabelWorth, StudyFindings
from bythebook.records.suite import read_suite
from bythebook.report import formatting, write_report
from bythebook.report.figures.label_curve import LabelLine, label_curve, worth_curve
from bythebook.report.metrics import metrics
from bythebook.report.sections.study import study_of
from bythebook.report.sources import read_sources

LABELS = LabelWorth.of({"labels": 425.3, "low": 281.0, "high": 500.0, "smallest": 20, "largest": 500, "n": 5})


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Results:
    made = make_results(tmp_path_factory.mktemp("studies"), DIGITS, (STRATEGIES, CURVE, of_pairs(4)))
    return Results([path for path in made.suites if path.name.startswith("transfer_")], made.evaluation, made.data, [])


@pytest.fixture(scope="module")
def written(studies: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("reports")
    write_report(**studies.arguments(output=output))
    return output


@pytest.fixture(scope="module")
def page(written: Path) -> Page:
    return parse(written / "index.html")


def findings(studies: Results, suite: str) -> StudyFindings:
    return read_evaluation(studies.evaluation).transfer[suite]


def test_every_study_has_a_section_that_the_navigation_leads_to(page: Page) -> None:
    assert page.misnested == []
    ids = page.ids()
    for anchor in ("transfer-strategies", "transfer-label-curve", "transfer-all-pairs"):
        assert ids[anchor] == 1
    links = [attributes["href"][1:] for _, attributes in page.tags if attributes.get("href", "").startswith("#")]
    assert [link for link in links if link not in ids] == []
    assert {"transfer-strategies", "transfer-label-curve", "transfer-all-pairs"} <= set(links)


def test_what_labels_are_worth_is_told_drawn_and_tabled(studies: Results, page: Page) -> None:
    rows = {(row.strategy, row.labels): row.equal for row in findings(studies, "transfer_label_curve").worth}
    middle = rows["freeze_then_finetune", 100]
    assert f"100 labels with freeze then finetune do as well as {formatting.worth(middle)} from scratch" in page.text
    assert formatting.worth_range(middle) in page.text
    assert all(formatting.worth(equal) in page.text for equal in rows.values())
    assert len(rows) == 6
    drawn = [figure["aria-label"] for figure in page.all("svg")]
    assert "Error on test by number of labels for from scratch, frozen, freeze then finetune" in drawn
    assert any(label.startswith("Labels from scratch that give the same error") for label in drawn)


def test_strategies_are_sorted_by_what_is_sure_and_the_best_is_chosen_on_validation(page: Page) -> None:
    assert "Best on validation, freeze then finetune adds +2." in page.text
    assert "Sure to help: freeze then finetune and finetune." in page.text
    assert "Sure to hurt: frozen." in page.text


def test_pairs_are_counted_drawn_and_ranked_and_the_declared_one_is_marked(studies: Results, page: Page) -> None:
    (row,) = findings(studies, "transfer_all_pairs").over_tasks
    assert row.tasks == 6
    said = f"it helps for sure on {row.helps} of 6 pairs, hurts on {row.hurts}, and on {row.unclear} these seeds"
    assert said in page.text
    assert "zero and one: +" in page.text and "points, number " in page.text
    drawn = [figure["aria-label"] for figure in page.all("svg")]
    assert any(label.startswith("Gain on test of 6 pairs, from +") for label in drawn)
    assert "Gain on test of every pair of 4 classes" in drawn
    assert "Every pair of classes: means over seeds on test images" in page.text


def test_tiles_summary_and_metrics_have_what_was_found(studies: Results, written: Path, page: Page) -> None:
    (row,) = findings(studies, "transfer_all_pairs").over_tasks
    assert f"{row.helps} of 6" in page.text
    summary = (written / "summary.md").read_text()
    assert "## Transfer: label curve" in summary and " 500 labels |" in summary
    assert "## Transfer: all pairs" in summary
    transfer = read_json(written / "metrics.json")["transfer"]
    assert transfer["all_pairs"]["pairs"]["freeze_then_finetune.200"]["helps"] == row.helps
    assert list(transfer["all_pairs"]["tasks"]) == ["sandal_vs_shirt"]
    assert "pairs" not in transfer["label_curve"]
    assert transfer["label_curve"]["tasks"]["sandal_vs_shirt"]["frozen"]["100"]["worth_labels"] > 20
    curves = (written / "plots" / "learning_curves.csv").read_text()
    assert "transfer_strategies" in curves
    assert "transfer_label_curve" not in curves and "transfer_all_pairs" not in curves


def test_one_lucky_survivor_is_not_the_best_strategy(studies: Results) -> None:
    suite = read_suite(next(path for path in studies.suites if path.name == "transfer_strategies"))
    arms = [arm for arm in suite.extra["validation"]["arms"] if arm["strategy"] == "frozen"]
    assert arms
    for arm in arms:
        arm["seeds"], arm["accuracy"] = arm["seeds"][:1], {**arm["accuracy"], "mean": 0.999}
    sources: Any = SimpleNamespace(evaluation=SimpleNamespace(transfer={}))
    best = study_of(sources, suite).best("sandal_vs_shirt", 200)
    assert best is not None and best.name == "freeze_then_finetune"


def test_what_model_a_would_lose_is_told_where_it_was_noted(studies: Results, tmp_path: Path) -> None:
    source = next(path for path in studies.suites if path.name == "transfer_strategies")
    index = read_json(source / "suite.json")
    for run in index["runs"]:
        record = read_json(source / run["path"] / "record.json")
        if run["tags"]["arm"] == "finetune":
            record["shared"] = {"before": 0.92, "after": 0.90, "cloned": 0.92}
        write_json(tmp_path / "noted" / run["path"] / "record.json", record)
    write_json(tmp_path / "noted" / "suite.json", index)
    write_report(**studies.arguments(suites=[tmp_path / "noted"], output=tmp_path / "reports"))
    said = "Points that model A would lose on its validation images if its own layers were trained, and not copies:"
    assert f"{said} finetune −2.00." in parse(tmp_path / "reports" / "index.html").text


def test_without_test_figures_a_study_tells_of_validation_images(studies: Results, tmp_path: Path) -> None:
    evaluation = read_json(studies.evaluation / "evaluation.json")
    write_json(tmp_path / "evaluation" / "evaluation.json", {**evaluation, "transfer": {}})
    write_report(
        **studies.arguments(suites=studies.suites[:1], evaluation=tmp_path / "evaluation", output=tmp_path / "reports")
    )
    text = parse(tmp_path / "reports" / "index.html").text
    assert " points on validation" in text and "points on test" not in text
    assert "test_difference" not in json.dumps(read_json(tmp_path / "reports" / "metrics.json")["transfer"])


def test_pairs_of_which_none_can_be_judged(studies: Results, tmp_path: Path) -> None:
    source = next(path for path in studies.suites if path.name == "transfer_all_pairs")
    index = read_json(source / "suite.json")
    for run in index["runs"]:
        write_json(tmp_path / "none" / run["path"] / "record.json", read_json(source / run["path"] / "record.json"))
    index["extra"]["validation"]["over_tasks"] = []
    write_json(tmp_path / "none" / "suite.json", index)
    evaluation = read_json(studies.evaluation / "evaluation.json")
    write_json(tmp_path / "evaluation" / "evaluation.json", {**evaluation, "transfer": {}})
    changed = {"suites": [tmp_path / "none"], "evaluation": tmp_path / "evaluation"}
    write_report(**studies.arguments(**changed, output=tmp_path / "reports"))
    assert "No two pairs have seeds that finished" in parse(tmp_path / "reports" / "index.html").text


@pytest.mark.parametrize(
    ("labels", "said"), [(20.0, "at_most"), (100.0, "between_budgets"), (500.0, "at_least"), (None, None)]
)
def test_metrics_say_of_labels_at_the_end_of_the_budgets_that_the_true_number_may_lie_beyond(
    studies: Results, tmp_path: Path, labels: float | None, said: str | None
) -> None:
    evaluation = read_json(studies.evaluation / "evaluation.json")
    for row in evaluation["transfer"]["transfer_label_curve"]["worth"]:
        row["equal"] = {**LABELS.as_json(), "labels": labels} if labels else None
    write_json(tmp_path / "evaluation.json", evaluation)
    sources = read_sources(studies.suites, tmp_path, studies.data, studies.tasks, None, "")
    (arm, *_) = metrics(sources)["transfer"]["label_curve"]["tasks"]["sandal_vs_shirt"]["frozen"].values()
    assert arm.get("worth_labels_is") == said


def test_numbers_of_labels_say_where_the_true_one_may_lie_beyond() -> None:
    assert (formatting.worth(LABELS), formatting.worth_range(LABELS)) == ("425", "281 to 500 or more")
    assert formatting.worth(LABELS.model_copy(update={"labels": 20.0})) == "20 or fewer"
    assert formatting.worth_range(LABELS.model_copy(update={"low": 500.0})) == "500 or more"
    assert (formatting.worth(None), formatting.worth_range(LABELS.model_copy(update={"low": None}))) == ("–", "–")


def test_a_net_without_a_mistake_and_one_that_never_finished_have_a_place_on_a_logarithmic_axis() -> None:
    lines = [
        LabelLine("flawless", "series-0", "solid", [[0.1, 0.2], [0.0, 0.0]], [LABELS, None]),
        LabelLine("lost", "series-1", "solid", [[], []], [None, None]),
    ]
    for svg in (label_curve("c", [20, 500], lines, "test"), worth_curve("w", [20, 500], lines)):
        assert "nan" not in svg and "inf" not in svg
        assert ">500<" in svg


def test_a_verdict_is_told_by_the_word_under_which_a_study_counts_it() -> None:
    words = {"supported": "helps", "refuted": "hurts", "inconclusive": "unclear"}
    assert {verdict: formatting.transfer_word(verdict) for verdict in words} == words
    assert formatting.transfer_word(None) == "–"
    assert [formatting.tone(verdict, "none") for verdict in words] == ["good", "bad", "none"]
