"""The A/B tasks of transfer studies: those that the parameters declare, or one for every pair of classes as task B."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from bythebook.datasets.task_declaration import AnyTask, Between, Side, Task, check_tasks, sides
from bythebook.datasets.tasks import split_tasks
from bythebook.documents import read_json, read_yaml
from bythebook.errors import Problems, UserError, unknown
from bythebook.seeds import derived

ALL = "all"
MOST = 5  # tasks that an error lists
Classes = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Cut:
    """What a study's file says of its data.

    Attributes:
        where: the file's name, for errors.
        pairs: ``all`` for every pair of classes, names of declared tasks, or None for those that the parameters name.
        labels: the label budgets of task B, ascending; None for as many as each task has.
    """

    where: str
    pairs: str | tuple[str, ...] | None
    labels: tuple[int, ...] | None


@dataclass(frozen=True)
class TaskChoice:
    """What the parameters say of tasks.

    Attributes:
        dataset: the data set whose classes make pairs, and of tasks that name none.
        declared: every declared task, by name.
        named: the tasks of studies that name none.
        most: how many of all pairs are taken at most; None takes them all.
        seed: decides which.
    """

    dataset: str
    declared: Mapping[str, AnyTask]
    named: tuple[str, ...] = ()
    most: int | None = None
    seed: int = 0

    @property
    def datasets(self) -> set[str]:
        """Every data set that a task may be about."""
        between = [task for task in self.declared.values() if isinstance(task, Between)]
        return {self.dataset, *(side.dataset for task in between for side in (task.a, task.b))}


def read_cut(path: Path) -> Cut:
    """Reads what a study's file says of its data; what else stands there is not looked at.

    Raises:
        UserError: with every problem of that part.
    """
    content = read_yaml(path)
    if not isinstance(content, Mapping):
        raise UserError(f"{path.name}: a study is a mapping.")
    problems = Problems()
    cut = cut_of(content, path.name, problems)
    problems.raise_if_any()
    return cut


def cut_of(content: Mapping[str, Any], where: str, problems: Problems) -> Cut:
    """The part of a study's ``content`` that is about its data; what is wrong with it is noted."""
    pairs, labels = content.get("pairs"), content.get("labels")
    if isinstance(pairs, list):
        if not pairs or not all(isinstance(name, str) for name in pairs):
            problems.add(f"{where}: pairs", f"names of tasks are expected, or '{ALL}'; given {pairs!r}.")
        elif twice := sorted({name for name in pairs if pairs.count(name) > 1}):
            problems.add(f"{where}: pairs", f"{', '.join(twice)}: given more than once.")
    elif pairs not in (None, ALL):
        problems.add(f"{where}: pairs", f"a list of tasks is expected, or '{ALL}'; given {pairs!r}.")
    if labels is not None:
        _check_labels(labels, f"{where}: labels", problems)
    wanted = tuple(pairs) if isinstance(pairs, list) else pairs
    return Cut(where, wanted, tuple(labels) if isinstance(labels, list) else None)


def tasks_of(cut: Cut, choice: TaskChoice, classes: Classes, problems: Problems) -> dict[str, AnyTask]:
    """The tasks of a study, by name; what is wrong with them is noted.

    A pair of classes that a declared task is about goes by that task's name, and stands first. With fewer pairs than
    there are, the declared ones are among them and the others are drawn.

    Args:
        choice: with tasks that :func:`check_tasks` found nothing wrong with.
        classes: the names of the classes of every data set.
    """
    if cut.pairs == ALL:
        tasks = _every_pair(choice, classes)
        for name in sorted(tasks.keys() & choice.declared.keys()):
            if tasks[name] is not choice.declared[name]:
                problems.add(f"tasks.{name}", "is what the pair of those two classes is called; choose another name.")
    else:
        names = choice.named if cut.pairs is None else cut.pairs
        for name in names:
            if name not in choice.declared:
                problems.add(f"{cut.where}: pairs", unknown("task", name, choice.declared))
        tasks = {name: choice.declared[name] for name in names if name in choice.declared}
    smallest = cut.labels[0] if cut.labels else None
    short = [name for name, task in tasks.items() if smallest and smallest < len(_side_b(task, choice, classes)[1])]
    if short:
        others = " and others" if len(short) > MOST else ""
        said = f"{smallest} is less than one for every class of {', '.join(short[:MOST])}{others}."
        problems.add(f"{cut.where}: labels", said)
    return tasks


