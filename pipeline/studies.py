"""Transfer studies as the parameters choose them: their tasks, and the arms that they have."""

from __future__ import annotations

from bythebook.datasets.pairs import Choice
from pipeline.params import Params
from pipeline.tasks import tasks


def choice(params: Params) -> Choice:
    """The declared tasks, and which pairs of classes studies take."""
    transfer = params.transfer
    return Choice(params.dataset, tasks(params.tasks), tuple(transfer.tasks), params.chosen.pairs, transfer.seed)
