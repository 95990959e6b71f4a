"""Transfer studies: does a net for task B gain from layers that were trained on something else, and by how much?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bythebook.records.study import ArmFinding, GainOverTasks, LabelWorth, StudyTask
from bythebook.records.suite import Suite
from bythebook.report.figures.comparison import Row, gains
from bythebook.report.figures.curves import Curve, curves
from bythebook.report.figures.label_curve import LabelLine, label_curve, worth_curve
from bythebook.report.figures.pairs import PairGain, as_map, in_order
from bythebook.report.figures.transfer import paired
from bythebook.report.formatting import slug, title
from bythebook.report.sections.findings import Answer, of_pairs, of_task
from bythebook.report.sections.runs import RunTable, run_table
from bythebook.report.sections.study import BASELINE, StudyResults, StudyStrategy, study_of
from bythebook.report.sources import Sources


@dataclass(frozen=True)
class TransferPicture:
    """A figure with its words."""

    title: str
    svg: str
    caption: str
    legend: tuple[StudyStrategy, ...] = ()


@dataclass(frozen=True)
class TaskPart:
    """One task of a study.

    Attributes:
        task: what ``task.json`` says, or None.
        arms: what was found of each strategy and budget, with what its labels are worth.
    """

    anchor: str
    name: str
    task: Mapping[str, Any] | None
    budgets: tuple[int, ...]
    answer: Answer
    pictures: tuple[TransferPicture, ...]
    arms: tuple[tuple[ArmFinding, LabelWorth | None], ...]

    @property
    def sides(self) -> dict[str, str]:
        """The classes of A and of B, with their data sets where these are two."""
        parts = {side: self.task[side] for side in ("a", "b")} if self.task else {}
        of_two = len({part.get("dataset") for part in parts.values()}) > 1
        return {
            side: (f"{part['dataset']}: " if of_two else "") + ", ".join(part["names"]) for side, part in parts.items()
        }

    @property
    def left_out(self) -> int:
        """How many images were taken out of A because they stand in B too."""
        dropped = self.task["checks"].get("dropped", {}) if self.task else {}
        return sum(dropped.get("shared_with_b", {}).values())


@dataclass(frozen=True)
class PairsPart:
    """One strategy with one budget on all pairs of classes."""

    strategy: str
    labels: int
    answer: Answer
    pictures: tuple[TransferPicture, ...]
    arms: tuple[tuple[StudyTask, ArmFinding], ...]


@dataclass(frozen=True)
class StudySection:
    """What a study's section shows."""

    anchor: str
    name: str
    suite: str
    question: str
    split: str
    tasks: tuple[TaskPart, ...]
    pairs: tuple[PairsPart, ...]
    runs: RunTable

    @property
    def summary(self) -> str:
        """What was found, in a sentence for each task or for all pairs."""
        parts = [f"{title(task.name)}: {task.answer.headline}." for task in self.tasks]
        return " ".join([*parts, *(f"{part.answer.headline}." for part in self.pairs)])


def study_section(sources: Sources, suite: Suite) -> StudySection:
    """One study: task by task, or over all pairs of classes."""
    study, anchor = study_of(sources, suite), slug("transfer", suite.study.name)
    pairs = study.is_of_pairs
    return StudySection(
        anchor,
        study.name,
        suite.suite,
        suite.question,
        study.split,
        () if pairs else tuple(_task(sources, study, anchor, name) for name in study.tasks),
        tuple(_pairs(study, anchor, row) for row in study.over_tasks) if pairs else (),
        run_table(sources, suite),
    )


def _task(sources: Sources, study: StudyResults, section: str, name: str) -> TaskPart:
    anchor, budgets = slug(section, name), study.budgets(name)
    if len(budgets) > 1:
        pictures = _by_labels(study, anchor, name)
    elif len(study.others) > 1:
        pictures = _by_strategy(study, anchor, name)
    else:
        pictures = _by_seed(study, anchor, name)
    names = [(name, strategy.name, labels) for labels in budgets for strategy in study.strategies]
    return TaskPart(
        anchor,
        name,
        sources.tasks.get(name),
        budgets,
        of_task(study, name),
        pictures,
        tuple((study.arms[arm], study.worth.get(arm)) for arm in names),
    )


