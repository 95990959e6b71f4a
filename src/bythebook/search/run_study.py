"""One study from its first trial to its budget, trained."""

from __future__ import annotations

import logging

from bythebook.search.mirror import Mirror
from bythebook.search.space import Assignment
from bythebook.search.study_runner import StudyRunner
from bythebook.search.told import ToldTrials
from bythebook.search.training import Trainer
from bythebook.search.trials import FinishedTrial

log = logging.getLogger(__name__)


def run_study(name: str, trainer: Trainer, first: Assignment | None) -> list[FinishedTrial]:
    """Return the trials of a study; what it was told before is not trained again.

    Args:
        name: tells everything that decides its trials.
        first: the point that trial 0 takes; None samples it like any other.

    Raises:
        UserError: another process searches it.
    """
    log.info("study %s", name)
    guideline, resources = trainer.planner.guideline, trainer.resources
    directions = [objective.direction for objective in guideline.objectives]
    told, mirror = ToldTrials(resources.told, name), Mirror(resources.dashboard, name, directions)
    return StudyRunner(told, mirror, guideline.space, first, trainer.settings, trainer.evaluate, directions).run()
