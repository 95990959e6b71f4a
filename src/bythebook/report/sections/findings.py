"""What a transfer study found, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bythebook.records.study import GainOverTasks
from bythebook.report.arms import number
from bythebook.report.figures.pairs import PairGain
from bythebook.report.formatting import listed, percent, points, points_range, tone, worth, worth_range
from bythebook.report.sections.study import StudyResults

VERDICTS = {
    "supported": "Transfer helps",
    "refuted": "Transfer hurts",
    "inconclusive": "No clear difference",
}


@dataclass(frozen=True)
class Answer:
    """A verdict with its reasons.

    Attributes:
        headline: in a few words.
        figure: its most telling number, for the first screen; empty where there is none.
        unit: what stands behind the number.
        detail: what the number is, for the first screen.
        sentences: what it rests on.
    """

    headline: str
    sentences: tuple[str, ...]
    tone: str = ""
    figure: str = ""
    unit: str = ""
    detail: str = ""


def of_task(study: StudyResults, task: str) -> Answer:
    """The answer for one task: what labels are worth, which strategy is best, or what the only one adds."""
    budgets = study.budgets(task)
    if len(budgets) > 1:
        return _labels_saved(study, task)
    if len(study.others) > 1:
        return _best_strategy(study, task, budgets[0])
    return _one_strategy(study, task, budgets[0])


def of_pairs(study: StudyResults, row: GainOverTasks, shown: Sequence[PairGain]) -> Answer:
    """The answer for one strategy on all pairs of classes.

    Args:
        row: what was found over all of them.
        shown: the pairs, the largest gain first.
    """
    difference, total = row.difference, row.tasks
    mean = f"On average over pairs it adds {points(difference.mean)} points on {study.split}"
    if difference.ends:
        mean += f" (95% interval {points_range(difference)}, which allows for classes and seeds that pairs share)"
    sentences = [
        f"With {row.labels:,} labels it helps for sure on {row.helps} of {total} pairs, hurts on {row.hurts},"
        f" and on {row.unclear} these seeds cannot tell.",
        f"{mean}.",
    ]
    for rank, gain in enumerate(shown, start=1):
        if gain.declared:
            sentences.append(
                f"{listed(list(gain.names))}: {points(gain.difference.mean)} points, number {rank} of {total}."
            )
    detail = f"gain for sure with {row.labels:,} labels; mean {points(difference.mean)} points"
    headline = f"{VERDICTS[row.verdict]} on average, and for sure on {row.helps} of {total} pairs"
    figure = f"{row.helps} of {total}"
    return Answer(headline, tuple(sentences), tone(row.verdict, ""), figure, "pairs", detail)


def _one_strategy(study: StudyResults, task: str, labels: int) -> Answer:
    baseline, strategy = study.strategies
    scratch, arm = (study.arms[task, name.name, labels] for name in (baseline, strategy))
    difference = arm.difference
    if not difference:
        return Answer("Not judged", ("No seed finished both arms, so there is nothing to compare.",))
    said = f"Paired over {difference.n} seeds, the difference is {points(difference.mean)} points"
    if difference.ends:
        said += f" (95% interval {points_range(difference)})"
    sentences = [
        f"{percent(number(scratch.accuracy))} from scratch, {percent(number(arm.accuracy))} transferred. {said}."
    ]
    if arm.error_ratio:
        sentences.append(f"The error from scratch is {arm.error_ratio:.2f} times the error with transfer.")
    headline = VERDICTS[str(arm.verdict)]
    detail = f"{headline} on {study.split}"
    if difference.ends:
        detail += f"; 95% interval {points_range(difference)}"
    figure = points(difference.mean)
    return Answer(
        f"{headline}: {figure} points on {study.split}",
        tuple(sentences),
        tone(arm.verdict, ""),
        figure,
        "points",
        detail,
    )


def _best_strategy(study: StudyResults, task: str, labels: int) -> Answer:
    """What the strategy adds that is best on validation images, and which are sure to help or to hurt."""
    best, by_verdict = study.best(task, labels), dict[str, list[str]]()
    for strategy in study.others:
        arm = study.arms[task, strategy.name, labels]
        if arm.difference:
            by_verdict.setdefault(str(arm.verdict), []).append(strategy.title)
    if best is None or not by_verdict:
        return Answer("Not judged", ("No seed finished two arms, so there is nothing to compare.",))
    words = {"supported": "Sure to help", "refuted": "Sure to hurt", "inconclusive": "Not to be told from scratch"}
    sentences = [f"{words[verdict]}: {listed(by_verdict[verdict])}." for verdict in words if verdict in by_verdict]
    lost = {each.title: study.lost_by_sharing(task, each.name, labels) for each in study.others}
    told = [f"{name} {points(-share)}" for name, share in lost.items() if share is not None]
    if told:
        sentences.append(f"Points that model A would lose on its validation images if its own layers were trained, and"
                         f" not copies: {listed(told)}.")  # fmt: skip
    arm = study.arms[task, best.name, labels]
    added = f" adds {points(arm.difference.mean)} points on {study.split}" if arm.difference else ""
    headline = f"Best on validation, {best.title}{added}"
    return Answer(headline, tuple(sentences), tone(arm.verdict, ""))


def _labels_saved(study: StudyResults, task: str) -> Answer:
    """What the labels of the middle budget are worth; in front with the strategy that is best on validation."""
    middle = study.middle(task)
    listing = []
    for strategy in study.others:
        if equal := study.worth.get((task, strategy.name, middle)):
            ends = f" ({worth_range(equal)})" if equal.ends else ""
            listing.append(f"{strategy.title} {worth(equal)}{ends}")
    best = study.best(task, middle)
    equal = study.worth.get((task, best.name, middle)) if best else None
    if best is None or equal is None:
        return Answer("Not judged", ("No seed finished every number of labels, so there is nothing to compare.",))
    sentence = (
        f"What {middle:,} labels are worth in labels from scratch that give the same error, with 95% intervals over"
        f" seeds: {'; '.join(listing)}."
    )
    beyond = "A net from scratch does not get there with what was tried." if equal.labels >= equal.largest else ""
    low, high = equal.ends or (middle, middle)
    detail = f"from scratch do as well as {middle:,} with {best.title} on {study.split}"
    return Answer(
        f"{middle:,} labels with {best.title} do as well as {worth(equal)} from scratch",
        (sentence, *([beyond] if beyond else [])),
        "good" if low > middle else "bad" if high < middle else "",
        worth(equal),
        "labels",
        f"{detail}; 95% interval {worth_range(equal)}" if equal.ends else detail,
    )
