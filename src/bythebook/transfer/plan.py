"""The runs of a transfer study: the nets whose layers are reused, each once, and every arm on task B."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bythebook import catalogue
from bythebook.datasets.pairs import Cut, TaskChoice, cards_of, tasks_of
from bythebook.documents import read_json
from bythebook.errors import Problems
from bythebook.records.recipe import Recipe
from bythebook.records.study import StudyOutline, StudyTask
from bythebook.runs.loops import AUTOMATIC, LoopSettings, with_loops
from bythebook.runs.run import Run
from bythebook.runs.view import DataView
from bythebook.transfer.declaration import TASK_A, Study

ABOUT: Mapping[str, str] = {
    TASK_A: "The source: trained on all of task A.",
    "reconstruction": "A source that needs no labels: trained to give its own images back.",
    "rotation": "A source that needs no labels: trained to tell how far an image was turned.",
}
MODEL_A = "model_a"


@dataclass(frozen=True)
class Target:
    """A task of a study.

    Attributes:
        folder: of its index files; its name is the task's.
        budgets: how many labelled images of task B are seen, ascending; None for all that there are.
        declared: whether the parameters declare it, and not the study alone.
    """

    folder: Path
    budgets: tuple[int | None, ...]
    declared: bool = True


def targets(cut: Cut, choice: TaskChoice, standardized: Path, tasks: Path) -> list[Target]:
    """The tasks of a study with their budgets: the study's own, or as many labels as each task is declared to have.

    Args:
        standardized: the folder of the choice's data set; others lie beside it.
        tasks: the folder that split_tasks wrote.

    Raises:
        UserError: with everything that is wrong with the study's tasks.
    """
    problems = Problems()
    classes = {name: card["classes"] for name, card in cards_of(standardized, choice).items()}
    found = tasks_of(cut, choice, classes, problems)
    problems.raise_if_any()
    return [
        Target(tasks / name, cut.labels or (task.samples,), name in choice.declared) for name, task in found.items()
    ]


def plan(
    study: Study,
    standardized: Path,
    targets: Sequence[Target],
    seeds: Sequence[int],
    loops: LoopSettings = AUTOMATIC,
) -> list[Run]:
    """Every run of a study, sources first: a source is trained once for each seed and serves all arms and budgets.

    Raises:
        UserError: with every task that has fewer labels than a budget asks for.
    """
    # A source's loop is part of its key, which the runs that stand on it name.
    sources = with_loops(_sources(study, standardized, targets, seeds), loops)
    known = {(run.tags["source"], run.tags["task"], run.seed): run for run in sources}
    arms: list[Run] = []
    problems = Problems()
    for target in targets:
        for budget in target.budgets:
            with problems.collecting():
                view = DataView.of(standardized, target.folder, "b", budget)
                arms += _arms(study, target.folder.name, view, seeds, known)
    problems.raise_if_any()
    return [*sources, *with_loops(arms, loops)]


def outline_of(study: Study, targets: Sequence[Target], runs: Sequence[Run]) -> StudyOutline:
    """Return what a study is made of, as later stages read it."""
    labels: dict[str, set[int]] = {}
    for run in runs:
        if run.tags["labels"]:
            labels.setdefault(run.tags["task"], set()).add(int(run.tags["labels"]))
    tasks = {}
    for target in targets:
        name, cut = target.folder.name, read_json(target.folder / "task.json")
        tasks[name] = StudyTask(
            names=cut["b"]["names"],
            declared=target.declared,
            labels=sorted(labels[name]),
            validation=cut["b"]["validation"],
            source_validation=cut["a"]["validation"],
        )
    return StudyOutline(name=study.name, strategies=list(study.strategies), tasks=tasks)


def names_of(study: Study, task: str, budgets: Sequence[int]) -> dict[str, Recipe]:
    """The recipe of every run of a study on a task with these numbers of labels, by name."""
    arms = {arm_name(task, strategy, labels): study.recipe_b for strategy in study.strategies for labels in budgets}
    return arms | {source_name(task, source): recipe for source, recipe in study.sources.items()}


def arm_name(task: str, strategy: str, labels: int) -> str:
    """How a study names the runs of one arm."""
    return f"{task}.{strategy}.{labels}"


def source_name(task: str, source: str) -> str:
    """How a study names the runs of a net whose layers are reused; only model A belongs to a task."""
    return f"{task}.{MODEL_A}" if source == TASK_A else f"{source}.pretrained"


def _sources(study: Study, standardized: Path, targets: Sequence[Target], seeds: Sequence[int]) -> list[Run]:
    wanted = {catalogue.build("strategy", strategy).source for strategy in study.strategies.values()}
    runs = []
    for source, recipe in study.sources.items():
        if source not in wanted:
            continue
        views = {"": DataView.of(standardized)}
        if source == TASK_A:
            views = {target.folder.name: DataView.of(standardized, target.folder, "a") for target in targets}
        for task, view in views.items():
            tags = {"source": source, "task": task, "arm": "", "labels": ""}
            name = source_name(task, source)
            runs += [Run(name, seed, recipe, view, ABOUT[source], tags=tags) for seed in seeds]
    return runs


def _arms(
    study: Study, task: str, view: DataView, seeds: Sequence[int], sources: Mapping[tuple[str, str, int], Run]
) -> list[Run]:
    runs = []
    for name, strategy in study.strategies.items():
        source = catalogue.build("strategy", strategy).source
        about = catalogue.techniques("strategy")[name].summary
        tags = {"source": "", "task": task, "arm": name, "labels": str(view.images)}
        for seed in seeds:
            own = sources.get((source, task if source == TASK_A else "", seed))
            reuse: dict[str, Any] = {"strategy": strategy, "source": own.key if own else None}
            if own and source == TASK_A and study.follow_model_a:
                reuse["source_view"] = own.view
            runs.append(Run(arm_name(task, name, view.images), seed, study.recipe_b, view, about, tags=tags, **reuse))
    return runs
