"""What a study's file may say, and what it is told when it says something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_study import STUDY, study

from bythebook.errors import UserError

UNLABELLED = "{name: autoencoder_then_finetune, frozen_epochs: 1, fine_tuning_epochs: 2}"


def refused(tmp_path: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(UserError) as raised:
        study(tmp_path, text)
    return raised.value.problems


def test_a_study_is_resolved_with_the_baseline_first(tmp_path: Path) -> None:
    found = study(tmp_path, STUDY, hidden=[4])
    assert list(found.strategies) == ["from_scratch", "freeze_then_finetune", "frozen"]
    assert found.strategies["frozen"]["epochs"] == 3
    assert (found.name, found.cut.labels, found.cut.pairs) == ("mine", (4, 10), None)
    assert found.recipe_b["epochs"] == 3
    assert {name: recipe["epochs"] for name, recipe in found.sources.items()} == {"task_a": 9}
    assert all(recipe["hidden"] == [4] for recipe in found.recipes.values())


def test_all_problems_of_a_study_come_together(tmp_path: Path) -> None:
    text = STUDY.replace("[4, 10]", "[10, 4]").replace("frozen_epochs: 1", "frozen_epochs: 0")
    text = text.replace("name: frozen,", "name: frzen,").replace("epochs: 9", "epohcs: 9") + "pairs: every\nmore: 1\n"
    said = "\n".join(refused(tmp_path, text))
    for part in (
        "mine.yaml: more: unknown key 'more'",
        "mine.yaml: pairs: a list of tasks is expected, or 'all'; given 'every'.",
        "mine.yaml: labels: must ascend, each number once; given [10, 4].",
        "mine.yaml: strategies.0.frozen_epochs: input should be greater than or equal to 1; given 0.",
        "mine.yaml: strategies.2: unknown strategy 'frzen'. Did you mean 'frozen'?",
        "mine.yaml: model_a.epohcs: unknown key 'epohcs'. Did you mean 'epochs'?",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("strategies", "said"),
    [
        ("[]", ": a list is expected, from_scratch and what is compared with it; given []."),
        ("frozen", ": a list is expected, from_scratch and what is compared with it; given 'frozen'."),
        ("[from_scratch]", ": from_scratch alone compares nothing; name at least one more."),
        ("[frozen, finetune]", ": from_scratch is missing, which all others are compared with."),
        ("[from_scratch, frozen, frozen]", ": frozen stands 2 times; a strategy stands once."),
        (
            "[from_scratch, {name: frozen, epochs: 3}]",
            ": are compared after equally many epochs on task B; given from_scratch 20, frozen 3.",
        ),
        (
            "[from_scratch, {name: frozen, reused: 2}]",
            ".frozen: reused: the net has 1 hidden layer(s); allowed: 1 to 1",
        ),
    ],
)
def test_strategies_that_cannot_be_compared(tmp_path: Path, strategies: str, said: str) -> None:
    start, end = STUDY.index("strategies:"), STUDY.index("model_a:")
    (problem,) = refused(tmp_path, f"{STUDY[:start]}strategies: {strategies}\n{STUDY[end:]}")
    assert problem.startswith(f"mine.yaml: strategies{said}")


def test_a_study_without_strategies_is_told_so_with_everything_else(tmp_path: Path) -> None:
    said = refused(tmp_path, "question: Q\nlabels: [0]\nmodel_a: {}\n")
    assert "mine.yaml: strategies: is required and was not given." in said
    assert "mine.yaml: model_b: is required and was not given." in said
    assert "mine.yaml: labels: whole numbers from 1 on are expected; given [0]." in said


def test_layers_are_copied_between_equal_stacks_alone(tmp_path: Path) -> None:
    said = refused(tmp_path, STUDY.replace("{output", "{hidden: [4], output"))
    assert said == ("mine.yaml: model_b.hidden: lower layers can be copied only between equal stacks of layers.",)


def test_a_study_is_a_mapping(tmp_path: Path) -> None:
    assert refused(tmp_path, "- a") == (
        "mine.yaml: a study is a mapping with question, strategies, model_a, model_b, pretraining, follow_model_a,"
        " pairs, labels.",
    )


def test_nets_that_need_no_labels_start_from_model_as_recipe(tmp_path: Path) -> None:
    pretraining = "pretraining: {optimizer: adam, epochs: 5}\n"
    text = STUDY.replace("{name: frozen, epochs: 3}", UNLABELLED) + pretraining
    found = study(tmp_path, text.replace("{hidden", "{scaling: unit, hidden"))
    assert list(found.sources) == ["task_a", "reconstruction"]
    recipe = found.sources["reconstruction"]
    assert (recipe["target"], recipe["optimizer"]["name"], recipe["epochs"]) == ("reconstruction", "adam", 5)
    assert (recipe["hidden"], recipe["scaling"]) == (found.recipe_b["hidden"], "unit")
    wider = text.replace("{optimizer", "{hidden: [4], optimizer")
    assert refused(tmp_path, wider) == (
        "mine.yaml: pretraining.hidden: lower layers can be copied only between equal stacks of layers.",
    )


def test_labels_are_what_task_a_and_task_b_learn(tmp_path: Path) -> None:
    said = refused(tmp_path, STUDY.replace("{hidden", "{target: rotation, scaling: unit, hidden"))
    assert [problem.split(": only")[0] for problem in said] == [
        "mine.yaml: model_a.target",
        "mine.yaml: model_b.target",
    ]
