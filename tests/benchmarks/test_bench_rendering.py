"""The page says of every target whether it is reached, and explains a missed one with measured numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from made_bench import made_epoch_section, made_epochs, made_results, made_section, made_stages, made_suite_section

from benchmarks.plots import draw
from benchmarks.questions import QUESTIONS
from benchmarks.render import page
from benchmarks.verdicts import TARGETS, verdicts
from bythebook.documents import canonical_json

FIT = "CPU-s per epoch against `fit`: model A's net"


def row(text: str, first: str) -> list[str]:
    """The cells of the row that begins with ``first``."""
    [line] = [line for line in text.splitlines() if line.startswith(f"| {first} |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def growth(axis: str, **costs: float) -> dict[str, Any]:
    answers = [answer for name, cost in costs.items() for answer in made_epochs(name.strip("x"), [cost])]
    return made_section("growth", answers, axis=axis, unit="epoch")


def everything(good: bool) -> dict[str, Any]:
    """Results that reach all targets, or none."""
    engine = [1.0] if good else [5.0]
    epochs = {f"epoch_{name}": made_epoch_section([10.0], engine) for name in ("model_a", "deep", "dropout")}
    epochs["epoch_alpha_dropout"] = made_epoch_section([10.0], engine)
    floor = [*made_epochs("floor", [0.7]), *made_epochs("engine", engine), *made_epochs("jax", [1.0])]
    seconds = {"product": 10.0, "untracked": 9.9} if good else {"product": 10.0, "untracked": 9.0}
    rest = {"serial": 100.0, "compiling": 1.0, "gigabytes": 2.0} if good else {
        "serial": 20.0, "compiling": 3.0, "gigabytes": 3.5
    }  # fmt: skip
    suite = made_suite_section(**seconds, **rest)
    stages = {
        name: made_section(
            "growth",
            [*made_stages("1", [5.0], 1, 1), *made_stages(many, [wall], 1, 1)],
            axis=name,
            unit="stage",
        )
        for name, many, wall in (("runs", "4", 15.0 if good else 30.0), ("workers", "2", 2.5 if good else 4.0))
    }
    return made_results(
        **epochs,
        floor=made_section("floor", floor, net="model_a"),
        suite=suite,
        search={**suite, "kind": "search", "title": "Made search"},
        growth_data=growth("data", x1=1.0, x2=2.0, x4=4.0 if good else 5.0),
        growth_runs=stages["runs"],
        growth_workers=stages["workers"],
    )


@pytest.mark.parametrize("good", [True, False])
def test_every_target_has_a_verdict(good: bool) -> None:
    results = everything(good)
    assert [verdict.reached for verdict in verdicts(results)] == [good] * len(TARGETS)
    text = page(results)
    words = {row(text, target.asks)[-1] for target in TARGETS}
    assert words == ({"reached"} if good else {"**missed**"})
    assert text.count("the target is") == (0 if good else len(TARGETS))


def test_a_verdict_shows_ratio_spread_and_repetitions() -> None:
    text = page(made_results(epoch_model_a=made_epoch_section([10.0, 8.0, 10.0], [1.0, 2.0, 3.0])))
    assert row(text, FIT)[1:] == ["≤ 0.220 x", "0.200 x", "0.100 x to 0.300 x", "3", "reached"]
    assert row(text, "share of the floor, model A's net")[2:] == ["-", "-", "-", "not measured"]


def test_the_limit_itself_is_reached() -> None:
    [verdict] = [one for one in verdicts(made_results(epoch_model_a=made_epoch_section([1.0], [0.22]))) if one.figure]
    assert verdict.reached


def test_a_missed_target_is_explained_by_the_measured_parts() -> None:
    text = page(made_results(epoch_model_a=made_epoch_section([2.0], [1.0])))
    [paragraph] = [line for line in text.splitlines() if line.startswith(f"**{FIT}**")]
    assert "0.500 x, the target is ≤ 0.220 x" in paragraph
    assert "matrix products 0.30 CPU-s (30 %)" in paragraph
    assert "the rest 0.55 CPU-s (55 %)" in paragraph
    assert "are 0.150 x `fit`; the target leaves 0.14 CPU-s" in paragraph


def test_a_question_has_a_row_for_each_contender() -> None:
    section = made_epoch_section([10.0, 12.0, 11.0], [1.0, 1.0, 1.0])
    section["missing"] = {"torch": ["torch"]}
    text = page(made_results(epoch_model_a=section))
    assert row(text, "Keras `fit`, as the notebooks call it")[1:] == [
        "11.000 (10.000-12.000)", "1.000", "22.000 (20.000-24.000)", "9.00 (9.00-9.00)", "0.875", "3",
    ]  # fmt: skip
    assert row(text, "PyTorch loop, one thread")[1] == "not installed: torch"
    assert '-e ".[bench]"' in text


def test_the_page_describes_machine_and_load() -> None:
    text = page(made_results(epoch_model_a=made_epoch_section([1.0], [1.0])))
    assert row(text, "processor") == ["processor", "Made Up 9000"]
    assert row(text, "libraries")[1] == "tensorflow 2.21.0, torch not installed"
    assert "load average before: 0.00, 0.10, 0.20" in text


def test_questions_come_in_the_order_of_their_targets() -> None:
    results = everything(good=True)
    assert {target.section for target in TARGETS} == results["questions"].keys() == QUESTIONS.keys()
    headings = [line for line in page(results).splitlines() if line.startswith("## Made")]
    kinds = ["epoch"] * 4 + ["floor", "suite", "search"] + ["growth"] * 3
    assert headings == [f"## Made {kind}" for kind in kinds]


def test_a_glance_says_that_it_is_none() -> None:
    results = made_results(epoch_model_a=made_epoch_section([1.0], [1.0]))
    assert "not a result" not in page(results)
    assert "not a result" in page({**results, "quick": True})


def test_growth_is_drawn_and_shown(tmp_path: Path) -> None:
    results = everything(good=True)
    drawn = draw(results, tmp_path / "plots")
    assert {path.name for path in drawn} == {"growth_data.png", "growth_runs.png", "growth_workers.png"}
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in drawn)
    assert all(f"(plots/{path.name})" in page(results) for path in drawn)


def test_equal_results_give_equal_pages_and_plots(tmp_path: Path) -> None:
    results = everything(good=False)
    canonical_json(results)
    assert page(results) == page(everything(good=False))
    first, second = (draw(results, tmp_path / name) for name in ("a", "b"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
