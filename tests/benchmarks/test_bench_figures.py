"""Numbers out of repetitions, and the order in which they are taken."""

from __future__ import annotations

import pytest
from made_bench import made_epoch_section, made_epochs, made_section, made_stages, made_suite_section

from benchmarks.figures import Figure, compile_share, cpu, memory_gb, of_contender, ratio, wall
from benchmarks.measure import Cell, interleaved
from benchmarks.profile import epoch_parts, stage_parts


def test_contenders_take_turns_and_answers_say_who_and_which() -> None:
    counted = iter(range(10))
    answers = interleaved([Cell(name, lambda: {"value": next(counted)}) for name in "ab"], 2)
    assert [(one["contender"], one["repetition"], one["value"]) for one in answers] == [
        ("a", 0, 0),
        ("b", 0, 1),
        ("a", 1, 2),
        ("b", 1, 3),
    ]


def test_a_figure_is_the_median_and_its_spread() -> None:
    assert Figure.of([3.0, 1.0, 10.0, 2.0, 4.0]) == Figure(3.0, 1.0, 10.0, 5)
    assert Figure.of([1.0, 2.0]).median == 1.5
    assert Figure.of([1.0, 2.0, 4.0]).text(1) == "2.0 (1.0-4.0)"


def test_an_epoch_is_the_median_of_the_steady_ones() -> None:
    [answer] = made_epochs("fit", [1.0])
    answer["steady"] = [{"cpu": value, "wall": value + 1} for value in (5.0, 1.0, 2.0)]
    assert (cpu(answer), wall(answer)) == (2.0, 3.0)


def test_a_stage_is_its_whole_process() -> None:
    [answer] = made_stages("product", [10.0], 1.0, 2.0)
    assert (cpu(answer), wall(answer), memory_gb(answer)) == (15.0, 10.0, 2.0)


def test_a_ratio_is_of_medians_and_spreads_as_the_turns_do() -> None:
    section = made_epoch_section(fit=[10.0, 8.0, 10.0], engine=[1.0, 2.0, 3.0])
    found = ratio(section, "engine", "fit", cpu)
    assert found == Figure(pytest.approx(0.2), pytest.approx(0.1), pytest.approx(0.3), 3)


def test_what_was_not_measured_has_no_figure() -> None:
    section = made_section("epoch", made_epochs("engine", [1.0]))
    assert of_contender(section, "fit", cpu) is None
    assert ratio(section, "engine", "fit", cpu) is None
    assert epoch_parts(section) == []


def test_compiling_is_shared_by_the_workers_and_unknown_if_not_recorded() -> None:
    section = made_suite_section(product=10.0, untracked=10.0, serial=80.0, compiling=2.0, gigabytes=2.0)
    answer = section["answers"][0]
    assert compile_share(section)(answer) == pytest.approx(2.0 / 2 / 10.0)
    answer["runs"][0]["compile_seconds"] = None
    assert compile_share(section)(answer) is None


def test_the_parts_of_an_epoch_add_up() -> None:
    section = made_epoch_section(fit=[10.0], engine=[1.0])
    section["answers"] += made_epochs("engine_bare", [0.8])
    parts = {part.name: part.seconds for part in epoch_parts(section)}
    assert parts == {
        "matrix products": pytest.approx(0.3),
        "update of the weights": pytest.approx(0.1),
        "gathering the batches": pytest.approx(0.05),
        "dropout and normalization": pytest.approx(0.2),
        "the rest": pytest.approx(0.35),
    }
    assert sum(part.share for part in epoch_parts(section)) == pytest.approx(1)


def test_the_parts_of_a_stage_add_up() -> None:
    section = made_suite_section(product=10.0, untracked=10.0, serial=80.0, compiling=2.0, gigabytes=2.0)
    assert [part.seconds for part in stage_parts(section, "product")] == pytest.approx([3.0, 4.0, 1.0, 2.0])
