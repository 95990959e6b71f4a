"""The A/B tasks, as the parameters declare and choose them."""

from __future__ import annotations

from collections.abc import Mapping

from bythebook.datasets.pairs import TaskChoice
from bythebook.datasets.task_declaration import AnyTask, Between, Side, Task
from pipeline import params_data
from pipeline.params import Params


def tasks(declared: Mapping[str, params_data.TaskParams]) -> dict[str, AnyTask]:
    """The tasks that are declared."""
    return {name: _task(task) for name, task in declared.items()}


def choice(params: Params) -> TaskChoice:
    """The declared tasks, and which pairs of classes transfer studies take."""
    transfer = params.transfer
    return TaskChoice(params.dataset, tasks(params.tasks), tuple(transfer.tasks), params.chosen.pairs, transfer.seed)


def _task(declared: params_data.TaskParams) -> AnyTask:
    a, b = declared.a, declared.b
    if a is None or b is None:
        return Task(tuple(declared.classes), declared.samples)
    return Between(Side(a.dataset, a.chosen), Side(b.dataset, b.chosen), b.samples, declared.overlap)
