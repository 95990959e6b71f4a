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


def page(results: Results, output: Path, suite: str, change: Callable[[dict[str, Any]], None] | None = None) -> str:
    """The text of a page on one search, some of whose findings are changed."""
    (source,) = (path for path in results.suites if path.name == suite)
    index = read_json(source / "suite.json")
    for run in index["runs"]:
        write_json(output / suite / run["path"] / "record.json", read_json(source / run["path"] / "record.json"))
    if change:
        change(index["extra"])
    write_json(output / suite / "suite.json", index)
    write_report(**results.arguments(output=output / "reports", suites=[output / suite]))
    found = parse(output / "reports" / "index.html")
    assert found.misnested == []
    return found.text


def test_the_refits_say_what_the_lead_is_worth_and_what_was_luck(results: Results, tmp_path: Path) -> None:
    text = page(results, tmp_path, "search_default_dnn")
    assert "Refitted over 3 seeds: +0.40 points in validation accuracy" in text
    assert ": better (paired, 95% interval +0.23 to +0.57 points)" in text
    assert "The luck of the draw, what the trial of the search had beyond its refits' mean: +" in text


def test_each_of_several_objectives_is_refitted_and_less_may_be_better(results: Results, tmp_path: Path) -> None:
    text = page(results, tmp_path, "search_low_latency")
    assert "trial 3 is handed on" in text and "beaten by no trial (3)" in text
    assert "Refitted over 3 seeds: −318 in multiply-adds of a prediction" in text
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
