"""The transfer studies that the project declares: what its claims and references name is run, with every budget."""

from __future__ import annotations

from pathlib import Path

import pytest

from bythebook.claims.references import read_references
from bythebook.datasets.pairs import tasks_of
from bythebook.datasets.registry import find
from bythebook.errors import Problems
from bythebook.transfer.plan import names_of
from pipeline import declarations, stage
from pipeline.declarations import Declarations
from pipeline.tasks import choice

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def declared() -> Declarations:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return declarations.read()


def arms(declared: Declarations, study: str) -> set[str]:
    """Every arm of a study that is run with the standard budget."""
    params, problems = declared.params, Problems()
    classes = {name: find(name).classes for name in params.datasets}
    tasks = tasks_of(declared.studies[study].cut, choice(params), classes, problems)
    assert problems.found == []
    labels = declared.studies[study].cut.labels
    budgets = {name: labels or (task.samples,) for name, task in tasks.items()}
    return {
        f"transfer_{study}/{arm}" for name in tasks for arm in names_of(declared.studies[study], name, budgets[name])
    }


def test_every_study_is_run(declared: Declarations) -> None:
    assert set(declared.params.transfers) == set(declared.studies) == {
        "freeze_then_finetune", "all_pairs", "label_curve", "strategies",
    }  # fmt: skip


def test_all_pairs_are_45_with_the_books_among_them(declared: Declarations) -> None:
    found = {arm.partition("/")[2].partition(".")[0] for arm in arms(declared, "all_pairs")}
    assert len(found) == 45
    assert {"sandal_vs_shirt", "tshirt_vs_pullover"} <= found
    assert declared.params.chosen.seeds >= 5


def test_label_budgets_go_from_20_to_1000_on_both_pairs_of_the_book(declared: Declarations) -> None:
    found = arms(declared, "label_curve")
    for task in ("sandal_vs_shirt", "tshirt_vs_pullover"):
        for strategy in declared.studies["label_curve"].strategies:
            budgets = {int(arm.rpartition(".")[2]) for arm in found if f"/{task}.{strategy}." in arm}
            assert min(budgets) == 20 and max(budgets) == 1000 and len(budgets) >= 6


def test_claims_and_references_name_arms_that_are_run(declared: Declarations) -> None:
    every = set.union(*(arms(declared, study) for study in declared.params.transfers))
    claimed = {arm for claim in declared.claims for part in claim.comparisons for arm in part.arms}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        claimed |= {reference.arm for reference in read_references(stage.REFERENCES)}
    of_transfer = {arm for arm in claimed if arm.startswith("transfer_")}
    assert len(of_transfer) > 15
    assert {arm for arm in of_transfer if "*" not in arm} <= every
    judged = {claim.name for claim in declared.claims if claim.comparisons}
    assert {"C-07", "C-08", "C-09", "C-10", "C-11"} <= judged


def test_strategies_are_compared_after_equally_many_epochs_in_all_studies(declared: Declarations) -> None:
    assert {study.recipe_b["epochs"] for study in declared.studies.values()} == {20}
