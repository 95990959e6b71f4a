"""What a transfer study found: every arm beside the one from scratch, what labels are worth, and how many tasks gain.

The same functions judge validation images, in the study's stage, and test images, in the evaluate stage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from bythebook import statistics
from bythebook.records.study import ArmFinding, ArmWorth, GainOverTasks, StudyFindings, StudyOutline
from bythebook.transfer.label_efficiency import worth

# What every other strategy is compared with.
BASELINE = "from_scratch"
Arm = tuple[str, str, int]
Accuracies = Mapping[Arm, Mapping[int, float]]


def findings(outline: StudyOutline, metric: str, measured: Accuracies, images: Mapping[str, int]) -> StudyFindings:
    """Return everything that a study's accuracies say.

    Args:
        outline: what the study is made of.
        metric: the name of what was measured, a share of images that were classified rightly.
        measured: by task, strategy and labels: seed to accuracy. Runs that did not finish are not among them.
        images: by task, of how many images the accuracies are shares.
    """
    arms = _arms(outline, measured, images)
    over_tasks = _over_tasks(outline, measured, arms) if len(outline.tasks) > 1 else ()
    return StudyFindings(metric=metric, arms=arms, worth=tuple(_worth(outline, measured)), over_tasks=over_tasks)


def _arms(outline: StudyOutline, measured: Accuracies, images: Mapping[str, int]) -> tuple[ArmFinding, ...]:
    """Every arm with its difference from scratch, over the seeds that both finished; verdicts corrected together."""
    found, sides = [], []
    for arm in _names(outline):
        found.append(_reached(measured, arm))
        if arm[1] != BASELINE:
            gains = list(_gains(measured, arm).values())
            sides.append(statistics.one_sided(gains, step=1 / images[arm[0]]) if gains else None)
    judged = zip(statistics.corrected(sides), sides, strict=True)
    return tuple(arm if arm.strategy == BASELINE else _judged(arm, measured, *next(judged)) for arm in found)


def _reached(measured: Accuracies, arm: Arm) -> ArmFinding:
    task, strategy, labels = arm
    own = measured.get(arm, {})
    values = [own[seed] for seed in sorted(own)]
    accuracy = statistics.interval(values) if own else None
    return ArmFinding(task=task, strategy=strategy, labels=labels, seeds=sorted(own), values=values, accuracy=accuracy)


def _judged(arm: ArmFinding, measured: Accuracies, p: float | None, sides: tuple[float, float] | None) -> ArmFinding:
    """The arm beside the one from scratch."""
    place = arm.task, arm.strategy, arm.labels
    own, scratch = measured.get(place, {}), measured.get((arm.task, BASELINE, arm.labels), {})
    pairs = [(scratch[seed], own[seed]) for seed in sorted(own.keys() & scratch.keys())]
    gains = list(_gains(measured, place).values())
    return arm.model_copy(
        update={
            "difference": statistics.interval(gains) if gains else None,
            "error_ratio": _error_ratio(pairs),
            "p": p,
            "verdict": statistics.decided(p, sides),
        }
    )


def _gains(measured: Accuracies, arm: Arm) -> dict[int, float]:
    """What a strategy adds to the accuracy from scratch, for each seed that both finished."""
    task, _, labels = arm
    own, scratch = measured.get(arm, {}), measured.get((task, BASELINE, labels), {})
    return {seed: own[seed] - scratch[seed] for seed in sorted(own.keys() & scratch.keys())}


def _names(outline: StudyOutline) -> list[Arm]:
    return [
        (name, strategy, labels)
        for name, task in outline.tasks.items()
        for labels in task.labels
        for strategy in outline.strategies
    ]


def _error_ratio(pairs: Sequence[tuple[float, float]]) -> float | None:
    """The mean error from scratch divided by that of the arm; None where the arm makes none."""
    errors = [sum(1 - value for value in column) for column in zip(*pairs, strict=True)]
    return errors[0] / errors[1] if errors and errors[1] > 0 else None


def _worth(outline: StudyOutline, measured: Accuracies) -> Iterator[ArmWorth]:
    """For every arm of a task with several budgets: how many labels give the same error from scratch."""
    for name, task in outline.tasks.items():
        if len(task.labels) < 2:
            continue
        scratch = {labels: _errors(measured.get((name, BASELINE, labels), {})) for labels in task.labels}
        for strategy in (other for other in outline.strategies if other != BASELINE):
            for labels in task.labels:
                equal = worth(scratch, _errors(measured.get((name, strategy, labels), {})))
                yield ArmWorth(task=name, strategy=strategy, labels=labels, equal=equal)


def _errors(accuracies: Mapping[int, float]) -> dict[int, float]:
    return {seed: 1 - value for seed, value in accuracies.items()}


def _over_tasks(outline: StudyOutline, measured: Accuracies, arms: Sequence[ArmFinding]) -> tuple[GainOverTasks, ...]:
    """For each strategy and budget that several tasks have: the mean gain over tasks, and for how many it is what."""
    groups: dict[tuple[str, int], list[ArmFinding]] = {}
    for arm in arms:
        if arm.difference:
            groups.setdefault((arm.strategy, arm.labels), []).append(arm)
    return tuple(_overall(outline, measured, own) for own in groups.values() if len(own) > 1)


def _overall(outline: StudyOutline, measured: Accuracies, arms: Sequence[ArmFinding]) -> GainOverTasks:
    classes = [tuple(outline.tasks[arm.task].names) for arm in arms]
    gains = [_gains(measured, (arm.task, arm.strategy, arm.labels)) for arm in arms]
    difference = statistics.interval_over_pairs(gains, classes)
    verdicts = Counter(arm.verdict for arm in arms)
    return GainOverTasks(
        strategy=arms[0].strategy,
        labels=arms[0].labels,
        difference=difference,
        verdict=statistics.verdict(difference),
        tasks=len(arms),
        helps=verdicts["supported"],
        hurts=verdicts["refuted"],
        unclear=verdicts["inconclusive"],
    )
