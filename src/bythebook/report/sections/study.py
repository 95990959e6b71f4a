"""What a transfer study found, looked up: its arms by task, strategy and labels, on test images where they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bythebook.records.study import ArmFinding, ArmWorth, GainOverTasks, LabelWorth, StudyTask
from bythebook.records.suite import Entry, Suite
from bythebook.report.sources import Sources
from bythebook.report.theme import DASHES, SERIES

BASELINE = 0  # the place of what all strategies are compared with
FIRST, OTHERS = SERIES[1], (SERIES[0], *SERIES[2:])


@dataclass(frozen=True)
class StudyStrategy:
    """One strategy of a study, and how pictures draw it."""

    name: str
    colour: str
    dash: str

    @property
    def title(self) -> str:
        """Its name as words."""
        return self.name.replace("_", " ")


@dataclass(frozen=True)
class StudyResults:
    """A study's findings.

    Attributes:
        split: where they were measured: ``test``, or ``validation`` when the study was not evaluated.
        strategies: the baseline first.
        tasks: what the study says of each task.
        arms: what was found, by task, strategy and labels.
        worth: how many labels from scratch give the same error, by the same.
        validated: how many seeds finished, and their mean accuracy on validation images, by the same: what a strategy
            is chosen by.
        over_tasks: what was found over all tasks, for each strategy and budget.
        runs: the runs of each arm.
    """

    name: str
    split: str
    strategies: tuple[StudyStrategy, ...]
    tasks: Mapping[str, StudyTask]
    arms: Mapping[tuple[str, str, int], ArmFinding]
    worth: Mapping[tuple[str, str, int], LabelWorth | None]
    validated: Mapping[tuple[str, str, int], tuple[int, float]]
    over_tasks: tuple[GainOverTasks, ...]
    runs: Mapping[tuple[str, str, int], tuple[Entry, ...]]

    @property
    def others(self) -> tuple[StudyStrategy, ...]:
        """The strategies that are compared with the baseline."""
        return self.strategies[1:]

    @property
    def is_of_pairs(self) -> bool:
        """Whether it has tasks of its own: pairs of classes that nobody declared."""
        return any(not task.declared for task in self.tasks.values())

    def budgets(self, task: str) -> tuple[int, ...]:
        """The label budgets of a task, ascending."""
        return tuple(self.tasks[task].labels)

    def middle(self, task: str) -> int:
        """The budget in the middle, or the smaller of two: what is told of a task's labels is told of it."""
        budgets = self.budgets(task)
        return budgets[(len(budgets) - 1) // 2]

    def best(self, task: str, labels: int) -> StudyStrategy | None:
        """The strategy with the highest mean accuracy on validation images, besides the baseline; None if none is.

        Of those with which the most seeds finished: the mean of what survived flatters a strategy.
        """
        known = [strategy for strategy in self.others if (task, strategy.name, labels) in self.validated]
        return max(known, key=lambda strategy: self.validated[task, strategy.name, labels], default=None)

    def gains(self, task: str, strategy: str, labels: int) -> dict[int, float]:
        """What the strategy adds to the accuracy from scratch, for each seed that has both."""
        own, scratch = (self.by_seed(task, name, labels) for name in (strategy, self.strategies[BASELINE].name))
        return {seed: own[seed] - scratch[seed] for seed in own if seed in scratch}

    def lost_by_sharing(self, task: str, strategy: str, labels: int) -> float | None:
        """The mean accuracy that model A would lose, had its layers been trained and not copies; None if not noted."""
        runs = self.runs[task, strategy, labels]
        losses = [entry.lost_by_sharing for entry in runs if entry.lost_by_sharing is not None]
        return sum(losses) / len(losses) if losses else None

    def by_seed(self, task: str, strategy: str, labels: int) -> dict[int, float]:
        """The accuracy of each seed."""
        arm = self.arms[task, strategy, labels]
        return dict(zip(arm.seeds, arm.values, strict=True))


def study_of(sources: Sources, suite: Suite) -> StudyResults:
    """What a transfer stage and, if it has run, the evaluate stage found."""
    study, tested = suite.study, sources.evaluation.transfer.get(suite.suite)
    found = tested or study.validation
    runs: dict[tuple[str, str, int], list[Entry]] = {}
    for entry in suite.entries:
        if entry.tags["arm"]:
            runs.setdefault((entry.tags["task"], entry.tags["arm"], int(entry.tags["labels"])), []).append(entry)
    return StudyResults(
        study.name,
        "test" if tested else "validation",
        tuple(_strategy(at, name) for at, name in enumerate(study.strategies)),
        study.tasks,
        {_place(arm): arm for arm in found.arms},
        {_place(row): row.equal for row in found.worth},
        {_place(arm): (len(arm.seeds), arm.accuracy.mean) for arm in study.validation.arms if arm.accuracy},
        found.over_tasks,
        {arm: tuple(entries) for arm, entries in runs.items()},
    )


def _place(row: ArmFinding | ArmWorth) -> tuple[str, str, int]:
    return row.task, row.strategy, row.labels


def _strategy(at: int, name: str) -> StudyStrategy:
    if at == BASELINE:
        return StudyStrategy(name, FIRST, DASHES[0])
    return StudyStrategy(name, OTHERS[(at - 1) % len(OTHERS)], DASHES[(at - 1) // len(OTHERS) % len(DASHES)])
