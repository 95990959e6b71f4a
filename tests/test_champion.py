from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_records import changed, run_record

from bythebook import champion
from bythebook import recipe as recipes
from bythebook import techniques as techniques
from bythebook.errors import UserError
from bythebook.records.suite import Entry, Suite
from bythebook.runs.view import DataView


def entry(name: str, seed: int, value: float | None, task: str | None = None, recipe: str | None = None) -> Entry:
    final = None if value is None else {"epoch": 0, "val_accuracy": value}
    status = "diverged" if value is None else "finished"
    data = {"task": task, "side": "a" if task else None}
    record = run_record(recipe_of(recipe or name), seed, status=status, data=data, final=final)
    return Entry(name, "", seed, record.key, {}, Path(), record)


def recipe_of(name: str) -> dict[str, Any]:
    """A recipe for each letter."""
    return {"hidden": [ord(name)]}


def changed_entry(entry: Entry, **identity: Any) -> Entry:
    """The same run, had something else decided its bytes."""
    return replace(entry, record=changed(entry.record, identity={**entry.record.identity.as_json(), **identity}))


def suite(name: str, *entries: Entry) -> Suite:
    return Suite(name, "", "digits", "", {}, entries)


def test_the_shortlist_is_by_mean_validation_accuracy_without_tasks_failures_repeats_and_other_data() -> None:
    first = suite(
        "s", entry("a", 0, 0.8), entry("a", 1, 0.9), entry("b", 0, 0.95), entry("b", 1, None), entry("c", 0, None)
    )
    second = suite("t", entry("d", 0, 0.99, task="x"), entry("e", 0, 0.5, recipe="a"), entry("f", 0, 0.9))
    elsewhere = replace(suite("u", entry("g", 0, 0.99)), dataset="mnist")
    found = champion.shortlist([first, second, elsewhere], "digits", 3)
    assert [(candidate.name, round(candidate.mean, 3), candidate.finished) for candidate in found] == [
        ("t.f", 0.9, 1),
        ("s.a", 0.85, 1),
        ("s.b", 0.95, 0.5),
    ]


def test_a_net_that_its_recipe_alone_does_not_make_is_no_candidate() -> None:
    pretrained, transferred = entry("p", 0, 0.99), entry("t", 0, 0.98)
    pretrained = changed_entry(pretrained, recipe={**pretrained.record.recipe, "target": "rotation"})
    transferred = changed_entry(transferred, strategy={"name": "auxiliary_then_finetune"})
    (found,) = champion.shortlist([suite("s", pretrained, transferred, entry("a", 0, 0.8))], "digits", 3)
    assert found.name == "s.a"


def test_the_refit_decides_and_the_best_seed_represents_it() -> None:
    candidates = champion.shortlist([suite("s", entry("a", 0, 0.9), entry("b", 0, 0.8))], "digits", 2)
    runs = champion.plan(candidates, DataView(Path(), "digits", "d"), [0, 1, 2])
    values = {"s.a": [0.7, 0.8, 0.75], "s.b": [0.85, 0.8, 0.85]}
    records = {run.key: entry(run.name[-1], run.seed, values[run.name][run.seed]).record for run in runs}
    chosen = champion.choose(candidates, runs, records)
    assert (chosen.chosen, chosen.model_seed, chosen.recipe) == (
        "s.b",
        0,
        recipes.resolve(recipe_of("b"), "b"),
    )
    assert [(row.name, row.values) for row in chosen.shortlist] == [
        ("s.b", values["s.b"]),
        ("s.a", values["s.a"]),
    ]


def test_one_lucky_survivor_is_no_champion() -> None:
    candidates = champion.shortlist([suite("s", entry("a", 0, 0.9), entry("b", 0, 0.8))], "digits", 2)
    runs = champion.plan(candidates, DataView(Path(), "digits", "d"), [0, 1, 2])
    values = {"s.a": [None, 0.95, None], "s.b": [0.8, 0.8, 0.7]}
    records = {run.key: entry(run.name[-1], run.seed, values[run.name][run.seed]).record for run in runs}
    chosen = champion.choose(candidates, runs, records)
    assert [row.name for row in chosen.shortlist] == ["s.b", "s.a"]
    assert (chosen.chosen, chosen.model_seed) == ("s.b", 0)


def test_nothing_to_choose_from_is_said() -> None:
    with pytest.raises(UserError, match="nothing to choose from"):
        champion.shortlist([suite("s", entry("a", 0, None))], "digits", 3)
    candidates = champion.shortlist([suite("s", entry("a", 0, 0.9))], "digits", 1)
    runs = champion.plan(candidates, DataView(Path(), "digits", "d"), [0])
    with pytest.raises(UserError, match="every refit diverged"):
        champion.choose(candidates, runs, {runs[0].key: entry("a", 0, None).record})
