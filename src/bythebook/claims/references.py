"""What others reported for a recipe, beside what it gives here."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, Field

from bythebook.claims.finding import LEVEL
from bythebook.claims.measurable import Measurable
from bythebook.claims.measurements import METRICS, SHARES, Measurements
from bythebook.documents import read_yaml
from bythebook.errors import Problems, UserError, unknown
from bythebook.statistics import interval
from bythebook.validation import STRICT, validated


class ReferenceFile(BaseModel):
    """What a reference may hold."""

    model_config = STRICT
    dataset: str
    epochs: Annotated[int, Field(ge=1)]
    metric: str
    reported: dict[str, float]
    explained: str | None = None


@dataclass(frozen=True)
class Reference:
    """What others reported for a recipe, each from one run.

    Attributes:
        arm: ``suite/recipe``.
        dataset: the data set it was reported on.
        epochs: after how many epochs.
        metric: one of :data:`bythebook.claims.measurements.METRICS`.
        reported: who reported it, and the value.
        explained: why it differs from what is found here, if it does.
    """

    arm: str
    dataset: str
    epochs: int
    metric: str
    reported: Mapping[str, float]
    explained: str | None


def read_references(path: Path) -> tuple[Reference, ...]:
    """Reads a file of references.

    Raises:
        UserError: with every problem of the file.
    """
    problems = Problems()
    found = sound_references(path, problems)
    problems.raise_if_any()
    return found


def sound_references(path: Path, problems: Problems) -> tuple[Reference, ...]:
    """Return the references of a file that are as they should be; what is wrong with the others is noted."""
    found: list[Reference] = []
    with problems.collecting():
        content = read_yaml(path)
        if not isinstance(content, Mapping):
            raise UserError(f"{path.name}: a mapping of references is expected.")
        for arm, given in content.items():
            with problems.collecting():
                found.append(_reference(arm, given, f"{path.name}: {arm}"))
    return tuple(found)


def _reference(arm: str, given: Any, where: str) -> Reference:
    declared, problems = validated(ReferenceFile, given, where), Problems()
    if declared.metric not in METRICS:
        problems.add(f"{where}.metric", unknown("metric", declared.metric, METRICS))
    if not declared.reported:
        problems.add(f"{where}.reported", "is empty; name at least one who reported a value.")
    for who, value in declared.reported.items() if declared.metric in SHARES else ():
        if not 0 <= value <= 1:
            said = f"a number from 0 to 1 is expected, as {declared.metric} is a share; given {value:g}."
            problems.add(f"{where}.reported.{who}", said)
    problems.raise_if_any()
    return Reference(arm, **declared.model_dump())


def check_references(
    references: Sequence[Reference], measurable: Measurable, datasets: Collection[str], where: str, problems: Problems
) -> None:
    """Notes the data sets that do not exist, and the arms and metrics that will not be measured.

    Args:
        where: the file of the references.
    """
    for reference in references:
        place = f"{where}: {reference.arm}"
        if reference.dataset not in datasets:
            problems.add(f"{place}.dataset", unknown("dataset", reference.dataset, datasets))
        for said in measurable.problems(reference.arm, reference.metric):
            problems.add(place, said)


def compared(references: Sequence[Reference], measured: Measurements) -> list[dict[str, Any]]:
    """Every reference whose recipe was run on its data set for its epochs, beside what was found.

    ``low`` and ``high`` are where one more run would lie with a probability of 95% (a prediction interval): a reported
    value comes from one run. ``outside`` names those whose values do not lie there; None for fewer than two seeds.
    """
    rows = []
    for reference in references:
        if reference.dataset != measured.dataset(reference.arm) or reference.epochs != measured.epochs(reference.arm):
            continue
        values = list(measured.by_seed(reference.arm, reference.metric).values())
        if not values:
            continue
        low, high = _one_more(values)
        outside = None
        if low is not None and high is not None:
            outside = [who for who, value in reference.reported.items() if not low <= value <= high]
        rows.append(
            {
                "recipe": reference.arm,
                "metric": reference.metric,
                "reported": dict(reference.reported),
                "mean": interval(values).as_json(),
                "low": low,
                "high": high,
                "outside": outside,
                "explained": reference.explained,
            }
        )
    return rows


def _one_more(values: Sequence[float]) -> tuple[float | None, float | None]:
    n = len(values)
    if n < 2:
        return None, None
    from scipy import stats

    spread = float(np.std(values, ddof=1)) * math.sqrt(1 + 1 / n)
    half = float(stats.t.ppf((1 + LEVEL) / 2, n - 1)) * spread
    mean = float(np.mean(values))
    return mean - half, mean + half
