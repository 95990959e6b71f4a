"""The results of the stages that train, as later stages read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bythebook.documents import write_json
from bythebook.files import sha256_of
from bythebook.records.run import WEIGHTS, RunRecord
from bythebook.records.suite import Heading, Suite, read_suite
from bythebook.runs.run import Run
from bythebook.runs.suite import write_suite
from pipeline import stage
from pipeline.params import Params


def write(
    heading: Heading,
    runs: Sequence[Run],
    records: Mapping[str, RunRecord],
    extra: Mapping[str, Any] | None = None,
    files: Mapping[str, str] | None = None,
) -> None:
    """Write a suite's folder, as :func:`bythebook.runs.suite.write_suite` does, and the index that stands for it.

    The index has the digests of the folder's files but for weights, whose digests stand in their records.
    """
    folder = stage.SUITES / heading.suite
    write_suite(folder, heading, runs, records, stage.MEMO, extra, files)
    listed = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != WEIGHTS)
    digests = {path.relative_to(folder).as_posix(): sha256_of(path) for path in listed}
    write_json(stage.INDEX / f"{heading.suite}.json", digests)


def directories(params: Params) -> list[Path]:
    """The output folders of every suite that the parameters name and the budget runs, the champion's last."""
    names = [*params.chosen_suites, *(f"transfer_{name}" for name in params.transfers)]
    names += [f"search_{name}" for name in params.chosen_searches]
    return [*(stage.SUITES / name for name in names), stage.CHAMPION]


def suites(params: Params) -> list[Suite]:
    """All of them, read."""
    return [read_suite(directory) for directory in directories(params)]


def candidates(params: Params) -> list[Suite]:
    """Those that the champion is chosen from."""
    return [read_suite(directory) for directory in directories(params)[:-1]]
