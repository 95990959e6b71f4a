"""Verdicts of claims and measurements of probes: JSON files that MLflow shows as a run each."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from bythebook.documents import canonical_json, read_json

CLAIMS, PROBES = "claims", "probes"
ABOUT = {
    CLAIMS: "Verdicts on what the chapter claims; each run is one content of claims.json.",
    PROBES: "What is measured without images; each run is what one probe measured.",
}
VERDICTS = ("supported", "refuted", "inconclusive")


@dataclass(frozen=True)
class Document:
    """A JSON file, and what MLflow shows of it.

    Attributes:
        experiment: ``claims`` or ``probes``.
        stage: the stage that wrote the file.
        file: its name.
        content: its content.
        written: when it was written to this disk, unix seconds.
    """

    experiment: str
    stage: str
    file: str
    content: Mapping[str, Any]
    written: float
    metrics: Mapping[str, float]
    tags: Mapping[str, str]

    @classmethod
    def of_claims(cls, path: Path, datasets: Sequence[str]) -> Document:
        """The verdicts of the claims stage.

        Args:
            path: the file.
            datasets: what they were judged on.

        Raises:
            UserError: the file is missing or is not JSON.
        """
        content = read_json(path)
        verdicts = {name: str(claim["verdict"]) for name, claim in content["claims"].items()}
        tags = {f"claim.{name}": verdict for name, verdict in verdicts.items()} | {"datasets": ", ".join(datasets)}
        return cls(CLAIMS, "claims", path.name, content, path.stat().st_mtime, _claims_metrics(verdicts), tags)

    @classmethod
    def of_probe(cls, path: Path) -> Document:
        """What a probe measured.

        Raises:
            UserError: the file is missing or is not JSON.
        """
        content = read_json(path)
        tags = {"probe": content["probe"], "seeds": str(len(content["seeds"]))}
        tags["mlflow.note.content"] = content["question"]
        return cls(PROBES, "probe", path.name, content, path.stat().st_mtime, _probe_metrics(content), tags)

    @property
    def about(self) -> str:
        """What the experiment holds."""
        return ABOUT[self.experiment]

    @property
    def title(self) -> str:
        """Its name in MLflow."""
        return Path(self.file).stem

    @property
    def text(self) -> str:
        """Its content as the stage wrote it."""
        return canonical_json(self.content).decode()

    @property
    def key(self) -> str:
        """What it is found by: the digest of its content, so that the same content is there once."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def _claims_metrics(verdicts: Mapping[str, str]) -> dict[str, float]:
    """How many claims have each verdict, and how many have one."""
    counts = Counter(verdicts.values())
    numbers = {verdict: counts[verdict] for verdict in VERDICTS}
    return {f"claims.{name}": float(number) for name, number in [*numbers.items(), ("judged", sum(numbers.values()))]}


def _probe_metrics(content: Mapping[str, Any]) -> dict[str, float]:
    """The mean of every metric over the seeds."""
    return {
        f"{arm}.{metric}": fmean(values)
        for arm, metrics in content["arms"].items()
        for metric, values in metrics.items()
    }
