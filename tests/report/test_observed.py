"""What only some runs note has a picture where it was noted, and disturbs nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_observations import made_layers, made_range_test
from made_records import made_rows, run_record, without_curves
from made_results import Results
from parsed_page import Page, parse

from bythebook.documents import read_json, write_json
from bythebook.records.run import RunRecord
from bythebook.records.suite import Entry, read_suite
from bythebook.report import write_report
from bythebook.report.figures.curves import Curve
from bythebook.report.figures.layers import profile
from bythebook.report.formatting import magnitude
from bythebook.report.sections.observed import observed

SIZES = (16, 32, 128, 512, 128)
LAYERS, RANGE_TEST, NOISE = "What the layers look like", "The range test", "The noise of a step"
Change = Callable[[dict[str, Any], np.random.Generator, int], None]


def with_everything(record: dict[str, Any], random: np.random.Generator, recipe: int) -> None:
    """All that a run can note; the first recipe alone has dead units, and the last one no range test."""
    batch = SIZES[recipe]
    record["identity"]["recipe"]["batch_size"] = batch
    for row in record["epochs"]:
        dead = 0.0 if recipe else 0.3
        row |= {"step_noise": 1 / batch**0.5, "layers": made_layers(random, 20, 0.8, 0.9, dead)}
    noted = without_curves(record["epochs"][-1])
    record |= {"final": noted, "best": noted, "range_test": None if recipe == 4 else made_range_test(random)}


def noting(source: Path, folder: Path, change: Change) -> Path:
    """A copy of a suite whose records are changed, given the place of their recipe in it."""
    random, index = np.random.default_rng(0), read_json(source / "suite.json")
    places = list(dict.fromkeys(run["name"] for run in index["runs"]))
    for run in index["runs"]:
        record = read_json(source / run["path"] / "record.json")
        change(record, random, places.index(run["name"]))
        write_json(folder / run["path"] / "record.json", record)
    write_json(folder / "suite.json", index)
    return folder


def entries(*records: RunRecord) -> list[Entry]:
    return [Entry("r", "", seed, "key", {}, Path(), record) for seed, record in enumerate(records)]


def line(*records: RunRecord) -> Curve:
    return Curve("r", "series-0", "solid", entries(*records))


def looked(*epochs: dict[str, list[float | None]], status: str = "finished") -> RunRecord:
    rows = [{**row, "layers": layers} for row, layers in zip(made_rows([0.5] * len(epochs)), epochs, strict=True)]
    return run_record(rows=rows, status=status)


@pytest.fixture(scope="module")
def suite(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return noting(results.suites[0], tmp_path_factory.mktemp("noted"), with_everything)


@pytest.fixture(scope="module")
def written(results: Results, suite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("reports")
    write_report(**results.arguments(output=output, suites=[suite, *results.suites[1:]]))
    return output


@pytest.fixture(scope="module")
def page(written: Path) -> Page:
    return parse(written / "index.html")


def test_everything_that_was_noted_has_a_picture(page: Page) -> None:
    assert [page.text.count(title) for title in (LAYERS, RANGE_TEST, NOISE)] == [1, 1, 1]
    labels = [figure["aria-label"] for figure in page.all("svg")]
    for statistic in ("Norm of the gradient", "Deviation of the activations", "Dead units"):
        for epoch in ("first", "last"):
            wanted = f"{statistic} by hidden layer after the {epoch} epoch for glorot_normal, he_normal"
            assert len([label for label in labels if label.startswith(wanted)]) == 1
    assert len([label for label in labels if "range tests of glorot_normal" in label]) == 1
    assert "unit_normal" not in next(label for label in labels if "range tests" in label)
    assert any("glorot_normal 0.25" in label and "step to step by batch size" in label for label in labels)


def test_the_page_stays_well_formed_and_takes_its_colours_from_the_theme(written: Path, page: Page) -> None:
    assert page.misnested == []
    assert [name for name, count in page.ids().items() if count > 1] == []
    for figure in re.findall(r"<svg.*?</svg>", (written / "index.html").read_text(), flags=re.DOTALL):
        assert re.findall(r"(?:fill|stroke): #\w+", figure) == []
        assert "$" not in figure


def test_the_rates_that_were_found_are_in_the_caption(suite: Path, page: Page) -> None:
    tests = [entry.record.range_test for entry in read_suite(suite).by_name()["he_normal"]]
    found = [magnitude(test.learning_rate) for test in tests if test]
    assert len(found) == 3
    assert f"{found[0]}, {found[1]} and {found[2]} for he_normal" in page.text


def test_what_was_not_noted_has_no_picture(report: Path) -> None:
    text = parse(report / "index.html").text
    assert not [title for title in (LAYERS, RANGE_TEST, NOISE) if title in text]


def test_everything_else_that_is_written_stays_as_it_is(report: Path, written: Path) -> None:
    others = [path.relative_to(report) for path in report.rglob("*.*") if path.name != "index.html"]
    assert len(others) == 6
    for path in others:
        assert (written / path).read_bytes() == (report / path).read_bytes(), path


def test_without_a_finished_run_there_is_still_a_page(results: Results, tmp_path: Path) -> None:
    def diverged(record: dict[str, Any], random: np.random.Generator, recipe: int) -> None:
        with_everything(record, random, recipe)
        record.update(status="diverged", reason="loss became NaN in epoch 1", final=None, best=None)
        if recipe:
            record["epochs"] = []

    folder = noting(results.suites[0], tmp_path / "diverged", diverged)
    write_report(**results.arguments(output=tmp_path / "reports", suites=[folder]))
    page = parse(tmp_path / "reports" / "index.html")
    assert LAYERS in page.text
    assert NOISE not in page.text
    labels = [figure["aria-label"] for figure in page.all("svg")]
    assert "Dead units by hidden layer after the last epoch for glorot_normal" in labels


def test_a_profile_is_the_mean_of_the_numbers_that_there_are() -> None:
    first, second = {"gradient_norm": [1.0, None, 0.0, None]}, {"gradient_norm": [3.0, 4.0, 0.0, None]}
    both = line(looked(first), looked(second), looked({"gradient_norm": [9.0] * 4}, status="diverged"))
    # No logarithm shows a mean of 0.
    assert profile(both, "gradient_norm", "last") == pytest.approx([2.0, 4.0, np.nan, np.nan], nan_ok=True)
    alone = line(looked({"dead_share": [0.0, 1.0]}, {"dead_share": [0.5, None]}, status="diverged"))
    assert profile(alone, "dead_share", "first") == pytest.approx([0.0, 1.0])
    assert profile(alone, "dead_share", "last") == pytest.approx([0.5, np.nan], nan_ok=True)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("gone", [0.0, None])
@pytest.mark.parametrize("count", [1, 100])
def test_layers_through_which_nothing_gets_are_drawn_without_them(gone: float | None, count: int) -> None:
    layers = {name: [gone] * count for name in ("gradient_norm", "activation_deviation", "dead_share")}
    (found,) = observed("suite-s", [line(looked(layers))])
    assert len(found.panels) == 4
    assert "dead" not in found.caption


@pytest.mark.filterwarnings("error")
def test_range_tests_that_ended_early_are_drawn_if_they_have_a_curve() -> None:
    tests = [None, {"learning_rate": 0.0, "rates": [], "losses": []}]
    records = [run_record(rows=[], range_test=test) for test in tests]
    assert observed("suite-s", [line(*records)]) == ()
    short = run_record(rows=[], range_test={"learning_rate": 1e-5, "rates": [1e-5], "losses": [2.3]})
    (found,) = observed("suite-s", [line(*records, short)])
    assert "lowest: 10⁻⁵ for r." in found.caption


@pytest.mark.filterwarnings("error")
def test_noise_of_one_batch_size_and_of_whole_data_in_a_batch() -> None:
    records = [run_record(rows=[{**made_rows([0.5])[0], "step_noise": noise}]) for noise in (0.0, 0.2)]
    assert observed("suite-s", [line(records[0])]) == ()
    (found,) = observed("suite-s", [line(*records)])
    assert ">32<" in found.panels[0]


@pytest.mark.parametrize(
    ("number", "written"),
    [(1.0, "1"), (0.02142, "0.0214"), (200, "200"), (1e-6, "10⁻⁶"), (2.5e5, "2.5 × 10⁵")],
)
def test_numbers_of_any_size_are_short(number: float, written: str) -> None:
    assert magnitude(number) == written
