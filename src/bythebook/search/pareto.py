"""Which trials are best where there are several objectives: those that no other trial beats, and one of them."""

from __future__ import annotations

from collections.abc import Sequence

from bythebook.search.objective_values import Values
from bythebook.search.objectives import Objective
from bythebook.search.trials import FinishedTrial


def front(objectives: Sequence[Objective], trials: Sequence[FinishedTrial]) -> list[FinishedTrial]:
    """The complete trials that no other beats in one objective without losing in another, best by the first one first.

    Of trials that are equal in all objectives the first stands for all.
    """
    valued = {trial.number: (trial, trial.result.values) for trial in trials if trial.result.values is not None}
    found = [
        (trial, own)
        for trial, own in valued.values()
        if not any(
            _dominates(objectives, other, own) or (other == own and number < trial.number)
            for number, (_, other) in valued.items()
        )
    ]
    ordered = sorted(found, key=lambda pair: (*_costs(objectives, pair[1]), pair[0].number))
    return [trial for trial, _ in ordered]


def winner(
    objectives: Sequence[Objective], trials: Sequence[FinishedTrial], tolerance: float = 0.0
) -> FinishedTrial | None:
    """The trial that a search hands on, or None while no trial is complete.

    By one objective it is the best, the first of equals. By several it is, of those whose first objective is within
    ``tolerance`` of the best there is, the best by the second, then the third and so on: so much of the first may be
    given up for the others (the epsilon-constraint method; Haimes et al. 1971).
    """
    best = front(objectives, trials)
    if not best:
        return None
    costs = {trial.number: _costs(objectives, trial.result.values or ()) for trial in best}
    limit = min(own[0] for own in costs.values()) + tolerance
    allowed = [trial for trial in best if costs[trial.number][0] <= limit]
    return min(allowed, key=lambda trial: (*costs[trial.number][1:], costs[trial.number][0], trial.number))


def _costs(objectives: Sequence[Objective], values: Values) -> Values:
    """The values with their signs turned so that less is better."""
    return tuple(
        -value if objective.direction == "maximize" else value
        for objective, value in zip(objectives, values, strict=True)
    )


def _dominates(objectives: Sequence[Objective], one: Values, other: Values) -> bool:
    pairs = list(zip(_costs(objectives, one), _costs(objectives, other), strict=True))
    return all(mine <= yours for mine, yours in pairs) and any(mine < yours for mine, yours in pairs)
