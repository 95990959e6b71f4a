"""A contender's process: ``python -m benchmarks.child NAME REQUEST ANSWER``, request in JSON, answer into a file."""

from __future__ import annotations

import importlib
import json
import signal
import sys
from pathlib import Path

from benchmarks.contenders import CONTENDERS, Request
from bythebook.lifetime import die_with_parent


def main(name: str, request: str, answer: Path) -> None:
    """Runs one contender once."""
    die_with_parent(signal.SIGKILL)
    contender = CONTENDERS[name]
    module = importlib.import_module(f"benchmarks.contenders.{contender.module}")
    measured = module.run(Request(**json.loads(request)), **contender.options)
    answer.write_text(json.dumps(measured), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
