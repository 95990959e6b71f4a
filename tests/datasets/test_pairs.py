"""Which tasks a transfer study is run on, and how many images each has."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_data import CLASSES, labelled, standardized

from bythebook.datasets.pairs import Cut, TaskChoice, cut_of, read_cut, tasks_for, tasks_of, write_tasks
from bythebook.datasets.task_declaration import AnyTask, Between, Side, Task
from bythebook.errors import Problems, UserError

DECLARED = {"star_vs_square": Task((2, 1), 12), "many": Task((0, 1, 3), None)}
CHOICE = TaskChoice("shapes", DECLARED, ("star_vs_square",))
POSSIBLE = TaskChoice(
    "standardized", {"star_vs_square": Task((2, "square"), 12), "all_of_b": Task((3, 0), None)}, ("star_vs_square",)
)
EVERY = Cut("all.yaml", "all", (4, 20))


def found(cut: Cut, choice: TaskChoice = CHOICE, classes: int = len(CLASSES)) -> dict[str, AnyTask]:
    problems = Problems()
    tasks = tasks_of(cut, choice, {"shapes": [f"class {index}" for index in range(classes)]}, problems)
    assert problems.found == []
    return tasks


def test_every_pair_of_classes_is_a_task_and_a_declared_one_goes_by_its_name() -> None:
    tasks = found(EVERY, classes=10)
    assert list(tasks)[:2] == ["star_vs_square", "pair_0_1"]
    assert len(tasks) == 45
    assert {frozenset(task.classes) for task in tasks.values()} == {frozenset(p) for p in combinations(range(10), 2)}
    assert tasks["star_vs_square"] is DECLARED["star_vs_square"]
    assert "pair_1_2" not in tasks and tasks["pair_5_6"] == Task((5, 6), None)


def test_of_fewer_pairs_the_declared_are_some_and_the_seed_draws_the_others() -> None:
    few = [list(found(EVERY, TaskChoice("shapes", DECLARED, (), 5, seed), 10)) for seed in (1, 1, 2)]
    assert [len(names) for names in few] == [5, 5, 5]
    assert all(names[0] == "star_vs_square" for names in few)
    assert few[0] == few[1] != few[2]
    assert list(found(EVERY, TaskChoice("shapes", DECLARED, (), 1), 10)) == ["star_vs_square"]


def test_a_study_names_its_tasks_or_takes_those_of_the_parameters() -> None:
    assert list(found(Cut("a.yaml", ("many",), None))) == ["many"]
    assert list(found(Cut("a.yaml", None, None))) == ["star_vs_square"]


def test_a_task_has_as_many_images_as_the_largest_budget_asks_for() -> None:
    cuts = [EVERY, Cut("more.yaml", ("star_vs_square",), (8, 30)), Cut("own.yaml", None, None)]
    wanted = tasks_for(cuts, CHOICE, {"shapes": CLASSES}, Problems())
    samples = {name: task.samples for name, (task, _) in wanted.items()}
    pairs = {f"pair_{first}_{second}" for first, second in combinations(range(4), 2)} - {"pair_1_2"}
    assert samples == {"star_vs_square": 30, "many": None, **dict.fromkeys(pairs, 20)}
    assert wanted["star_vs_square"][1] == "more.yaml: labels"
    assert wanted["star_vs_square"][0].classes == (2, 1)


def test_the_files_of_every_task_are_written(tmp_path: Path) -> None:
    folder = standardized(tmp_path, labelled(100), labelled(40, seed=1))
    write_tasks(folder, tmp_path / "tasks", POSSIBLE, [EVERY])
    tasks = {path.parent.name: json.loads(path.read_text()) for path in (tmp_path / "tasks").glob("*/task.json")}
    pairs = {"pair_0_1", "pair_0_2", "pair_1_3", "pair_2_3", "star_vs_square"}
    images = {name: task["b"]["train"] for name, task in tasks.items()}
    assert images == {**dict.fromkeys(pairs, 20), "all_of_b": 40}
    first = np.load(tmp_path / "tasks" / "star_vs_square" / "b_train.npy")
    write_tasks(folder, tmp_path / "tasks", POSSIBLE, [])
    assert np.load(tmp_path / "tasks" / "star_vs_square" / "b_train.npy").tolist() == first[:12].tolist()


def test_more_labels_than_there_are_name_the_study_and_the_tasks_and_nothing_is_written(tmp_path: Path) -> None:
    folder = standardized(tmp_path, labelled(100), labelled(40, seed=1))
    cuts = [Cut("all.yaml", "all", (41,)), Cut("named.yaml", ("all_ofb", "stars"), (2, 4))]
    with pytest.raises(UserError) as raised:
        write_tasks(folder, tmp_path / "tasks", POSSIBLE, cuts)
    few = "star_vs_square has 40, pair_0_1 has 40, pair_0_2 has 40, pair_1_3 has 40, pair_2_3 has 40"
    allowed = "Allowed: all_of_b, star_vs_square."
    assert raised.value.problems == (
        f"named.yaml: pairs: unknown task 'all_ofb'. Did you mean 'all_of_b'? {allowed}",
        f"named.yaml: pairs: unknown task 'stars'. Did you mean 'star_vs_square'? {allowed}",
        f"all.yaml: labels: 41 training images asked for: {few}.",
    )
    assert not (tmp_path / "tasks").exists()


def test_a_budget_below_the_number_of_classes_is_refused() -> None:
    problems = Problems()
    tasks_of(Cut("a.yaml", ("many", "star_vs_square"), (2, 5)), CHOICE, {"shapes": CLASSES}, problems)
    assert problems.found == ["a.yaml: labels: 2 is less than one for every class of many."]


def test_a_declared_task_must_not_bear_the_name_of_another_pair() -> None:
    problems = Problems()
    tasks_of(EVERY, TaskChoice("shapes", {"pair_0_1": Task((2, 3), 5)}), {"shapes": CLASSES}, problems)
    assert problems.found == ["tasks.pair_0_1: is what the pair of those two classes is called; choose another name."]


def test_a_task_between_two_data_sets_has_the_classes_and_images_of_its_own_side_b() -> None:
    between = Between(Side("shapes"), Side("letters", ("a", "c")), 9)
    choice = TaskChoice("shapes", {"across": between}, ("across",))
    classes = {"shapes": CLASSES, "letters": ["a", "b", "c"]}
    assert choice.datasets == {"shapes", "letters"}
    problems = Problems()
    assert tasks_of(Cut("s.yaml", None, (2, 5)), choice, classes, problems) == {"across": between}
    wanted = tasks_for([Cut("s.yaml", None, (2, 15))], choice, classes, problems)
    assert wanted["across"][0] == Between(between.a, between.b, 15)
    assert len(tasks_of(Cut("s.yaml", "all", (2,)), choice, classes, problems)) == 6
    tasks_of(Cut("s.yaml", None, (1, 5)), choice, classes, problems)
    assert problems.found == ["s.yaml: labels: 1 is less than one for every class of across."]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"labels": [50, 20]}, "s.yaml: labels: must ascend, each number once; given [50, 20]."),
        ({"labels": [20, 20]}, "s.yaml: labels: must ascend, each number once; given [20, 20]."),
        ({"labels": [0, 20]}, "s.yaml: labels: whole numbers from 1 on are expected; given [0, 20]."),
        ({"labels": [2.5]}, "s.yaml: labels: whole numbers from 1 on are expected; given [2.5]."),
        ({"labels": []}, "s.yaml: labels: a list of numbers of labels is expected; given []."),
        ({"labels": 20}, "s.yaml: labels: a list of numbers of labels is expected; given 20."),
        ({"pairs": "every"}, "s.yaml: pairs: a list of tasks is expected, or 'all'; given 'every'."),
        ({"pairs": [3]}, "s.yaml: pairs: names of tasks are expected, or 'all'; given [3]."),
        ({"pairs": []}, "s.yaml: pairs: names of tasks are expected, or 'all'; given []."),
        ({"pairs": ["a", "b", "a"]}, "s.yaml: pairs: a: given more than once."),
    ],
)
def test_what_a_study_cannot_ask_for(given: dict[str, Any], said: str) -> None:
    problems = Problems()
    cut_of(given, "s.yaml", problems)
    assert problems.found == [said]


def test_a_study_is_a_mapping(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("pairs: all\nlabels: [5, 10]\nquestion: not looked at\n")
    assert read_cut(tmp_path / "s.yaml") == Cut("s.yaml", "all", (5, 10))
    (tmp_path / "s.yaml").write_text("- a\n")
    with pytest.raises(UserError, match="s.yaml: a study is a mapping"):
        read_cut(tmp_path / "s.yaml")
