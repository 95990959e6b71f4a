"""What the evaluate stage found on the test split."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bythebook.documents import read_json
from bythebook.records.interval import Interval
from bythebook.records.layout import RecordPart
from bythebook.records.study import StudyFindings
from bythebook.validation import validated

EVALUATION = "evaluation.json"
# The figures of one run by name, as :func:`bythebook.metrics.describe` gives them, and more.
Figures = dict[str, Any]


class RecipeFigures(RecordPart):
    """The figures of a recipe over its seeds."""

    accuracy: Interval
    loss: Interval
    nll: Interval
    ece: Interval


class Evaluation(RecordPart):
    """Figures on test images.

    Attributes:
        runs: of each run that could be asked, by ``suite/recipe/seed-0``.
        recipes: of each recipe, by ``suite/recipe``.
        transfer: what each study found, by the name of its suite.
        champion: the figures of the chosen run, with its path as ``run``; None where nothing was chosen.
    """

    runs: dict[str, Figures]
    recipes: dict[str, RecipeFigures]
    transfer: dict[str, StudyFindings]
    champion: Figures | None


def read_evaluation(folder: Path) -> Evaluation:
    """Return what the evaluate stage wrote to a folder.

    Raises:
        UserError: it is not there, or is of another version.
    """
    path = folder / EVALUATION
    return validated(Evaluation, read_json(path), str(path))
