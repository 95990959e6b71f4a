"""What has not been run is left out, with a sentence; what is broken is refused, and nothing is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_results import Results
from parsed_page import parse

from bythebook.documents import read_json, write_json
from bythebook.errors import DataError, UserError
from bythebook.report import write_report


def rewritten(results: Results, folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """A copy of the evaluation with a change."""
    evaluation = read_json(results.evaluation / "evaluation.json")
    change(evaluation)
    write_json(folder / "evaluation" / "evaluation.json", evaluation)
    return folder / "evaluation"


def text_of(results: Results, output: Path, **changed: Any) -> str:
    write_report(**results.arguments(output=output, **changed))
    page = parse(output / "index.html")
    assert page.misnested == []
    links = [attributes["href"][1:] for _, attributes in page.tags if attributes.get("href", "").startswith("#")]
    assert [link for link in links if link not in page.ids()] == []
    return page.text


def test_without_any_suite(results: Results, tmp_path: Path) -> None:
    text = text_of(results, tmp_path, suites=[])
    for sentence in ("No suite of recipes was trained.", "No transfer was tried.", "No search was made."):
        assert sentence in text
    assert "No champion was chosen." in text
    assert read_json(tmp_path / "metrics.json") == {"dataset": "digits"}
    assert (tmp_path / "plots" / "search_history.csv").read_text().count("\n") == 1


@pytest.mark.parametrize("present", range(5))
def test_each_suite_alone(results: Results, tmp_path: Path, present: int) -> None:
    text = text_of(results, tmp_path, suites=[results.suites[present]])
    assert ("No search was made." in text) == (present != 3)
    assert ("No transfer was tried." in text) == (present != 2)


def test_without_test_figures(results: Results, tmp_path: Path) -> None:
    def clear(evaluation: dict[str, Any]) -> None:
        evaluation.update(runs={}, recipes={}, transfer={}, champion=None)

    evaluation = rewritten(results, tmp_path, clear)
    # One suite of each kind; further ones would be written in the same way.
    text = text_of(results, tmp_path / "reports", suites=results.suites[1:5], evaluation=evaluation)
    assert "The champion was not evaluated on the test split." in text
    assert "points on validation" in text
    assert "Its surest mistakes" not in text
    assert "test_accuracy" not in json.dumps(read_json(tmp_path / "reports" / "metrics.json"))


def test_a_transfer_without_a_pair_of_seeds(results: Results, tmp_path: Path) -> None:
    def clear(evaluation: dict[str, Any]) -> None:
        nothing = {"seeds": [], "values": [], "accuracy": None}
        for arm in evaluation["transfer"]["transfer_freeze_then_finetune"]["arms"]:
            of_difference = {"difference": None, "error_ratio": None, "p": None, "verdict": "inconclusive"}
            arm.update(nothing, **(of_difference if "verdict" in arm else {}))

    changed = {"suites": [results.suites[2]], "evaluation": rewritten(results, tmp_path, clear)}
    text = text_of(results, tmp_path / "reports", **changed)
    assert "No seed finished both arms, so there is nothing to compare." in text


def test_one_seed_says_nothing_about_chance(results: Results, tmp_path: Path) -> None:
    source = results.suites[1]
    index = read_json(source / "suite.json")
    index["runs"] = [run for run in index["runs"] if run["seed"] == 0]
    for run in index["runs"]:
        write_json(tmp_path / "one" / run["path"] / "record.json", read_json(source / run["path"] / "record.json"))
    write_json(tmp_path / "one" / "suite.json", index)
    text = text_of(results, tmp_path / "reports", suites=[tmp_path / "one"])
    assert "without two finished seeds to compare, that may be chance" in text


def test_a_suite_in_which_everything_diverged(results: Results, tmp_path: Path) -> None:
    source = results.suites[0]
    index = read_json(source / "suite.json")
    for run in index["runs"]:
        record = read_json(source / run["path"] / "record.json")
        record.update(status="diverged", reason="loss became NaN in epoch 1", epochs=[], final=None, best=None)
        write_json(tmp_path / "all" / run["path"] / "record.json", record)
    write_json(tmp_path / "all" / "suite.json", index)
    text = text_of(results, tmp_path / "reports", suites=[tmp_path / "all"])
    assert "No recipe finished." in text
    assert "loss became NaN in epoch 1" in text


def test_every_problem_is_named_and_nothing_is_written(results: Results, tmp_path: Path) -> None:
    output = tmp_path / "reports"
    absent = tmp_path / "absent"
    with pytest.raises(UserError) as caught:
        write_report(**results.arguments(output=output, suites=[absent], data=[absent]))
    assert len(caught.value.problems) == 2
    assert all("absent" in problem for problem in caught.value.problems)
    assert not output.exists()


def test_runs_of_another_dataset_are_refused(results: Results, tmp_path: Path) -> None:
    card = {**read_json(results.data[0] / "card.json"), "dataset": "mnist"}
    write_json(tmp_path / "mnist" / "card.json", card)
    with pytest.raises(UserError, match="is of digits, but the data cards describe mnist"):
        write_report(**results.arguments(output=tmp_path / "reports", data=[tmp_path / "mnist"]))


def test_further_datasets_are_shown_without_example_images_too(results: Results, tmp_path: Path) -> None:
    card = {**read_json(results.data[0] / "card.json"), "dataset": "mnist"}
    write_json(tmp_path / "mnist" / "card.json", card)
    cards = [*results.data, tmp_path / "mnist"]
    text = text_of(results, tmp_path / "reports", suites=results.suites[:1], data=cards)
    assert "Digits Images per class and split, with the first training images" in text
    assert "MNIST Images per class and split." in text


def test_broken_sample_errors_are_refused(results: Results, tmp_path: Path) -> None:
    evaluation = rewritten(results, tmp_path, lambda evaluation: None)
    (evaluation / "sample_errors.npz").write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(DataError, match="sample_errors.npz"):
        write_report(**results.arguments(output=tmp_path / "reports", evaluation=evaluation))
    assert not (tmp_path / "reports").exists()
