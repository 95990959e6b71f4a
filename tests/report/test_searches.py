"""A search on the page: what its winner was worth when it was trained again, and what to say where there is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_results import Results
from parsed_page import parse

from bythebook.documents import read_json, write_json
from bythebook.report import write_report


def page(
    results: Results,
    output: Path,
    suite: str,
    change: Callable[[dict[str, Any]], None] | None = None,
    tested: dict[str, list[float]] | None = None,
) -> str:
    """The text of a page on one search, some of whose findings are changed, and whose refits have a test accuracy."""
    (source,) = (path for path in results.suites if path.name == suite)
    index = read_json(source / "suite.json")
    for run in index["runs"]:
        write_json(output / suite / run["path"] / "record.json", read_json(source / run["path"] / "record.json"))
    if change:
        change(index["extra"])
    write_json(output / suite / "suite.json", index)
    evaluation = read_json(results.evaluation / "evaluation.json")
    for side, values in (tested or {}).items():
        own = {f"{suite}/{side}/seed-{seed}": {"accuracy": value} for seed, value in enumerate(values)}
        evaluation["runs"].update(own)
    write_json(output / "evaluation" / "evaluation.json", evaluation)
    changed = {"suites": [output / suite], "evaluation": output / "evaluation"}
    write_report(**results.arguments(output=output / "reports", **changed))
    found = parse(output / "reports" / "index.html")
    assert found.misnested == []
    return found.text


def test_the_refits_say_what_the_lead_is_worth_and_what_was_luck(results: Results, tmp_path: Path) -> None:
    text = page(results, tmp_path, "search_default_dnn")
    assert "Refitted over 3 seeds: +0.40 points in validation accuracy, on the images that chose it" in text
    assert ": better (paired, 95% interval +0.23 to +0.57 points)" in text
    assert (
        "The luck of the draw, what the trial of the search had beyond its refits' mean in validation accuracy: +"
        in text
    )
    assert "diverged and are left out" not in text


def test_the_winner_is_judged_by_its_test_accuracy_where_that_is_known(results: Results, tmp_path: Path) -> None:
    tested = {"guideline": [0.86, 0.87, 0.88], "winner": [0.86, 0.88, 0.875]}
    text = page(results, tmp_path, "search_default_dnn", tested=tested)
    assert "Refitted over 3 seeds: +0.17 points in test accuracy The winner has 87.17% on average" in text
    assert "the guideline 87.00%: level on these seeds (paired, 95% interval −1.73 to +2.06 points)" in text
    assert "chose it" not in text
    assert "test accuracy: 87.17% against the guideline's 87.00%, over 3 seeds: level on these seeds" in text


def test_only_refits_with_both_test_accuracies_are_compared(results: Results, tmp_path: Path) -> None:
    tested = {"guideline": [0.86, 0.87], "winner": [0.85, 0.86, 0.9]}
    text = page(results, tmp_path, "search_default_dnn", tested=tested)
    assert "Refitted over 2 seeds: −1.00 points in test accuracy" in text


def test_refits_that_diverged_are_counted(results: Results, tmp_path: Path) -> None:
    counts = {"guideline": 1, "winner": 2}
    text = page(results, tmp_path, "search_default_dnn", lambda extra: extra["confirmation"].update(diverged=counts))
    sentence = "Refits that diverged and are left out: 1 of the guideline's"
    assert f"{sentence}, 2 of the winner's." in text
    assert f"{sentence}, 2 of the winner's." in (tmp_path / "reports" / "summary.md").read_text()

    def unbeaten(extra: dict[str, Any]) -> None:
        extra["confirmation"].update(diverged={"guideline": 1, "winner": 1})
        extra.update(best=0, pareto=[0])

    assert f"{sentence}." in page(results, tmp_path, "search_default_dnn", unbeaten)


def test_each_of_several_objectives_is_refitted_and_less_may_be_better(results: Results, tmp_path: Path) -> None:
    text = page(results, tmp_path, "search_low_latency")
    assert "trial 3 is handed on" in text and "beaten by no trial (3)" in text
    assert "in validation accuracy, on the images that chose it" in text
    assert "Refitted over 3 seeds: −318 in multiply-adds of a prediction The winner" in text
    assert ": better (paired, 95% interval −454 to −181)" in text


def test_a_guideline_that_nothing_beats_is_said_so(results: Results, tmp_path: Path) -> None:
    text = page(results, tmp_path, "search_default_dnn", lambda extra: extra.update(best=0, pareto=[0]))
    assert "No trial beat the guideline Refitted over 3 seeds, it has" in text
    assert "the guideline, which none beat, of 20 trials" in text


def test_a_search_in_which_no_trial_is_complete(results: Results, tmp_path: Path) -> None:
    def fail(extra: dict[str, Any]) -> None:
        for trial in extra["trials"]:
            trial.update(state="failed", values=None)
        nothing = {"gain": None, "guideline": None, "winner": None, "verdict": "inconclusive", "luck": {}}
        extra["confirmation"]["objectives"]["val_accuracy"].update(nothing)
        extra.update(best=None, pareto=[], importance={"val_accuracy": {}})

    text = page(results, tmp_path, "search_default_dnn", fail)
    assert "No trial is complete. 20 failed" in text
    assert "Too few trials are complete to say which settings mattered." in text


@pytest.mark.parametrize("words", ["random ahead of grid: supported", "tpe ahead of random: supported"])
def test_samplers_are_compared_in_words(results: Results, tmp_path: Path, words: str) -> None:
    assert words in page(results, tmp_path, "search_samplers")
