"""``python -m benchmarks [question ...]``: measures, keeps the results, and renders the page and the plots."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.data import ROOT, check
from benchmarks.measure import MeasurementError, Settings
from benchmarks.plots import draw
from benchmarks.questions import QUESTIONS
from benchmarks.render import page
from bythebook.documents import read_json, write_json
from bythebook.errors import UserError, unknown
from bythebook.files import write_bytes

log = logging.getLogger("benchmarks")

KEPT, QUICK = ROOT / "benchmarks", ROOT / ".work" / "bench"
RESULTS, PAGE, PLOTS = "results.json", "RESULTS.md", "plots"


def main(arguments: list[str]) -> int:
    """Runs what the command line asks for and returns the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    asked = _parsed(arguments)
    settings = Settings(asked.repetitions or (1 if asked.quick else 5), asked.quick)
    folder = QUICK if asked.quick else KEPT
    try:
        names = _checked(asked.questions)
        if not asked.render:
            check()
            measure(names, settings, folder / RESULTS)
        render(folder)
    except (UserError, MeasurementError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: stopped; the questions that were answered are kept.", file=sys.stderr)
        return 130
    print(f"bench: {(folder / PAGE).relative_to(ROOT)}")
    return 0


def render(folder: Path) -> None:
    """Writes the page and the plots of a folder's results.

    Raises:
        UserError: there are no results.
    """
    results = read_json(folder / RESULTS)
    write_bytes(folder / PAGE, page(results).encode())
    draw(results, folder / PLOTS)


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("questions", nargs="*", help=f"all of them without any: {', '.join(QUESTIONS)}")
    parser.add_argument("--repetitions", type=int, help="of each contender; 5 unless given, 1 with --quick")
    parser.add_argument("--quick", action="store_true", help="a glance, written to .work/bench")
    parser.add_argument("--render", action="store_true", help="measure nothing; render the results that are there")
    return parser.parse_args(arguments)


def _checked(names: list[str]) -> list[str]:
    wrong = [name for name in names if name not in QUESTIONS]
    if wrong:
        raise UserError(*(unknown("question", name, QUESTIONS) for name in wrong))
    return names or list(QUESTIONS)


def measure(names: list[str], settings: Settings, path: Path) -> None:
    """Measures the questions, and keeps each as soon as it is answered."""
    fresh: dict[str, Any] = {"quick": settings.quick, "questions": {}}
    results = read_json(path) if path.is_file() else fresh
    here = machine.described()
    for name in names:
        load = machine.load()
        machine.warn_if_busy()
        log.info("%s", name)
        begun, clock = datetime.now().astimezone().isoformat(timespec="minutes"), time.monotonic()
        section = QUESTIONS[name](settings)
        answered = {**section, "machine": here, "load": load, "begun": begun, "seconds": time.monotonic() - clock}
        results["questions"][name] = answered
        write_json(path, results)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