def _by_labels(study: StudyResults, anchor: str, task: str) -> tuple[TransferPicture, ...]:
    budgets = study.budgets(task)
    best = study.best(task, study.middle(task))
    lines = [
        LabelLine(
            strategy.title,
            strategy.colour,
            strategy.dash,
            [[1 - value for value in study.arms[task, strategy.name, labels].values] for labels in budgets],
            [study.worth.get((task, strategy.name, labels)) for labels in budgets],
            strategy in (study.strategies[BASELINE], best),
        )
        for strategy in study.strategies
    ]
    return (
        TransferPicture(
            "Error by number of labels",
            label_curve(f"{anchor}-labels", budgets, lines, study.split),
            "Mean over seeds, on logarithmic axes. Bands go from the lowest to the highest seed, from scratch and for"
            " the strategy that is best on validation images.",
            study.strategies,
        ),
        TransferPicture(
            "What labels are worth",
            worth_curve(f"{anchor}-worth", budgets, lines[1:]),
            "How many labels a net from scratch needs for the same mean error. On the line labels are worth themselves,"
            " above it they are saved. Bars are 95% bootstrap intervals over seeds; an arrow says that the number lies"
            " beyond what was tried.",
            study.others,
        ),
    )


def _by_strategy(study: StudyResults, anchor: str, task: str) -> tuple[TransferPicture, ...]:
    (labels,) = study.budgets(task)
    rows = []
    for at, strategy in enumerate(study.others):
        difference = study.arms[task, strategy.name, labels].difference
        values = list(study.gains(task, strategy.name, labels).values())
        rows.append(Row(strategy.title, _position(at), values, difference, "" if difference else "nothing to compare"))
    lines = [
        Curve(strategy.title, strategy.colour, strategy.dash, study.runs[task, strategy.name, labels])
        for strategy in study.strategies
    ]
    return (
        TransferPicture(
            "Gain over training from scratch",
            gains(f"{anchor}-gains", rows, study.split),
            "A dot for each seed: the same data and the same number of epochs. A mark for the mean, a bar for its 95%"
            " interval.",
        ),
        TransferPicture(
            "Validation accuracy by epoch",
            curves(f"{anchor}-curves", lines, "val_accuracy"),
            "Mean over seeds; the band goes from the lowest to the highest seed.",
            study.strategies,
        ),
    )


def _position(at: int) -> int:
    """The place in the theme's series of the ``at``-th strategy that is compared."""
    return at + (at > 0)


def _by_seed(study: StudyResults, anchor: str, task: str) -> tuple[TransferPicture, ...]:
    (labels,), (baseline, strategy) = study.budgets(task), study.strategies
    values = [study.by_seed(task, each.name, labels) for each in (baseline, strategy)]
    lines = [
        Curve(each.title, each.colour, each.dash, study.runs[task, each.name, labels]) for each in study.strategies
    ]
    phases = lines[1].entries[0].record.phases
    told = ", then ".join(f"{phase.name.replace('_', ' ')} ({phase.epochs} epochs)" for phase in phases)
    by_epoch = TransferPicture(
        "Validation accuracy by epoch",
        curves(f"{anchor}-curves", lines, "val_accuracy", phases),
        f"Phases of the transferred net: {told}. Mean over seeds; the band goes from the lowest to the highest seed.",
        study.strategies,
    )
    if not study.arms[task, strategy.name, labels].difference:
        return (by_epoch,)
    by_seed = TransferPicture(
        "Seed by seed",
        paired(f"{anchor}-paired", values[0], values[1], study.split),
        "One line for each seed: the same data and the same number of epochs, from scratch and with the lower layers of"
        " model A. The bars are means.",
    )
    return by_seed, by_epoch


def _pairs(study: StudyResults, section: str, row: GainOverTasks) -> PairsPart:
    strategy, labels = row.strategy, row.labels
    found = [(task, study.arms.get((name, strategy, labels))) for name, task in study.tasks.items()]
    judged = [(task, arm, arm.difference) for task, arm in found if arm and arm.difference]
    judged.sort(key=lambda each: -each[2].mean)
    shown = [
        PairGain(tuple(task.names), difference, str(arm.verdict), task.declared) for task, arm, difference in judged
    ]
    anchor = slug(section, strategy, str(labels))
    pictures = (
        TransferPicture(
            "Every pair, the largest gain first",
            in_order(f"{anchor}-order", shown, row.difference, study.split),
            "Mean gain over seeds with its 95% interval: green where it helps for sure, red where it hurts, corrected"
            " for the number of pairs. Diamonds with bold names are tasks that the parameters declare. The dashed line"
            " is the mean over pairs, in its interval.",
        ),
        TransferPicture(
            "Which classes gain",
            as_map(f"{anchor}-map", shown, study.split),
            "Points gained on every pair; bold where it is no chance, framed where the parameters declare the task."
            " Classes whose pairs gain most come first.",
        ),
    )
    return PairsPart(
        strategy, labels, of_pairs(study, row, shown), pictures, tuple((task, arm) for task, arm, _ in judged)
    )
