"""What a transfer study found: every arm beside the one from scratch, what labels are worth, and how many tasks gain.

The same functions judge validation images, in the study's stage, and test images, in the evaluate stage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bythebook import statistics
from bythebook.transfer.worth import worth

# What every other strategy is compared with.
BASELINE = "from_scratch"
Arm = tuple[str, str, int]
Measured = Mapping[Arm, Mapping[int, float]]
# A verdict is about the claim that transfer helps.
WORDS = {"supported": "helps", "refuted": "hurts", "inconclusive": "unclear"}


def findings(
    described: Mapping[str, Any], metric: str, measured: Measured, images: Mapping[str, int]
) -> dict[str, Any]:
    """Everything that a study's accuracies say.

    Args:
        described: the study, as :func:`bythebook.transfer.plan.described` gives it.
        metric: the name of what was measured, a share of images that were classified rightly.
        measured: by task, strategy and labels: seed to accuracy. Runs that did not finish are not among them.
        images: by task, of how many images the accuracies are shares.
    """
    arms = _arms(described, measured, images)
    return {
        "metric": metric,
        "arms": arms,
        "worth": _worth(described, measured),
        "over_tasks": _over_tasks(described, measured, arms) if len(described["tasks"]) > 1 else [],
    }


def _arms(described: Mapping[str, Any], measured: Measured, images: Mapping[str, int]) -> list[dict[str, Any]]:
    """Every arm with its difference from scratch, over the seeds that both finished; verdicts corrected together."""
    found, sides = [], []
    for task, strategy, labels in _names(described):
        own, scratch = (measured.get((task, name, labels), {}) for name in (strategy, BASELINE))
        arm: dict[str, Any] = {"task": task, "strategy": strategy, "labels": labels}
        arm |= {"seeds": sorted(own), "values": [own[seed] for seed in sorted(own)]}
        arm["accuracy"] = statistics.interval(arm["values"]) if own else None
        pairs = [(scratch[seed], own[seed]) for seed in sorted(own.keys() & scratch.keys())]
        if strategy == BASELINE:
            found.append(arm)
            continue
        gains = list(_gains(measured, task, strategy, labels).values())
        arm |= {"difference": statistics.interval(gains) if gains else None, "error_ratio": _error_ratio(pairs)}
        found.append(arm)
        sides.append(statistics.one_sided(gains, step=1 / images[task]) if gains else None)
    judged = zip(statistics.corrected(sides), sides, strict=True)
    for arm in found:
        if arm["strategy"] != BASELINE:
            p, both = next(judged)
            arm |= {"p": p, "verdict": statistics.decided(p, both)}
    return found


def _gains(measured: Measured, task: str, strategy: str, labels: int) -> dict[int, float]:
    """What a strategy adds to the accuracy from scratch, for each seed that both finished."""
    own, scratch = (measured.get((task, name, labels), {}) for name in (strategy, BASELINE))
    return {seed: own[seed] - scratch[seed] for seed in sorted(own.keys() & scratch.keys())}


def _names(described: Mapping[str, Any]) -> list[Arm]:
    return [
        (task, strategy, labels)
        for task, about in described["tasks"].items()
        for labels in about["labels"]
        for strategy in described["strategies"]
    ]


def _error_ratio(pairs: Sequence[tuple[float, float]]) -> float | None:
    """The mean error from scratch divided by that of the arm; None where the arm makes none."""
    errors = [sum(1 - value for value in column) for column in zip(*pairs, strict=True)]
    return errors[0] / errors[1] if errors and errors[1] > 0 else None


def _worth(described: Mapping[str, Any], measured: Measured) -> list[dict[str, Any]]:
    """For every arm of a task with several budgets: how many labels give the same error from scratch."""
    found = []
    for task, about in described["tasks"].items():
        budgets = about["labels"]
        if len(budgets) < 2:
            continue
        scratch = {labels: _errors(measured.get((task, BASELINE, labels), {})) for labels in budgets}
        for strategy in (name for name in described["strategies"] if name != BASELINE):
            for labels in budgets:
                equal = worth(scratch, _errors(measured.get((task, strategy, labels), {})))
                found.append({"task": task, "strategy": strategy, "labels": labels, "equal": equal})
    return found


def _errors(accuracies: Mapping[int, float]) -> dict[int, float]:
    return {seed: 1 - value for seed, value in accuracies.items()}


def _over_tasks(
    described: Mapping[str, Any], measured: Measured, arms: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """For each strategy and budget that several tasks have: the mean gain over tasks, and for how many it is what."""
    groups: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for arm in arms:
        if arm.get("difference"):
            groups.setdefault((arm["strategy"], arm["labels"]), []).append(arm)
    return [
        {"strategy": strategy, "labels": labels, **_overall(described, measured, own)}
        for (strategy, labels), own in groups.items()
        if len(own) > 1
    ]


def _overall(described: Mapping[str, Any], measured: Measured, arms: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    classes = [tuple(described["tasks"][arm["task"]]["names"]) for arm in arms]
    gains = [_gains(measured, arm["task"], arm["strategy"], arm["labels"]) for arm in arms]
    difference = statistics.interval_over_pairs(gains, classes)
    words = [WORDS[arm["verdict"]] for arm in arms]
    return {
        "difference": difference,
        "verdict": statistics.verdict(difference),
        "tasks": len(arms),
        **{word: words.count(word) for word in WORDS.values()},
    }
