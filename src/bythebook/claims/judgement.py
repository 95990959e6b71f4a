"""Verdicts: every claim against everything that was measured, corrected for how many comparisons are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bythebook.claims.comparison import Comparison
from bythebook.claims.declaration import Claim
from bythebook.claims.fairness import unfair
from bythebook.claims.finding import Finding
from bythebook.claims.measurements import Measurements
from bythebook.errors import Problems
from bythebook.statistics import LEVEL, corrected, decided

SCHEMA = 1


@dataclass(frozen=True)
class JudgedComparison:
    """One comparison of a claim, what it found, and its two-sided p value corrected for all comparisons made."""

    comparison: Comparison
    finding: Finding
    p: float | None

    @property
    def verdict(self) -> str:
        """``supported``, ``refuted`` or ``inconclusive``."""
        return decided(self.p, self.finding.sides)


def judge(claims: Sequence[Claim], measured: Measurements) -> dict[str, Any]:
    """The verdict of every claim, as ``reports/claims.json`` holds it.

    A claim is supported when all its comparisons are, refuted when one is refuted, else inconclusive.

    Raises:
        UserError: a claim names a recipe, probe or metric that was not measured, or compares recipes that differ in
            more than the factor.
    """
    check(claims, measured)
    found = {claim.name: [comparison.find(measured) for comparison in claim.comparisons] for claim in claims}
    adjusted = iter(corrected([finding.sides for findings in found.values() for finding in findings]))
    judged = {}
    for claim in claims:
        pairs = zip(claim.comparisons, found[claim.name], strict=True)
        judged[claim.name] = _judged(claim, [JudgedComparison(*pair, next(adjusted)) for pair in pairs])
    return {"schema": SCHEMA, "level": LEVEL, "claims": judged}


def check(claims: Sequence[Claim], measured: Measurements) -> None:
    """Makes sure that every claim can be judged.

    Raises:
        UserError: with every claim that cannot.
    """
    problems = Problems()
    for claim in claims:
        for index, comparison in enumerate(claim.comparisons):
            where = f"{claim.name}.comparisons.{index}"
            wrong = comparison.problems(measured)
            for problem in wrong:
                problems.add(where, problem)
            if not wrong and (sentence := unfair(comparison, measured.recipes)):
                problems.add(where, sentence)
            datasets = sorted({dataset for arm in comparison.arms if (dataset := measured.dataset(arm))})
            if not wrong and len(datasets) > 1:
                problems.add(where, f"is not a comparison: its recipes were run on {' and '.join(datasets)}.")
    problems.raise_if_any()


def _judged(claim: Claim, parts: Sequence[JudgedComparison]) -> dict[str, Any]:
    return {
        "statement": claim.statement,
        "source": claim.source,
        "verdict": _verdict([part.verdict for part in parts]),
        "waits_for": claim.waits_for,
        "suites": sorted(claim.suites),
        "comparisons": [
            {
                "comparison": part.comparison.model_dump(exclude_none=True),
                **asdict(part.finding),
                "p": part.p,
                "verdict": part.verdict,
            }
            for part in parts
        ],
    }


def _verdict(parts: Sequence[str]) -> str:
    if not parts:
        return "not judged"
    if "refuted" in parts:
        return "refuted"
    return "supported" if set(parts) == {"supported"} else "inconclusive"


def counts(judged: Mapping[str, Any]) -> dict[str, int]:
    """How many claims have each verdict."""
    verdicts = [claim["verdict"] for claim in judged["claims"].values()]
    return {verdict: verdicts.count(verdict) for verdict in ("supported", "refuted", "inconclusive", "not judged")}
