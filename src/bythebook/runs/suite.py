"""A suite's results on disk: the folder a stage hands on, with every run's record and weights."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bythebook.documents import read_json, write_json
from bythebook.files import new_directory
from bythebook.runs.memo import RECORD, WEIGHTS, Memo
from bythebook.runs.run import Run

SCHEMA = 1
INDEX = "suite.json"


@dataclass(frozen=True)
class Entry:
    """One run of a suite: its place in the suite, and its record."""

    name: str
    about: str
    seed: int
    key: str
    tags: Mapping[str, str]
    directory: Path
    record: dict[str, Any]

    @property
    def weights(self) -> Path | None:
        """The file of its weights, or None for a run that has none."""
        return self.directory / WEIGHTS if self.record["weights_sha256"] else None

    @property
    def lost_by_sharing(self) -> float | None:
        """Validation accuracy that the net whose layers were reused would lose, had they been shared and not copied.

        None where the run was not to note it, or did not finish.
        """
        shared = self.record["shared"]
        return float(shared["before"] - shared["after"]) if shared else None


@dataclass(frozen=True)
class Heading:
    """What a suite says of itself."""

    suite: str
    stage: str
    dataset: str
    question: str

    @property
    def experiment(self) -> str:
        """The name of the MLflow experiment that holds its runs."""
        return f"{self.dataset}/{self.suite}"


@dataclass(frozen=True)
class Suite(Heading):
    """What a stage handed on."""

    extra: dict[str, Any]
    entries: tuple[Entry, ...]

    def by_name(self) -> dict[str, list[Entry]]:
        """The runs of each recipe, in the order of the suite, seeds ascending."""
        groups: dict[str, list[Entry]] = {}
        for entry in self.entries:
            groups.setdefault(entry.name, []).append(entry)
        return groups


def write_suite(
    directory: Path,
    heading: Heading,
    runs: Sequence[Run],
    records: Mapping[str, dict[str, Any]],
    memo: Path,
    extra: Mapping[str, Any] | None = None,
    files: Mapping[str, str] | None = None,
) -> None:
    """Writes a suite's folder: records and weights copied from the memo, and an index of them.

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
            write_json(building / path / RECORD, record)
            if record["weights_sha256"]:
                shutil.copyfile(kept.directory(run.key) / WEIGHTS, building / path / WEIGHTS)
            listed.append(
                {
                    "name": run.name,
                    "about": run.about,
                    "seed": run.seed,
                    "key": run.key,
                    "path": path.as_posix(),
                    "tags": dict(run.tags),
                }
            )
        for name, text in (files or {}).items():
            (building / name).write_text(text, encoding="utf-8")
        write_json(building / INDEX, {**vars(heading), "schema": SCHEMA, "runs": listed, "extra": dict(extra or {})})


def read_suite(directory: Path) -> Suite:
    """Reads what :func:`write_suite` wrote.

    Raises:
        UserError: the folder holds no suite.
    """
    index = read_json(directory / INDEX)
    entries = tuple(
        Entry(
            entry["name"],
            entry["about"],
            entry["seed"],
            entry["key"],
            entry["tags"],
            directory / entry["path"],
            read_json(directory / entry["path"] / RECORD),
        )
        for entry in index["runs"]
    )
    return Suite(index["suite"], index["stage"], index["dataset"], index["question"], index["extra"], entries)
