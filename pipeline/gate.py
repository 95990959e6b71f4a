"""Fails when a result got worse than the committed one: ``python -m pipeline.gate``, or ``make gate``."""

from __future__ import annotations

import json
import subprocess
import sys

from bythebook.documents import read_json
from bythebook.gate import MetricComparison, compare
from pipeline import stage

METRICS = stage.REPORTS / "metrics.json"


def main() -> None:
    """Compares reports/metrics.json with the last commit's, by the tolerances in params.yaml.

    Raises:
        SystemExit: with status 1 when a metric got worse by more than its tolerance.
    """
    tolerances = stage.params().gate
    current = read_json(METRICS)
    committed = subprocess.run(["git", "show", f"HEAD:./{METRICS.as_posix()}"], capture_output=True, check=False)
    if committed.returncode:
        print(f"gate: no {METRICS} in the last commit: nothing to compare with yet.")
        return
    compared = compare(current, json.loads(committed.stdout), tolerances)
    print(f"{'metric':<36} {'committed':>10} {'current':>10} {'change':>10} {'tolerance':>10}")
    for comparison in compared:
        print(_row(comparison))
    if any(comparison.regressed for comparison in compared):
        sys.exit(1)


def _row(comparison: MetricComparison) -> str:
    figures = (comparison.committed, comparison.current, comparison.change, comparison.tolerance)
    cells = " ".join(f"{'-' if figure is None else format(figure, '.4f'):>10}" for figure in figures)
    return f"{comparison.metric:<36} {cells}{'  REGRESSION' if comparison.regressed else ''}"


if __name__ == "__main__":
    stage.run(main)
