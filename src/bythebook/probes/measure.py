"""Runs probes and writes what they measured."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bythebook import probes as probes  # fills the register
from bythebook.documents import write_json
from bythebook.errors import Problems, unknown
from bythebook.files import new_directory
from bythebook.probes import registry
from bythebook.records.events import Observe, ignore_events
from bythebook.runs.executor import Executor
from bythebook.training.determinism import prepare_process

log = logging.getLogger(__name__)


def check(names: Sequence[str], where: str, problems: Problems) -> None:
    """Notes every name that is no probe's."""
    known = registry.probes()
    for name in names:
        if name not in known:
            problems.add(where, unknown("probe", name, known))


def measure(names: Sequence[str], executor: Executor, output: Path) -> None:
    """Runs the probes and writes one JSON file each into ``output``, a folder made anew.

    Raises:
        UserError: with every name that is no probe's; nothing is measured then.
    """
    problems = Problems()
    check(names, "probes", problems)
    problems.raise_if_any()
    for name in names:
        log.info("%s: %s", name, registry.probes()[name].question)
    found = executor.map(run, list(names), ignore_events)
    with new_directory(output) as building:
        for name, measured in zip(names, found, strict=True):
            write_json(building / f"{name}.json", measured)


def run(name: str, emit: Observe) -> dict[str, Any]:
    """What one probe measures; a worker runs it."""
    probe = registry.probes()[name]
    if probe.keras:
        prepare_process()
    return probe.run()
