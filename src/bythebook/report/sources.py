"""Reads everything the report is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from bythebook.documents import read_json
from bythebook.errors import DataError, Problems
from bythebook.records.evaluation import Evaluation, read_evaluation
from bythebook.records.suite import Suite, read_suite

MISTAKES = "sample_errors.npz"
CARD = "card.json"


@dataclass(frozen=True)
class Mistakes:
    """The champion's most confident mistakes on test images.

    Attributes:
        images: uint8 (k, h, w).
        truth: int64 (k,), the class each image shows.
        predicted: int64 (k,), the class it was taken for.
        probability: float (k,), how sure the champion was.
    """

    images: np.ndarray
    truth: np.ndarray
    predicted: np.ndarray
    probability: np.ndarray


@dataclass(frozen=True)
class Data:
    """A data set as the report shows it.

    Attributes:
        card: the data card.
        examples: the folder of example images, if there are any.
    """

    card: Mapping[str, Any]
    examples: Path | None


@dataclass(frozen=True)
class Sources:
    """What the report is made from.

    Attributes:
        suites: in the order they are shown.
        evaluation: what the evaluate stage wrote.
        mistakes: None when there are none.
        data: the data sets, first the one that tasks, searches and the champion are about.
        tasks: the A/B tasks, by name.
        claims: what the claims stage wrote; None leaves them out.
        mlflow_ui: the address of the MLflow UI that links lead to.
    """

    suites: tuple[Suite, ...]
    evaluation: Evaluation
    mistakes: Mistakes | None
    data: tuple[Data, ...]
    tasks: Mapping[str, Mapping[str, Any]]
    claims: Mapping[str, Any] | None
    mlflow_ui: str

    @property
    def card(self) -> Mapping[str, Any]:
        """The first data set's card."""
        return self.data[0].card

    def of_stage(self, stage: str) -> tuple[Suite, ...]:
        """The suites that a stage wrote, such as ``train`` or ``search``."""
        return tuple(suite for suite in self.suites if suite.kind == stage)

    def test(self, suite: str, name: str, seed: int) -> Mapping[str, Any] | None:
        """One run's figures on the test split, or None if it was not evaluated."""
        return self.evaluation.runs.get(f"{suite}/{name}/seed-{seed}")


def read_sources(
    suites: Sequence[Path],
    evaluation: Path,
    data: Sequence[Path],
    tasks: Sequence[Path],
    claims: Path | None,
    mlflow_ui: str,
) -> Sources:
    """Reads and checks all files; arguments as for :func:`bythebook.report.write_report`.

    Raises:
        UserError: with every file that is missing or is not what it should be.
    """
    problems = Problems()
    read = []
    for folder in suites:
        with problems.collecting():
            read.append(read_suite(folder))
    documents: dict[Path, Any] = {}
    cards = [folder / CARD for folder in data]
    evaluated: Evaluation | None = None
    with problems.collecting():
        evaluated = read_evaluation(evaluation)
    for path in (*cards, *tasks, *([claims] if claims else ())):
        with problems.collecting():
            documents[path] = read_json(path)
    described = {documents[card]["dataset"] for card in cards if card in documents}
    for suite in read:
        if len(described) == len(cards) and suite.dataset not in described:
            shown = ", ".join(sorted(described))
            problems.add(suite.suite, f"is of {suite.dataset}, but the data cards describe {shown}; rerun the stages.")
    problems.raise_if_any()
    assert evaluated is not None, "what cannot be read is a problem"
    named = {document["name"]: document for document in (documents[path] for path in tasks)}
    return Sources(
        tuple(read),
        evaluated,
        _mistakes(evaluation / MISTAKES),
        tuple(Data(documents[card], _images(card.parent)) for card in cards),
        named,
        documents[claims] if claims else None,
        mlflow_ui,
    )


def _images(folder: Path) -> Path | None:
    return folder if (folder / "images.npy").exists() else None


def _mistakes(path: Path) -> Mistakes | None:
    if not path.exists():
        return None
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            found = Mistakes(*(arrays[name] for name in ("images", "truth", "predicted", "probability")))
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise DataError(f"{path}: not the arrays that the evaluate stage writes ({error}).") from None
    return found if len(found.images) else None
