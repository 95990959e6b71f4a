"""What a search gives to the suite that its stage writes, and how its study is named."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import Any

from bythebook.code.numeric import numeric_digest
from bythebook.documents import canonical_json
from bythebook.records.run import RunRecord
from bythebook.runs.run import Run
from bythebook.search.planning import Planner
from bythebook.search.settings import SearchSettings

# The code that decides what is proposed, pruned and told; what trains is in every run's key already.
DECIDES = (
    *("bythebook.search.study_runner.StudyRunner", "bythebook.search.pruning.Rule"),
    *("bythebook.search.training.Trainer", "bythebook.search.training.train_trial"),
)
APART = (
    *("bythebook.runs", "bythebook.training", "bythebook.fused", "bythebook.techniques", "bythebook.network"),
    *("bythebook.search.told", "bythebook.search.mirror", "bythebook.search.storage", "bythebook.records"),
)


@dataclass(frozen=True)
class SearchOutcome:
    """What a search gives to the suite that its stage writes.

    Attributes:
        runs: those that the suite keeps.
        records: by key, of every run.
        extra: what the study found.
        files: by name, texts that stand beside the suite's index.
    """

    runs: list[Run]
    records: dict[str, RunRecord]
    extra: dict[str, Any]
    files: dict[str, str] = field(default_factory=dict)


def study_name(planner: Planner, settings: SearchSettings, label: str | None = None) -> str:
    """The guideline's name and twelve hexadecimal digits of everything that decides the study's trials.

    The budget is not part of it: more trials continue a study.

    Args:
        label: what stands in the place of the guideline's name.
    """
    guideline = planner.guideline
    # How each run is trained follows from `training`, and may change with what else is planned.
    first = replace(planner.run(guideline.name, settings.seed, guideline.first.values), loop="fused")
    decides = {
        "first": first.identity.as_json(),
        "loops": vars(planner.loops),
        "space": guideline.declared,
        "objectives": [objective.name for objective in guideline.objectives],
        "settings": settings.model_dump(exclude={"trials"}),
        "code": numeric_digest(DECIDES, APART),
        "optuna": version("optuna"),
    }
    return f"{label or guideline.name}-{hashlib.sha256(canonical_json(decides)).hexdigest()[:12]}"
