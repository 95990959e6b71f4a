"""What A/B tasks are declared to be: classes of one data set against its other classes, or two data sets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bythebook.errors import Problems, unknown

NAME = re.compile(r"[A-Za-z0-9_-]+")
OVERLAP = 0.1
Classes = tuple[int | str, ...]


@dataclass(frozen=True)
class Task:
    """A task within one data set: which classes are B, and how many training images it has; all others are A.

    Attributes:
        classes: the classes of B, by number or by name, in the order of their new labels.
        samples: the first so many training images of B are kept; None keeps all.
    """

    classes: Classes
    samples: int | None


@dataclass(frozen=True)
class Side:
    """One side of a task.

    Attributes:
        dataset: the data set.
        classes: its classes, by number or by name, in the order of their new labels; None: all of them.
    """

    dataset: str
    classes: Classes | None = None


@dataclass(frozen=True)
class Between:
    """A task between two data sets, or two sets of classes of one.

    Attributes:
        samples: the first so many training images of B are kept; None keeps all.
        overlap: the share of B's images that may also stand in A; they are taken out of A.
    """

    a: Side
    b: Side
    samples: int | None = None
    overlap: float = OVERLAP


AnyTask = Task | Between


def sides(task: AnyTask, dataset: str, classes: Mapping[str, Sequence[str]]) -> tuple[Side, Side]:
    """Both sides of a task that :func:`check_tasks` found nothing wrong with, its classes by number.

    Args:
        dataset: the data set of a task that names none.
        classes: the names of every data set's classes.
    """
    if isinstance(task, Between):
        return _numbered(task.a, classes), _numbered(task.b, classes)
    side_b = _numbered(Side(dataset, task.classes), classes)
    own = side_b.classes or ()
    return Side(dataset, tuple(label for label in range(len(classes[dataset])) if label not in own)), side_b


def check_tasks(
    tasks: Mapping[str, AnyTask],
    classes: Sequence[str],
    problems: Problems,
    where: str = "tasks",
    others: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Notes everything about the declared ``tasks`` that cannot be.

    Args:
        classes: of the data set of tasks that name none.
        others: the classes of the data sets that tasks may name, by name.
    """
    for name, task in tasks.items():
        if not NAME.fullmatch(name):
            problems.add(where, f"'{name}' cannot name a task; allowed: letters, digits, '_' and '-'.")
        here = f"{where}.{name}"
        if isinstance(task, Between):
            _check_between(task, others or {}, problems, here)
        else:
            own = _check_classes(task.classes, classes, problems, f"{here}.classes", "task B needs")
            if len(classes) - len(own) < 2:
                left = f"leave {len(classes) - len(own)} of {len(classes)} classes to task A, which needs 2."
                problems.add(f"{here}.classes", left)
        if task.samples is not None and task.samples < 1:
            problems.add(f"{here}.samples", f"must be at least 1, or null for all; given {task.samples}.")


def _check_between(task: Between, known: Mapping[str, Sequence[str]], problems: Problems, where: str) -> None:
    found = {}
    for name, side in (("a", task.a), ("b", task.b)):
        here = f"{where}.{name}"
        if side.dataset not in known:
            problems.add(f"{here}.dataset", unknown("dataset", side.dataset, known))
            continue
        names = known[side.dataset]
        every = tuple(range(len(names)))
        own = every if side.classes is None else side.classes
        found[name] = _check_classes(own, names, problems, f"{here}.classes", "a task needs")
    if len(found) == 2 and task.a.dataset == task.b.dataset:
        both = sorted(found["a"] & found["b"])
        if both:
            names = ", ".join(known[task.a.dataset][label] for label in both)
            problems.add(where, f"{names}: in A and in B; a class of {task.a.dataset} can be in one of them.")


def _check_classes(declared: Classes, known: Sequence[str], problems: Problems, where: str, needs: str) -> set[int]:
    """The numbers of the declared classes that exist; everything that is wrong with them is noted."""
    numbers = {entry: _number(entry, known) for entry in declared}
    missing = sorted(entry for entry in numbers if isinstance(entry, int) and numbers[entry] is None)
    if missing:
        problems.add(where, f"{missing} do not exist; allowed: 0 to {len(known) - 1} ({', '.join(known)}).")
    for entry, number in numbers.items():
        if isinstance(entry, str) and number is None:
            problems.add(where, unknown("class", entry, known))
        elif number is not None and isinstance(entry, int) and str(entry) in known and known[number] != str(entry):
            other = f"is the name of one class and the number of another, '{known[number]}'"
            problems.add(where, f"{entry} {other}; write '{entry}' or '{known[number]}', in quotes.")
    found = [numbers[entry] for entry in declared if numbers[entry] is not None]
    twice = sorted({entry for entry in declared if found.count(numbers[entry]) > 1}, key=str)
    if twice:
        problems.add(where, f"{twice} are given more than once; a class stands in a task once.")
    if len(set(declared)) < 2:
        problems.add(where, f"{list(declared)} are fewer than the 2 classes that {needs}.")
    return {number for number in found if number is not None}


def _numbered(side: Side, classes: Mapping[str, Sequence[str]]) -> Side:
    known = classes[side.dataset]
    if side.classes is None:
        return Side(side.dataset, tuple(range(len(known))))
    return Side(side.dataset, tuple(number for entry in side.classes if (number := _number(entry, known)) is not None))


def _number(entry: int | str, known: Sequence[str]) -> int | None:
    """The number of a class, or None if there is none."""
    if isinstance(entry, str):
        return known.index(entry) if entry in known else None
    return entry if 0 <= entry < len(known) else None
