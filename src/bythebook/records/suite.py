"""A suite's results on disk: the folder a stage hands on, with every run's record and weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from bythebook.records.champion import ChampionChoice
from bythebook.records.layout import RecordPart, Several, read
from bythebook.records.run import RECORD, WEIGHTS, RunRecord, read_record
from bythebook.records.search import SamplerComparison, SearchFindings
from bythebook.records.study import TransferStudy
from bythebook.validation import validated

SCHEMA: Literal[1] = 1
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
    record: RunRecord

    @property
    def weights(self) -> Path | None:
        """Return the file of its weights, or None for a run that has none."""
        return self.directory / WEIGHTS if self.record.weights_sha256 else None

    @property
    def lost_by_sharing(self) -> float | None:
        """Return the validation accuracy that the net whose layers were reused would lose by sharing them uncopied.

        None where the run was not to note it, or did not finish.
        """
        shared = self.record.shared
        return shared.before - shared.after if shared else None


@dataclass(frozen=True)
class Heading:
    """What a suite says of itself."""

    suite: str
    stage: str
    dataset: str
    question: str

    @property
    def experiment(self) -> str:
        """Return the name of the MLflow experiment that holds its runs."""
        return f"{self.dataset}/{self.suite}"


@dataclass(frozen=True)
class Suite(Heading):
    """What a stage handed on."""

    extra: dict[str, Any]
    entries: tuple[Entry, ...]

    @cached_property
    def study(self) -> TransferStudy:
        """Return what a transfer stage handed on."""
        return validated(TransferStudy, self.extra, f"{self.suite}: extra")

    @cached_property
    def choice(self) -> ChampionChoice:
        """Return what the champion's stage handed on."""
        return validated(ChampionChoice, self.extra, f"{self.suite}: extra")

    @cached_property
    def search(self) -> SearchFindings | SamplerComparison | None:
        """Return what a search handed on; None for one that the budget leaves out."""
        if not self.extra:
            return None
        kind: type[SearchFindings | SamplerComparison] = (
            SamplerComparison if "samplers" in self.extra else SearchFindings
        )
        return validated(kind, self.extra, f"{self.suite}: extra")

    @property
    def kind(self) -> str:
        """Return the name of the stage that wrote it, such as ``train`` or ``search``."""
        return self.stage.partition("@")[0]

    def by_name(self) -> dict[str, list[Entry]]:
        """Return the runs of each recipe, in the order of the suite, seeds ascending."""
        groups: dict[str, list[Entry]] = {}
        for entry in self.entries:
            groups.setdefault(entry.name, []).append(entry)
        return groups


class ListedRun(RecordPart):
    """A run as a suite's index lists it."""

    name: str
    about: str
    seed: int
    key: str
    path: str
    tags: dict[str, str]


class SuiteIndex(RecordPart):
    """The file that stands in a suite's folder."""

    layout: Literal[1] = Field(alias="schema")
    suite: str
    stage: str
    dataset: str
    question: str
    runs: Several[ListedRun]
    extra: dict[str, Any]


def read_suite(directory: Path) -> Suite:
    """Return the suite in a folder.

    Raises:
        UserError: the folder holds no suite, or one of another version.
    """
    index = read(directory / INDEX, SuiteIndex, SCHEMA)
    entries = tuple(_entry(listed, directory / listed.path) for listed in index.runs)
    return Suite(index.suite, index.stage, index.dataset, index.question, index.extra, entries)


def _entry(listed: ListedRun, directory: Path) -> Entry:
    record = read_record(directory / RECORD)
    return Entry(listed.name, listed.about, listed.seed, listed.key, listed.tags, directory, record)
