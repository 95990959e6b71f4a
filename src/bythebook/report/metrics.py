"""The few numbers that DVC shows and compares from one commit to the next."""

from __future__ import annotations

from collections import Counter
from statistics import fmean
from typing import Any

from bythebook.records.search import SamplerComparison, SearchFindings
from bythebook.records.study import LabelWorth
from bythebook.records.suite import Suite
from bythebook.report.arms import arms, number
from bythebook.report.searches import best_trial, comparisons, guideline_trial, with_winner
from bythebook.report.sections.study import StudyResults, study_of
from bythebook.report.sources import Sources

DIGITS = 6


def metrics(sources: Sources) -> dict[str, Any]:
    """Nested names and numbers; what was not measured is left out.

    ``champion.test_accuracy`` and its like stay the same whatever is chosen, so that one commit compares with the next.
    """
    statuses = Counter(entry.record.status for suite in sources.suites for entry in suite.entries)
    found = {
        "dataset": sources.card["dataset"],
        "runs": dict(statuses),
        "suites": {suite.suite: _suite(sources, suite) for suite in sources.of_stage("train")},
        "transfer": {suite.study.name: _study(study_of(sources, suite)) for suite in sources.of_stage("transfer")},
        "search": {
            **{found.guideline: _search(found) for _, found in with_winner(sources)},
            **{found.guideline: _samplers(found) for _, found in comparisons(sources)},
        },
        "claims": _claims(sources.claims) if sources.claims else None,
        "champion": next((_champion(sources, suite) for suite in sources.of_stage("champion")), None),
    }
    return dict(_tidy(found))


def _suite(sources: Sources, suite: Any) -> dict[str, Any]:
    return {
        arm.name: {
            "validation_accuracy": number(arm.validation),
            "test_accuracy": arm.test.accuracy.mean if arm.test else None,
        }
        for arm in arms(sources, suite)
    }


def _study(study: StudyResults) -> dict[str, Any]:
    """Declared tasks arm by arm; of pairs of classes only what was found over all of them."""
    arms: dict[str, Any] = {}
    for (task, strategy, labels), arm in study.arms.items():
        if study.tasks[task].declared and arm.difference:
            equal = study.worth.get((task, strategy, labels))
            arms.setdefault(task, {}).setdefault(strategy, {})[str(labels)] = {
                f"{study.split}_difference": arm.difference.mean,
                "error_ratio": arm.error_ratio,
                "worth_labels": equal.labels if equal else None,
                "worth_labels_is": _bound(equal) if equal else None,
                "verdict": arm.verdict,
            }
    overall = {
        f"{row.strategy}.{row.labels}": {
            f"{study.split}_difference": row.difference.mean,
            **{word: getattr(row, word) for word in ("tasks", "helps", "hurts", "unclear", "verdict")},
        }
        for row in study.over_tasks
    }
    return {"tasks": arms, "pairs": overall if study.is_of_pairs else None}


def _bound(equal: LabelWorth) -> str:
    """Whether a number of labels is one at which the budgets end: the true one is there or beyond."""
    if equal.labels >= equal.largest:
        return "at_least"
    return "at_most" if equal.labels <= equal.smallest else "between_budgets"


def _search(found: SearchFindings) -> dict[str, Any]:
    """Each objective of the best trial and of the guideline, and of both on average over the refits."""
    trials = {"best": best_trial(found), "guideline": guideline_trial(found)}
    refits = found.confirmation.objectives
    return {
        **{name: trial.values if trial else None for name, trial in trials.items()},
        "refitted": {
            name: {side: number(getattr(own, side)) for side in ("winner", "guideline", "gain")}
            for name, own in refits.items()
        },
    }


def _samplers(found: SamplerComparison) -> dict[str, Any]:
    return {
        name: {metric: fmean(values) if values else None for metric, values in metrics.items()}
        for name, metrics in found.measured.arms.items()
    }


def _claims(judged: Any) -> dict[str, Any]:
    verdicts = {name: claim["verdict"] for name, claim in judged["claims"].items() if claim["comparisons"]}
    return {"verdicts": verdicts, "counts": dict(Counter(verdicts.values()))}


def _champion(sources: Sources, suite: Suite) -> dict[str, Any]:
    test = sources.evaluation.champion or {}
    return {
        "name": suite.choice.chosen,
        "validation_accuracy": suite.choice.winner.mean,
        **{f"test_{metric}": test.get(metric) for metric in ("accuracy", "loss", "nll", "ece")},
    }


def _tidy(value: Any) -> Any:
    """Without empty parts, and numbers rounded to what is worth comparing."""
    if isinstance(value, dict):
        kept = {key: _tidy(part) for key, part in value.items()}
        return {key: part for key, part in kept.items() if part is not None and part != {}}
    return round(value, DIGITS) if isinstance(value, float) else value
