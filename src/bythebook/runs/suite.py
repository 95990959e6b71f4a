"""Writing a suite's folder, which :func:`bythebook.records.suite.read_suite` reads."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bythebook.documents import write_json
from bythebook.files import new_directory
from bythebook.records.run import RECORD, WEIGHTS, RunRecord
from bythebook.records.suite import INDEX, SCHEMA, Heading, ListedRun, SuiteIndex
from bythebook.runs.memo import Memo
from bythebook.runs.run import Run


def write_suite(
    directory: Path,
    heading: Heading,
    runs: Sequence[Run],
    records: Mapping[str, RunRecord],
    memo: Path,
    extra: Mapping[str, Any] | None = None,
    files: Mapping[str, str] | None = None,
) -> None:
    """Write a suite's folder: records and weights copied from the memo, and an index of them.

    A record that the memo does not hold (a pruned run's) is written without weights.

    Args:
        extra: what the stage found.
        files: by name, texts that stand beside the index.
    """
    kept = Memo(memo)
    with new_directory(directory) as building:
        listed = []
        for run in runs:
            path = Path(run.name) / f"seed-{run.seed}"
            record = records[run.key]
            write_json(building / path / RECORD, record.as_json())
            if record.weights_sha256:
                shutil.copyfile(kept.directory(run.key) / WEIGHTS, building / path / WEIGHTS)
            listed.append(
                ListedRun(
                    name=run.name,
                    about=run.about,
                    seed=run.seed,
                    key=run.key,
                    path=path.as_posix(),
                    tags=dict(run.tags),
                )
            )
        for name, text in (files or {}).items():
            (building / name).write_text(text, encoding="utf-8")
        index = SuiteIndex(schema=SCHEMA, **vars(heading), runs=tuple(listed), extra=dict(extra or {}))
        write_json(building / INDEX, index.as_json())
