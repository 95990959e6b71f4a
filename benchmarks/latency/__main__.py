"""``python -m benchmarks.latency``: times every arm in repetitions, each in a fresh process of one thread."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import machine
from benchmarks.contenders import QUIET
from benchmarks.data import ROOT, check
from benchmarks.latency import arms
from benchmarks.latency.arms import METRICS
from benchmarks.measure import MeasurementError, spawn
from bythebook.documents import write_json
from bythebook.errors import UserError

log = logging.getLogger("benchmarks")

KEPT, QUICK = ROOT / "benchmarks" / "latency.json", ROOT / ".work" / "bench" / "latency.json"
# Fewer tell too little about chance for a verdict.
LEAST = 10

Repetition = Mapping[str, Mapping[str, float]]


def main(arguments: list[str]) -> int:
    """Runs what the command line asks for and returns the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    asked = _parsed(arguments)
    path = QUICK if asked.quick else KEPT
    try:
        repetitions = _checked(asked.repetitions, asked.quick)
        check()
        machine.warn_if_busy()
        found = [_repetition(number, repetitions, asked.quick) for number in range(repetitions)]
    except (UserError, MeasurementError) as error:
        print(f"latency: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("latency: stopped; nothing is kept.", file=sys.stderr)
        return 130
    measured = gathered(found)
    write_json(path, {"machine": machine.described(), "arms": measured})
    print(f"latency: {path.relative_to(ROOT)}; {relation(measured)}")
    return 0


def gathered(repetitions: Iterable[Repetition]) -> dict[str, dict[str, list[float]]]:
    """Every arm's metrics, each with one value per repetition, in their order."""
    found = list(repetitions)
    return {
        arm: {metric: [repetition[arm][metric] for repetition in found] for metric in metrics}
        for arm, metrics in METRICS.items()
    }


def relation(measured: Mapping[str, Mapping[str, list[float]]]) -> str:
    """How well multiply-adds stand for the latency of one image, in a sentence: by ranks, and by a straight line."""
    from scipy import stats

    work, tail = ([median(measured[arm][metric]) for arm in arms.SIZES] for metric in (arms.WORK, arms.TAIL))
    ranks, line = stats.spearmanr(work, tail).statistic, stats.linregress(work, tail)
    return (
        f"multiply-adds of {len(work)} nets and their p95 latency at batch 1: rank correlation {ranks:.2f},"
        f" {1e6 * line.slope:.3f} ms per million beyond {line.intercept:.3f} ms (r {line.rvalue:.2f})"
    )


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=__doc__)
    parser.add_argument("--repetitions", type=int, help=f"at least {LEAST}, which is also what is done unasked")
    parser.add_argument("--quick", action="store_true", help="a glance, written to .work/bench: one short repetition")
    return parser.parse_args(arguments)


def _checked(asked: int | None, quick: bool) -> int:
    least = 1 if quick else LEAST
    if asked is not None and asked < least:
        raise UserError(f"--repetitions: at least {least}; given {asked}.")
    return asked or least


def _repetition(number: int, of: int, quick: bool) -> Any:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        spawn("benchmarks.latency.child", [str(number), "quick" if quick else "full", str(answer)], QUIET)
        log.info("  %d/%d  %6.1f s", number + 1, of, time.monotonic() - began)
        return json.loads(answer.read_text(encoding="utf-8"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
