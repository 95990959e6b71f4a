"""A stage without MLflow: ``python -m benchmarks.untracked pipeline.train activations``.

The product always tracks; what tracking costs is seen against a stage whose observer of runs does nothing.
"""

from __future__ import annotations

import runpy
import sys
from typing import Any

from pipeline import fanout

TRACKER = "LiveTracker"


class NoTracker:
    """Stands where the live tracker stands."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __enter__(self) -> NoTracker:
        return self

    def __exit__(self, *_: Any) -> None:
        pass

    def prepare(self) -> None:
        """Has nothing to prepare."""

    def __call__(self, event: dict[str, Any]) -> None:
        """Takes an event and forgets it."""


def main(module: str, *arguments: str) -> None:
    """Runs the stage's module with these arguments."""
    # A name that is gone would be set here without any effect, and the comparison would say nothing.
    if not hasattr(fanout, TRACKER):
        raise SystemExit(f"pipeline.fanout has no {TRACKER} any more")
    setattr(fanout, TRACKER, NoTracker)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
