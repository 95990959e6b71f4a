"""A repetition's process: ``python -m benchmarks.latency.child REPETITION full|quick ANSWER``, answer into a file."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

from benchmarks.latency.measurements import FULL, QUICK, measured
from bythebook.lifetime import die_with_parent
from bythebook.training.determinism import prepare_process

EFFORTS = {"full": FULL, "quick": QUICK}


def main(repetition: int, effort: str, answer: Path) -> None:
    """Measures every arm once."""
    die_with_parent(signal.SIGKILL)
    prepare_process()
    answer.write_text(json.dumps(measured(EFFORTS[effort], repetition)), encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
