"""Runs probes and writes what they measured."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from bythebook import probes as probes  # fills the register
from bythebook.documents import write_json
from bythebook.errors import Problems, unknown
from bythebook.files import new_directory
from bythebook.probes import registry
from bythebook.training.determinism import prepare_process

log = logging.getLogger(__name__)


def check(names: Sequence[str], where: str, problems: Problems) -> None:
    """Notes every name that is no probe's."""
    known = registry.probes()
    for name in names:
        if name not in known:
            problems.add(where, unknown("probe", name, known))


def measure(names: Sequence[str], output: Path) -> None:
    """Runs the probes and writes one JSON file each into ``output``, a folder made anew.

    Raises:
        UserError: with every name that is no probe's; nothing is measured then.
    """
    problems = Problems()
    check(names, "probes", problems)
    problems.raise_if_any()
    if any(registry.probes()[name].keras for name in names):
        prepare_process()
    with new_directory(output) as building:
        for name in names:
            probe = registry.probes()[name]
            log.info("%s: %s", name, probe.question)
            write_json(building / f"{name}.json", probe.run())