def tasks_for(
    cuts: Sequence[Cut], choice: TaskChoice, classes: Classes, problems: Problems
) -> dict[str, tuple[AnyTask, str]]:
    """Every declared task and every task of the studies, with as many images as the largest label budget asks for.

    Returns:
        By name, each with the place that asks for so many.
    """
    found = {name: (task, f"tasks.{name}.samples") for name, task in choice.declared.items()}
    for cut in cuts:
        for name, task in tasks_of(cut, choice, classes, problems).items():
            wanted = replace(task, samples=cut.labels[-1]) if cut.labels else task
            known, _ = found.get(name, (None, ""))
            if known is None or _is_more(wanted.samples, known.samples):
                found[name] = wanted, f"{cut.where}: labels"
    return found


def write_tasks(standardized: Path, out: Path, choice: TaskChoice, cuts: Sequence[Cut]) -> None:
    """Writes the index files of every declared task and of every task of the studies, all of them or none.

    Args:
        standardized: the folder of the choice's data set; others lie beside it.

    Raises:
        UserError: with every problem of every task and study; or ``out`` cannot be written.
        DataError: the standardized data are damaged.
    """
    cards = cards_of(standardized, choice)
    classes, problems = {name: card["classes"] for name, card in cards.items()}, Problems()
    check_tasks(choice.declared, classes[choice.dataset], problems, others=classes)
    problems.raise_if_any()
    wanted = tasks_for(cuts, choice, classes, problems)
    _check_counts(wanted, choice, cards, problems)
    problems.raise_if_any()
    split_tasks(standardized, out, {name: task for name, (task, _) in wanted.items()})


def cards_of(standardized: Path, choice: TaskChoice) -> dict[str, dict[str, Any]]:
    """The cards of the data sets that tasks may be about, by name.

    Raises:
        UserError: one is missing.
    """
    return {name: read_json(standardized.parent / name / "card.json") for name in sorted(choice.datasets)}


def _check_labels(labels: Any, where: str, problems: Problems) -> None:
    if not isinstance(labels, list) or not labels:
        problems.add(where, f"a list of numbers of labels is expected; given {labels!r}.")
    elif not all(isinstance(number, int) and not isinstance(number, bool) and number >= 1 for number in labels):
        problems.add(where, f"whole numbers from 1 on are expected; given {labels!r}.")
    elif any(later <= earlier for earlier, later in zip(labels, labels[1:], strict=False)):
        problems.add(where, f"must ascend, each number once; given {labels!r}.")


def _every_pair(choice: TaskChoice, classes: Classes) -> dict[str, AnyTask]:
    declared = {
        frozenset(_side_b(task, choice, classes)[1]): name
        for name, task in choice.declared.items()
        if isinstance(task, Task)
    }
    pairs = [frozenset(pair) for pair in combinations(range(len(classes[choice.dataset])), 2)]
    known = [pair for pair in pairs if pair in declared]
    others = [sorted(pair) for pair in pairs if pair not in declared]
    if choice.most is not None:
        known = known[: choice.most]
        drawn = np.random.default_rng(derived(choice.seed, "pairs")).permutation(len(others))
        others = [others[index] for index in sorted(drawn[: choice.most - len(known)].tolist())]
    tasks = {declared[pair]: choice.declared[declared[pair]] for pair in known}
    return tasks | {f"pair_{first}_{second}": Task((first, second), None) for first, second in others}


def _side_b(task: AnyTask, choice: TaskChoice, classes: Classes) -> tuple[str, tuple[int | str, ...]]:
    """The data set of task B, and its classes by number."""
    side: Side = sides(task, choice.dataset, classes)[1]
    return side.dataset, side.classes or ()


def _is_more(one: int | None, other: int | None) -> bool:
    """Whether one number of images is larger; None is all of them."""
    return other is not None and (one is None or one > other)


def _check_counts(
    wanted: Mapping[str, tuple[AnyTask, str]], choice: TaskChoice, cards: Mapping[str, Any], problems: Problems
) -> None:
    """Notes, for each place that asks for labels, the tasks that have fewer."""
    classes = {name: card["classes"] for name, card in cards.items()}
    short: dict[str, list[str]] = {}
    for name, (task, where) in wanted.items():
        dataset, own = _side_b(task, choice, classes)
        per_class = cards[dataset]["splits"]["train"]["per_class"]
        available = sum(per_class[int(label)] for label in own)
        if task.samples is not None and task.samples > available:
            short.setdefault(f"{where}: {task.samples}", []).append(f"{name} has {available}")
    for asked, tasks in short.items():
        others = f" and {len(tasks) - MOST} others have too few" if len(tasks) > MOST else ""
        problems.add(f"{asked} training images asked for", f"{', '.join(tasks[:MOST])}{others}.")
