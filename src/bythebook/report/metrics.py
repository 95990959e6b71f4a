"""The few numbers that DVC shows and compares from one commit to the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from statistics import fmean
from typing import Any

from bythebook.report.arms import arms, number
from bythebook.report.searches import best_trial, comparisons, guideline_trial, with_winner
from bythebook.report.sections.study import Study, study_of
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
        "transfer": {suite.extra["name"]: _study(study_of(sources, suite)) for suite in sources.of_stage("transfer")},
        "search": {
            **{suite.extra["guideline"]: _search(suite) for suite in with_winner(sources)},
            **{suite.extra["guideline"]: _samplers(suite) for suite in comparisons(sources)},
        },
        "claims": _claims(sources.claims) if sources.claims else None,
        "champion": next((_champion(sources, suite) for suite in sources.of_stage("champion")), None),
    }
    return dict(_tidy(found))


def _suite(sources: Sources, suite: Any) -> dict[str, Any]:
    return {
        arm.name: {
            "validation_accuracy": number(arm.validation),
            "test_accuracy": number(arm.test["accuracy"]) if arm.test else None,
        }
        for arm in arms(sources, suite)
    }


def _study(study: Study) -> dict[str, Any]:
    """Declared tasks arm by arm; of pairs of classes only what was found over all of them."""
    arms: dict[str, Any] = {}
    for (task, strategy, labels), arm in study.arms.items():
        if study.tasks[task]["declared"] and arm.get("difference"):
            equal = study.worth.get((task, strategy, labels)) or {}
            arms.setdefault(task, {}).setdefault(strategy, {})[str(labels)] = {
                f"{study.split}_difference": number(arm["difference"]),
                "error_ratio": arm["error_ratio"],
                "worth_labels": equal.get("labels"),
                "worth_labels_is": _bound(equal) if equal else None,
                "verdict": arm["verdict"],
            }
    overall = {
        f"{row['strategy']}.{row['labels']}": {
            f"{study.split}_difference": number(row["difference"]),
            **{word: row[word] for word in ("tasks", "helps", "hurts", "unclear", "verdict")},
        }
        for row in study.over_tasks
    }
    return {"tasks": arms, "pairs": overall if study.is_of_pairs else None}


def _bound(equal: Mapping[str, Any]) -> str:
    """Whether a number of labels is one at which the budgets end: the true one is there or beyond."""
    if equal["labels"] >= equal["largest"]:
        return "at_least"
    return "at_most" if equal["labels"] <= equal["smallest"] else "between_budgets"


def _search(suite: Any) -> dict[str, Any]:
    """Each objective of the best trial and of the guideline, and of both on average over the refits."""
    trials = {"best": best_trial(suite.extra), "guideline": guideline_trial(suite.extra)}
    refits = suite.extra["confirmation"]["objectives"]
    return {
        **{name: dict(trial["values"]) if trial and trial["values"] else None for name, trial in trials.items()},
        "refitted": {
            name: {side: number(found[side]) for side in ("winner", "guideline", "gain")}
            for name, found in refits.items()
        },
    }


def _samplers(suite: Any) -> dict[str, Any]:
    arms = suite.extra["measured"]["arms"]
    return {
        name: {metric: fmean(values) if values else None for metric, values in metrics.items()}
        for name, metrics in arms.items()
    }


def _claims(judged: Any) -> dict[str, Any]:
    verdicts = {name: claim["verdict"] for name, claim in judged["claims"].items() if claim["comparisons"]}
    return {"verdicts": verdicts, "counts": dict(Counter(verdicts.values()))}


def _champion(sources: Sources, suite: Any) -> dict[str, Any]:
    test = sources.evaluation["champion"] or {}
    own = next((row for row in suite.extra["shortlist"] if row["name"] == suite.extra["chosen"]), None)
    return {
        "name": suite.extra["chosen"],
        "validation_accuracy": own["mean"] if own else None,
        **{f"test_{metric}": test.get(metric) for metric in ("accuracy", "loss", "nll", "ece")},
    }


def _tidy(value: Any) -> Any:
    """Without empty parts, and numbers rounded to what is worth comparing."""
    if isinstance(value, dict):
        kept = {key: _tidy(part) for key, part in value.items()}
        return {key: part for key, part in kept.items() if part is not None and part != {}}
    return round(value, DIGITS) if isinstance(value, float) else value
