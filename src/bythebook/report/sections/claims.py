"""The chapter's claims with their verdicts, and what every verdict rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bythebook.records.interval import Interval
from bythebook.report.formatting import NONE, decimal, listed, span_of, tone

ORDER = ("supported", "refuted", "inconclusive", "not judged")
# What the effect of each kind of comparison is, for the table; the arms are put in.
EFFECTS = {
    "difference": "{more} − {less}, {by}",
    "ratio": "{more} ÷ {less}, {by}",
    "equal": "{first} − {second}, {by}",
    "level": "{of}, {by}",
    "share": "share of seeds in which {of} reaches {by} {at_least:g}",
    "order": "agreement with the claimed order (Kendall's tau), {by}",
    "slope": "power of {by}",
    "steadier": "variance of {other} ÷ variance of {steadier}, {by}",
    "window": "how many more of {wide} than of {narrow} come close to their best, {by}",
    "near": "learning rate found by {of} ÷ the best one of {grid}, {by}",
    "largest": "largest rate of {larger} ÷ that of {smaller} that still learns, {by}",
    "tasks": "share of tasks on which {more} is ahead of {less}, {by}",
    "standout": "gain of {more} over {less} on {of} − its mean on the other tasks, {by}",
    "sooner": "epochs of {slower} ÷ epochs of {faster} to the same {by}",
}


@dataclass(frozen=True)
class ComparisonRow:
    """One comparison of a claim: what was compared, what was found, and how sure it is."""

    what: str
    effect: str
    interval: str
    bootstrap: str
    size: str
    n: int
    p: str
    verdict: str
    note: str

    @property
    def tone(self) -> str:
        """The colour of its verdict."""
        return tone(self.verdict)


@dataclass(frozen=True)
class ClaimRow:
    """One claim."""

    name: str
    statement: str
    source: str
    verdict: str
    waits_for: str | None
    suites: tuple[str, ...]
    comparisons: tuple[ComparisonRow, ...]

    @property
    def tone(self) -> str:
        """The colour of its verdict."""
        return tone(self.verdict)


@dataclass(frozen=True)
class ReferenceRow:
    """What others reported for a recipe, beside what it gives here."""

    recipe: str
    metric: str
    reported: tuple[tuple[str, float], ...]
    mean: Interval
    expected: str
    outside: tuple[str, ...]
    explained: str | None


@dataclass(frozen=True)
class ClaimsSection:
    """What the claims' section shows: claims that were judged, claims that wait, and what others reported."""

    judged: tuple[ClaimRow, ...]
    waiting: tuple[ClaimRow, ...]
    references: tuple[ReferenceRow, ...]

    def of(self, suite: str) -> tuple[ClaimRow, ...]:
        """The judged claims that a suite decides, alone or with others."""
        return tuple(row for row in self.judged if suite in row.suites)

    @property
    def counts(self) -> dict[str, int]:
        """How many claims have each verdict that at least one has."""
        verdicts = [row.verdict for row in (*self.judged, *self.waiting)]
        return {verdict: verdicts.count(verdict) for verdict in ORDER if verdict in verdicts}

    @property
    def answer(self) -> str:
        """What holds, in a sentence."""
        found = [f"{number} {verdict}" for verdict, number in self.counts.items() if verdict != "not judged"]
        return f"{len(self.judged)} of {len(self.judged) + len(self.waiting)} claims judged: {listed(found)}."


def claims_section(verdicts: Mapping[str, Any]) -> ClaimsSection:
    """The section of what the claims stage wrote."""
    rows = [_row(name, claim) for name, claim in verdicts["claims"].items()]
    judged = sorted((row for row in rows if row.comparisons), key=lambda row: (ORDER.index(row.verdict), row.name))
    waiting = tuple(row for row in rows if not row.comparisons)
    return ClaimsSection(tuple(judged), waiting, tuple(_reference(row) for row in verdicts["references"]))


def _reference(row: Mapping[str, Any]) -> ReferenceRow:
    return ReferenceRow(
        row["recipe"],
        _plain(row["metric"]),
        tuple(row["reported"].items()),
        Interval.of(row["mean"]),
        NONE if row["low"] is None else span_of(row["low"], row["high"]),
        tuple(row["outside"] or ()),
        row["explained"],
    )


def _row(name: str, claim: Mapping[str, Any]) -> ClaimRow:
    comparisons = tuple(_comparison(part) for part in claim["comparisons"])
    return ClaimRow(
        name,
        claim["statement"],
        claim["source"],
        claim["verdict"],
        claim["waits_for"],
        tuple(claim["suites"]),
        comparisons,
    )


def _comparison(part: Mapping[str, Any]) -> ComparisonRow:
    declared = {key: _plain(value) for key, value in part["comparison"].items()}
    return ComparisonRow(
        EFFECTS[declared["kind"]].format(**declared),
        decimal(part["effect"]),
        _ends((part["low"], part["high"])),
        _ends(part["bootstrap"]),
        decimal(part["size"], 1),
        part["n"],
        _probability(part["p"]),
        part["verdict"],
        part["note"],
    )


def _plain(value: Any) -> Any:
    """Names as they are read: the metric with blanks, an arm without its suite, a list by its first and last."""
    if isinstance(value, list) and value and isinstance(value[0], str):
        return _plain(value[0]) if len(value) == 1 else f"{_plain(value[0])} … {_plain(value[-1])}"
    return value.rpartition("/")[2].replace("_", " ") if isinstance(value, str) else value


def _ends(ends: Any) -> str:
    return "–" if not ends or None in ends else f"{decimal(ends[0])} to {decimal(ends[1])}"


def _probability(p: float | None) -> str:
    return "–" if p is None else "< 0.001" if p < 0.001 else decimal(p)
