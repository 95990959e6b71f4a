"""Which parameters decided how well a search's trials did."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import optuna
from optuna.trial import create_trial

from bythebook.records.search import Direction
from bythebook.search.sampling import stored
from bythebook.search.space import Space
from bythebook.search.studies import in_memory
from bythebook.search.trials import FinishedTrial

# PED-ANOVA compares the best tenth of the trials with all of them: below this, that is a single trial.
FEWEST = 10
DIGITS = 6


def importance(
    space: Space, trials: Sequence[FinishedTrial], direction: Direction = "maximize", position: int = 0
) -> dict[str, float]:
    """The share of each sampled path, largest first, by PED-ANOVA over the complete trials; they sum to 1.

    The domains of one path count together. Fewer than :data:`FEWEST` complete trials give an empty answer.

    Args:
        direction: of the objective that is explained.
        position: its place among the objectives.

    Source: Watanabe et al. 2023, arXiv:2304.10255.
    """
    complete = [(trial, trial.result.values) for trial in trials if trial.result.values is not None]
    if len(complete) < FEWEST:
        return {}
    study = in_memory([direction])
    for trial, values in complete:
        params, distributions = stored(space, trial.point)
        study.add_trial(create_trial(value=values[position], params=params, distributions=distributions))
    names = sorted({name for trial in study.trials for name in trial.params})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a domain that few trials reached
        shares = optuna.importance.get_param_importances(study, params=names)
    paths = {parameter.name: path for path, parameters in space.items() for parameter in parameters}
    total: dict[str, float] = {}
    for name in names:
        total[paths[name]] = total.get(paths[name], 0.0) + shares[name]
    rounded = {path: round(share, DIGITS) for path, share in total.items()}
    return dict(sorted(rounded.items(), key=lambda item: (-item[1], item[0])))
