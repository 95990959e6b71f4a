"""The runs of a study: sources once, arms that differ in nothing but where their lower layers come from."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_study import STUDY, data, study, target

from bythebook.datasets.pairs import Cut, TaskChoice
from bythebook.datasets.task_declaration import Task
from bythebook.errors import UserError
from bythebook.runs.view import DataView
from bythebook.transfer.plan import outline_of, plan, targets


def test_model_a_is_trained_once_for_each_seed_and_serves_all_arms_and_budgets(tmp_path: Path) -> None:
    chosen = [target(tmp_path / "tasks", name) for name in ("one", "two")]
    runs = plan(study(tmp_path), data(tmp_path), chosen, [0, 1])
    sources = {(run.tags["task"], run.seed): run for run in runs if run.tags["source"]}
    assert len(sources) == 4
    assert len(runs) == 4 + 2 * 2 * 3 * 2
    assert len({run.key for run in runs}) == len(runs)
    for (task, _), source in sources.items():
        assert (source.name, source.view.side, source.recipe["epochs"]) == (f"{task}.model_a", "a", 9)
    arms = [run for run in runs if run.tags["arm"]]
    for run in arms:
        reuses = run.tags["arm"] != "from_scratch"
        assert run.source == (sources[run.tags["task"], run.seed].key if reuses else None)


def test_arms_on_b_have_the_same_recipe_data_and_epochs(tmp_path: Path) -> None:
    runs = plan(study(tmp_path), data(tmp_path), [target(tmp_path / "tasks", "one")], [0])
    arms = [run for run in runs if run.tags["arm"]]
    assert sorted(run.name for run in arms) == sorted(
        f"one.{strategy}.{labels}"
        for strategy in ("freeze_then_finetune", "from_scratch", "frozen")
        for labels in (4, 10)
    )
    for labels in (4, 10):
        own = [run for run in arms if run.tags["labels"] == str(labels)]
        assert len({run.view for run in own}) == 1
        assert own[0].view.images == labels
        assert all(run.recipe == own[0].recipe and run.epochs == 3 for run in own)


def test_nets_that_need_no_labels_see_the_whole_data_set_once_for_each_seed(tmp_path: Path) -> None:
    unlabelled = "{name: autoencoder_then_finetune, frozen_epochs: 1, fine_tuning_epochs: 2}"
    declared = study(tmp_path, STUDY.replace("{name: frozen, epochs: 3}", unlabelled))
    folder = data(tmp_path)
    runs = plan(declared, folder, [target(tmp_path / "tasks", name) for name in ("one", "two")], [0, 1])
    sources = {run.seed: run for run in runs if run.tags["source"] == "reconstruction"}
    assert {run.name for run in sources.values()} == {"reconstruction.pretrained"}
    assert all(run.view == DataView.of(folder) for run in sources.values())
    arms = [run for run in runs if run.tags["arm"] == "autoencoder_then_finetune"]
    assert len(arms) == 2 * 2 * 2
    assert all(run.source == sources[run.seed].key for run in arms)


def test_model_a_is_followed_where_the_study_says_so(tmp_path: Path) -> None:
    chosen = [target(tmp_path / "tasks", "one")]
    plain = plan(study(tmp_path), data(tmp_path), chosen, [0])
    followed = plan(study(tmp_path, STUDY + "follow_model_a: true\n"), data(tmp_path), chosen, [0])
    assert {run.source_view for run in plain} == {None}
    views = {run.tags["arm"]: run.source_view for run in followed if run.tags["arm"]}
    (model_a,) = (run for run in followed if run.tags["source"])
    assert views == {"from_scratch": None, "freeze_then_finetune": model_a.view, "frozen": model_a.view}


def test_what_is_seen_decides_a_views_digest_and_not_what_else_its_task_holds(tmp_path: Path) -> None:
    folder = data(tmp_path)
    small, large = (target(tmp_path / "tasks", name, samples=size).folder for name, size in (("s", 10), ("l", 20)))
    digests = [DataView.of(folder, task, "b", 10).digest for task in (small, large)]
    assert digests[0] == digests[1] == DataView.of(folder, small, "b").digest
    others = [DataView.of(folder, large, side, labels).digest for side, labels in (("b", None), ("b", 4), ("a", None))]
    assert len({*others, *digests}) == 4


def test_too_few_labels_are_told_for_every_task_at_once(tmp_path: Path) -> None:
    chosen = [target(tmp_path / "tasks", name, budgets=(4, 21)) for name in ("one", "two")]
    with pytest.raises(UserError) as raised:
        plan(study(tmp_path), data(tmp_path), chosen, [0])
    few = "21 labels asked for, but there are 20 training images."
    assert raised.value.problems == (f"one: {few}", f"two: {few}")


def test_a_study_without_budgets_takes_as_many_labels_as_its_tasks_have(tmp_path: Path) -> None:
    tasks = {"one": Task((0, 1), 10), "all_of_b": Task((1, 0), None)}
    folder = data(tmp_path / "digits")
    found = targets(Cut("mine.yaml", None, None), TaskChoice("digits", tasks, tuple(tasks)), folder, tmp_path / "tasks")
    assert [(target.folder.name, target.budgets, target.declared) for target in found] == [
        ("one", (10,), True),
        ("all_of_b", (None,), True),
    ]
    chosen = [target(tmp_path / "tasks", "one", (10,)), target(tmp_path / "tasks", "all_of_b", (None,))]
    declared = study(tmp_path, STUDY.replace("labels: [4, 10]\n", ""))
    about = outline_of(declared, chosen, plan(declared, folder, chosen, [0]))
    assert {name: task.labels for name, task in about.tasks.items()} == {"one": [10], "all_of_b": [20]}
    assert about.tasks["one"].names == ["zero", "one"]
    assert (about.tasks["one"].validation, about.tasks["one"].source_validation) == (30, 30)
    assert about.strategies[0] == "from_scratch"
