"""Verdicts: every claim against everything that was measured, corrected for how many comparisons are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scipy import stats

from bythebook.claims.comparison import Comparison
from bythebook.claims.declaration import Claim
from bythebook.claims.fairness import unfair
from bythebook.claims.finding import LEVEL, Finding
from bythebook.claims.measured import Measured
from bythebook.errors import Problems

SCHEMA = 1


@dataclass(frozen=True)
class Part:
    """One comparison of a claim, what it found, and its two-sided p value corrected for all comparisons made."""

    comparison: Comparison
    finding: Finding
    p: float | None

    @property
    def verdict(self) -> str:
        """``supported``, ``refuted`` or ``inconclusive``."""
        found = self.finding
        if self.p is None or self.p > 1 - LEVEL or found.p_for is None or found.p_against is None:
            return "inconclusive"
        return "supported" if found.p_for < found.p_against else "refuted"


def judge(claims: Sequence[Claim], measured: Measured) -> dict[str, Any]:
    """The verdict of every claim, as ``reports/claims.json`` holds it.

    A claim is supported when all its comparisons are, refuted when one is refuted, else inconclusive.

    Raises:
        UserError: a claim names a recipe, probe or metric that was not measured, or compares recipes that differ in
            more than the factor.
    """
    check(claims, measured)
    found = {claim.name: [comparison.find(measured) for comparison in claim.comparisons] for claim in claims}
    corrected = iter(_corrected([finding for findings in found.values() for finding in findings]))
    judged = {}
    for claim in claims:
        pairs = zip(claim.comparisons, found[claim.name], strict=True)
        judged[claim.name] = _judged(claim, [Part(*pair, next(corrected)) for pair in pairs])
    return {"schema": SCHEMA, "level": LEVEL, "claims": judged}


def check(claims: Sequence[Claim], measured: Measured) -> None:
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


def _corrected(findings: Sequence[Finding]) -> list[float | None]:
    """The two-sided p value of each finding, corrected together: few of the verdicts are false discoveries.

    Source: Y. Benjamini and Y. Hochberg, "Controlling the False Discovery Rate", 1995.
    """
    sides = [(found.p_for, found.p_against) for found in findings]
    tested = [min(1.0, 2 * min(over, under)) for over, under in sides if over is not None and under is not None]
    adjusted = iter(stats.false_discovery_control(tested).tolist() if tested else ())
    return [None if None in pair else next(adjusted) for pair in sides]


def _judged(claim: Claim, parts: Sequence[Part]) -> dict[str, Any]:
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
