"""Learning rate range tests: how the loss answers while the rate grows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from bythebook.records.run import RangeTestResult
from bythebook.report.figures.canvas import drawing, log_axis
from bythebook.report.figures.curves import Curve
from bythebook.report.formatting import listed
from bythebook.report.theme import light


def range_test(name: str, lines: Sequence[Curve]) -> str:
    """The smoothed loss by learning rate, a line for each seed, with the rate that was found on it.

    Args:
        lines: recipes whose runs have a range test with at least one point.
    """
    label = "Smoothed training loss by learning rate in the range tests of " + listed([line.name for line in lines])
    with drawing(name, label) as sheet:
        axes = sheet.axes
        axes.set_xscale("log")
        tests = [(line, test) for line in lines for test in outcomes(line)]
        for line, test in tests:
            axes.plot(test.rates, test.losses, color=light(line.colour), linestyle=line.dash, linewidth=1.2)
        for _, test in tests:
            height = np.interp(test.learning_rate, test.rates, test.losses)
            axes.plot([test.learning_rate], [height], "o", color=light("ink"), markersize=6, mec=light("card"))
        _fit(axes, [test for _, test in tests])
        axes.set_xlabel("learning rate")
        axes.set_ylabel("training loss, smoothed")
        log_axis(axes.xaxis)
    return sheet.svg


def outcomes(line: Curve) -> list[RangeTestResult]:
    """What each seed's range test found, where it has a curve."""
    tests = (entry.record.range_test for entry in line.entries)
    return [test for test in tests if test and test.rates]


def _fit(axes: Axes, tests: Sequence[RangeTestResult]) -> None:
    """Keeps a loss that explodes at the end from flattening the way down."""
    highest, lowest = max(test.losses[0] for test in tests), min(min(test.losses) for test in tests)
    reach = highest - lowest or 1.0
    if max(max(test.losses) for test in tests) > highest + reach:
        axes.set_ylim(lowest - 0.08 * reach, highest + 0.4 * reach)
