"""Repetitions: every contender in a fresh process, in turns (A B C A B C), so that a slow minute is everybody's."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.contenders import CONTENDERS, Request, environment
from benchmarks.data import ROOT
from bythebook.errors import BythebookError

log = logging.getLogger("benchmarks")

Answer = dict[str, Any]


class MeasurementError(BythebookError):
    """A contender's process failed."""


@dataclass(frozen=True)
class Settings:
    """How much is measured.

    Attributes:
        repetitions: of each contender.
        quick: a glance: little data, few epochs. Never for results that are kept.
    """

    repetitions: int = 5
    quick: bool = False


@dataclass(frozen=True)
class Cell:
    """One contender of a question.

    Attributes:
        contender: its name in the results.
        measure: measures it once.
    """

    contender: str
    measure: Callable[[], Answer]


def interleaved(cells: Sequence[Cell], repetitions: int) -> list[Answer]:
    """What every cell measured, in turns: repetition by repetition, each cell once."""
    answers = []
    for repetition, cell in product(range(repetitions), cells):
        began = time.monotonic()
        answer = cell.measure()
        log.info("  %d/%d  %-22s %6.1f s", repetition + 1, repetitions, cell.contender, time.monotonic() - began)
        answers.append({"contender": cell.contender, "repetition": repetition, **answer})
    return answers


def child(contender: str, request: Request) -> Answer:
    """Runs a contender once, in a process of its own.

    Raises:
        MeasurementError: the process failed; with the end of what it said.
    """
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        own = CONTENDERS[contender].environment
        usage = spawn("benchmarks.child", [contender, json.dumps(asdict(request)), str(answer)], own)
        return {**json.loads(answer.read_text(encoding="utf-8")), "process": usage}


def spawn(
    module: str,
    arguments: Sequence[str],
    own: Mapping[str, str],
    folder: Path = ROOT,
    watch: Callable[[int], None] | None = None,
) -> dict[str, float]:
    """Runs a module to its end; returns when it ``began``, and its ``wall`` and ``cpu`` seconds.

    CPU seconds include those of the processes that it waited for.

    Args:
        own: variables of its environment, on top of a clean one.
        folder: where it runs, and where it finds the project's code.
        watch: called with its process id once it has started.

    Raises:
        MeasurementError: it failed.
    """
    variables = environment(own)
    code = [str(folder), str(folder / "src"), str(ROOT)]
    variables["PYTHONPATH"] = os.pathsep.join([*code, *filter(None, [variables.get("PYTHONPATH")])])
    with tempfile.TemporaryFile() as said:
        at, began = time.time(), time.monotonic()
        with subprocess.Popen(
            [sys.executable, "-m", module, *arguments], cwd=folder, env=variables, stdout=said, stderr=said
        ) as process:
            if watch:
                watch(process.pid)
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.monotonic() - began
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            tail = said.read().decode("utf-8", "replace")[-3000:]
            raise MeasurementError(f"{module} {' '.join(arguments[:1])} ended with {process.returncode}:\n{tail}")
    return {"began": at, "wall": wall, "cpu": usage.ru_utime + usage.ru_stime}
