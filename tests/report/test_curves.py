"""Learning curves that can be read whatever happened to some of the runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from made_records import made_rows, run_record

from bythebook.records.suite import Entry
from bythebook.report.figures.curves import Curve, curves


def line(name: str, status: str, *losses: float) -> Curve:
    record = run_record(rows=made_rows(losses), status=status)
    return Curve(name, "series-0", "solid", [Entry(name, "", 0, "key", {}, Path(), record)])


def highest_mark(svg: str) -> float:
    """The largest number on the loss axis, which may have a common factor."""
    factor = max((float(text) for text in re.findall(r">(1e\d+)<", svg)), default=1.0)
    return factor * max(float(text) for text in re.findall(r">(\d+\.\d+)<", svg))


@pytest.mark.parametrize("status", ["finished", "diverged"])
def test_a_loss_that_explodes_does_not_flatten_the_others(status: str) -> None:
    learns = [line("slow", "finished", 1.0, 0.5), line("fast", "finished", 0.9, 0.4)]
    assert highest_mark(curves("c", learns, "loss")) <= 1.0
    assert highest_mark(curves("c", [*learns, line("explodes", status, 2.0, 1e9)], "loss")) <= 1.5
