"""The whole pipeline on real images with nothing to download: ``python -m pipeline.demo``, or ``make demo``.

It runs in a copy below ``.work/demo`` with the overrides of ``demo.yaml``, and tracks into the project's MLflow store,
so that ``make ui`` shows it. The project's own outputs stay as they are.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from bythebook.documents import read_yaml
from bythebook.errors import UserError
from bythebook.tracking import resolve
from pipeline import prepare, startup, workspace

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / ".work" / "demo"
STOPPED = "demo: stopped before its end. What has finished is kept: `make demo` goes on from there."


def main() -> int:
    """Runs the demo and says where to look; returns the exit status."""
    began = time.monotonic()
    startup.until_interrupted()
    try:
        workspace.create(ROOT, TARGET, read_yaml(Path(__file__).with_name("demo.yaml")))
        prepare.mend(TARGET)
        status = workspace.repro(TARGET, environment={"MLFLOW_TRACKING_URI": tracking_address()})
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        status = 130
    if status:
        print(STOPPED, file=sys.stderr)
        return status
    print(f"\n{summary()}\n")
    print(f"demo: done in {time.monotonic() - began:.0f} s")
    print(f"  report     {TARGET / 'reports' / 'index.html'}")
    print("  MLflow UI  make ui")
    print("  next       make repro (the same on Fashion-MNIST)")
    return 0


def tracking_address() -> str:
    """The MLflow address: the user's, or the project's SQLite file."""
    return resolve(os.environ.get("MLFLOW_TRACKING_URI"), ROOT)


def summary() -> str:
    """The results table of the last run."""
    return (TARGET / "reports" / "summary.md").read_text(encoding="utf-8").strip()


if __name__ == "__main__":
    sys.exit(main())
