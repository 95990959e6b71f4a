"""Reads what was measured, judges the claims, and writes the verdicts."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bythebook.claims.declaration import Claim, read_claims
from bythebook.claims.judgement import counts, judge
from bythebook.claims.measurements import Measurements
from bythebook.claims.references import compared, read_references
from bythebook.documents import read_json, write_json
from bythebook.records.suite import read_suite

log = logging.getLogger(__name__)


def write_verdicts(
    claims: Path,
    references: Path,
    suites: Sequence[Path],
    evaluation: Path,
    probes: Sequence[Path],
    output: Path,
    latency: Path | None = None,
) -> None:
    """Writes the verdict of every claim, and what others reported; equal measurements give equal bytes.

    Args:
        claims: the YAML file of claims.
        references: the YAML file of what others reported.
        suites: folders of suites.
        evaluation: the folder of the evaluate stage.
        probes: files of probes.
        output: the JSON file to write.
        latency: the file of measured latencies; claims about them wait where it is None or not there.

    Raises:
        UserError: a claim is not declared as it should be, or names what a suite or probe does not hold.
    """
    found = Measurements.of(
        [read_suite(path) for path in suites],
        read_json(evaluation / "evaluation.json"),
        [read_json(path) for path in probes],
        read_json(latency) if latency and latency.is_file() else None,
    )
    judged = judge([waiting(claim, found) for claim in read_claims(claims)], found)
    write_json(output, {**judged, "references": compared(read_references(references), found)})
    log.info("%s", ", ".join(f"{number} {verdict}" for verdict, number in counts(judged).items()))


def waiting(claim: Claim, measured: Measurements) -> Claim:
    """The claim itself, or one that waits if a suite, task or probe that it needs is not part of this pipeline."""
    arms = [arm for comparison in claim.comparisons for arm in comparison.arms]
    missing = sorted({name for arm in arms if (name := measured.missing(arm))})
    if not missing:
        return claim
    kind = "tasks" if all("/" in name for name in missing) else "suites or probes"
    return replace(claim, comparisons=(), waits_for=f"{kind} that were not run here: {', '.join(missing)}")
