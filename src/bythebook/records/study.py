"""What a transfer study is made of, and what its runs found."""

from __future__ import annotations

from typing import Literal

from bythebook.records.interval import Interval
from bythebook.records.layout import RecordPart, Several

Verdict = Literal["supported", "refuted", "inconclusive"]


class StudyTask(RecordPart):
    """One A/B task of a study.

    Attributes:
        names: the classes of B.
        declared: whether somebody declared it; else it is one of many pairs of classes.
        labels: the label budgets of B, ascending.
        validation: how many validation images B has.
        source_validation: how many A has.
    """

    names: list[str]
    declared: bool
    labels: list[int]
    validation: int
    source_validation: int


class ArmFinding(RecordPart):
    """What a strategy reached on a task with so many labels; for all but the baseline beside training from scratch.

    Attributes:
        seeds: those that finished, ascending.
        values: the accuracy of each.
        accuracy: None where no seed finished.
        difference: from scratch, over the seeds that both finished; None where there are none.
        error_ratio: the mean error from scratch divided by that of the arm; None where the arm makes none.
        p: corrected for the number of arms, or None.
    """

    task: str
    strategy: str
    labels: int
    seeds: list[int]
    values: list[float]
    accuracy: Interval | None
    difference: Interval | None = None
    error_ratio: float | None = None
    p: float | None = None
    verdict: Verdict | None = None


class LabelWorth(RecordPart):
    """How many labels from scratch give the same error.

    Numbers lie from the smallest budget to the largest; one at either end says that the true one is there or beyond.

    Attributes:
        low: the lower end of its interval; None for fewer than two seeds.
    """

    labels: float
    low: float | None
    high: float | None
    smallest: int
    largest: int
    n: int

    @property
    def ends(self) -> tuple[float, float] | None:
        """Return both ends of the interval, or None where there are none."""
        return None if self.low is None or self.high is None else (self.low, self.high)


class ArmWorth(RecordPart):
    """What the labels of an arm are worth; None where no seed has all budgets."""

    task: str
    strategy: str
    labels: int
    equal: LabelWorth | None


class GainOverTasks(RecordPart):
    """What a strategy with so many labels adds over all tasks, and for how many of them it is what."""

    strategy: str
    labels: int
    difference: Interval
    verdict: Verdict
    tasks: int
    helps: int
    hurts: int
    unclear: int


class StudyFindings(RecordPart):
    """Everything that a study's accuracies say.

    Attributes:
        metric: the name of what was measured, a share of images that were classified rightly.
    """

    metric: str
    arms: Several[ArmFinding]
    worth: Several[ArmWorth]
    over_tasks: Several[GainOverTasks]


class StudyOutline(RecordPart):
    """What a study is made of.

    Attributes:
        strategies: their names, the baseline first.
        tasks: by name.
    """

    name: str
    strategies: list[str]
    tasks: dict[str, StudyTask]


class TransferStudy(StudyOutline):
    """A study with what its runs found on validation images."""

    validation: StudyFindings
