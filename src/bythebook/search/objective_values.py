"""The objectives of a finished run: from its record, or by a worker from its weights, and then kept.

What was measured lies outside DVC's outputs, a file for each run, named by all that decides what is in it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bythebook.documents import canonical_json
from bythebook.errors import UserError
from bythebook.lazy import keras
from bythebook.records.events import Observe, ignore_events
from bythebook.records.run import WEIGHTS, RunRecord
from bythebook.runs.executor import Executor
from bythebook.runs.memo import Memo
from bythebook.runs.numeric_code import code_of_net
from bythebook.runs.run import Run
from bythebook.runs.training_run import ARRAYS
from bythebook.sealed import look_up, write_sealed
from bythebook.search.objectives import objectives
from bythebook.search.trained_net import TrainedNet
from bythebook.training.determinism import environment

MEASURED = "measured"
NET = "bythebook.search.trained_net.TrainedNet"
Values = tuple[float, ...]


@dataclass(frozen=True)
class Measurement:
    """What is to be measured of a run that finished.

    Attributes:
        memo: the folder of finished runs.
        names: of the objectives.
    """

    run: Run
    memo: Path
    names: tuple[str, ...]


def known(wanted: Measurement, record: RunRecord) -> Values | None:
    """The objectives of a finished run without looking at its net: from its record, or from what is kept; else None.

    An objective that is no finite number is NaN.
    """
    if all(objectives()[name].epoch for name in wanted.names):
        return _measured(wanted, record)
    path = _place(wanted, record)
    kept = look_up(path, path.stem)
    if kept is None:
        return None
    return tuple(math.nan if kept[name] is None else float(kept[name]) for name in wanted.names)


def measured(wanted: Measurement, record: RunRecord) -> Values:
    """The objectives of a finished run, in a worker process: as :func:`known` has them, or measured now and kept."""
    values = known(wanted, record)
    if values is None:
        values = _measured(wanted, record)
        pairs = zip(wanted.names, values, strict=True)
        path = _place(wanted, record)
        write_sealed(path, path.stem, {name: value if math.isfinite(value) else None for name, value in pairs})
        # Only Keras' numbering of names starts anew.
        keras.backend.clear_session(free_memory=False)
    return values


def measure(wanted: Measurement, emit: Observe = ignore_events) -> Values:
    """:func:`measured` of a run that the memo holds.

    Raises:
        UserError: the memo does not hold it.
    """
    record = Memo(wanted.memo).record(wanted.run.key)
    if record is None:
        raise UserError(f"the memo has lost run {wanted.run.key[:12]} before it was measured; start again.")
    return measured(wanted, record)


def measure_all(
    wanted: Sequence[Measurement], records: Mapping[str, RunRecord], executor: Executor
) -> dict[str, Values]:
    """The objectives of several runs, by key; those that did not finish have none.

    Args:
        records: by key, of every run.
    """
    finished = {one.run.key: one for one in wanted if records[one.run.key].status == "finished"}
    found = {key: values for key, one in finished.items() if (values := known(one, records[key])) is not None}
    missing = {key: one for key, one in finished.items() if key not in found}
    now = executor.map(measure, list(missing.values()), ignore_events) if missing else []
    return found | dict(zip(missing, now, strict=True))


def _measured(wanted: Measurement, record: RunRecord) -> Values:
    weights = Memo(wanted.memo).directory(wanted.run.key) / WEIGHTS
    net = TrainedNet(record, weights, wanted.run.view, wanted.memo.parent / ARRAYS)
    values = (float(objectives()[name].measure(net)) for name in wanted.names)
    return tuple(value if math.isfinite(value) else math.nan for value in values)


def _place(wanted: Measurement, record: RunRecord) -> Path:
    identity = {
        "run": record.key,
        "weights": record.weights_sha256,
        "objectives": sorted(wanted.names),
        "code": _code(wanted),
        "environment": environment(),
    }
    name = hashlib.sha256(canonical_json(identity)).hexdigest()
    return wanted.memo.parent / MEASURED / name[:2] / f"{name}.json"


def _code(wanted: Measurement) -> str:
    functions = (objectives()[name].measure for name in wanted.names)
    named = sorted(f"{function.__module__}.{function.__qualname__}" for function in functions)
    return code_of_net(wanted.run.recipe, NET, *named)
