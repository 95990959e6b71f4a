"""What one execution of a stage is about to run, or has run: the parent and its children, before MLflow knows them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bythebook.records.run import Identity
from bythebook.records.suite import Entry, Heading, Suite


@dataclass(frozen=True)
class Planned:
    """One run, as far as it is known before it ends.

    Attributes:
        identity: as in a run record; None when it is only known at the end.
    """

    key: str
    name: str
    seed: int
    about: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    identity: Identity | None = None

    @classmethod
    def of_entry(cls, entry: Entry) -> Planned:
        """A run that a suite's folder holds."""
        return cls(entry.key, entry.name, entry.seed, entry.about, dict(entry.tags), entry.record.identity)

    @property
    def title(self) -> str:
        """Its name in MLflow; the path that it has on disk."""
        return f"{self.name}/seed-{self.seed}"


@dataclass(frozen=True)
class Execution(Heading):
    """A suite's runs under one parent.

    Attributes:
        group: what makes two executions the same one: stage and planned keys, or stage and study.
    """

    group: str
    planned: tuple[Planned, ...]

    @classmethod
    def of_suite(cls, suite: Suite) -> Execution:
        """Return what a suite's folder holds."""
        return cls.of(suite, [Planned.of_entry(entry) for entry in suite.entries], suite.extra.get("study"))

    @classmethod
    def of(cls, heading: Heading, planned: Sequence[Planned], study: str | None = None) -> Execution:
        """Return what a stage is about to run.

        Args:
            study: the name of the study, where the runs are not known beforehand.
        """
        members = [study] if study else sorted({run.key for run in planned})
        group = hashlib.sha256("\n".join([heading.stage, *members]).encode()).hexdigest()
        return cls(heading.suite, heading.stage, heading.dataset, heading.question, group, tuple(planned))
