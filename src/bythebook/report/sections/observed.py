"""Pictures of what only some suites' runs note: their layers, their range tests, the noise of their steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bythebook.report.figures.curves import Curve
from bythebook.report.figures.layers import EPOCHS, STATISTICS, layers, profile, shown
from bythebook.report.figures.range_test import outcomes, range_test
from bythebook.report.figures.step_noise import noises, step_noise
from bythebook.report.formatting import listed, magnitude


@dataclass(frozen=True)
class Panels:
    """A picture of one or more panels, with the legend they share."""

    title: str
    panels: tuple[str, ...]
    legend: tuple[Curve, ...]
    caption: str


def observed(anchor: str, lines: Sequence[Curve]) -> tuple[Panels, ...]:
    """A picture for everything that a suite's runs have noted; none for what they have not.

    Args:
        anchor: the suite's, which keeps the names of figures apart.
        lines: all recipes of the suite.
    """
    found = (_layers(anchor, lines), _range_test(anchor, lines), _step_noise(anchor, lines))
    return tuple(panels for panels in found if panels)


def _layers(anchor: str, lines: Sequence[Curve]) -> Panels | None:
    own = tuple(line for line in lines if shown(line.entries))
    if not own:
        return None
    dead = any((profile(line, "dead_share", epoch) > 0).any() for line in own for epoch in EPOCHS)
    caption = (
        "Every hidden layer, looked at with the same validation images and without dropout; the gradient is that of the"
        " loss by the layer's weights. Mean over the seeds that finished, or over all where none did; a line has a gap"
        " where that is no number, or 0 on a logarithmic axis."
    )
    if dead:
        caption += " A dead unit answers all images alike."
    panels = (
        layers(f"{anchor}-{statistic.replace('_', '-')}-{epoch}", own, statistic, epoch)
        for statistic in STATISTICS
        if dead or statistic != "dead_share"
        for epoch in EPOCHS
    )
    return Panels("What the layers look like", tuple(panels), own, caption)


def _range_test(anchor: str, lines: Sequence[Curve]) -> Panels | None:
    own = tuple(line for line in lines if outcomes(line))
    if not own:
        return None
    if len(own) == 1:
        # Dashes tell recipes apart; here they would only make thin lines that lie close together hard to follow.
        own = (replace(own[0], dash="solid"),)
    rates = {line.name: [magnitude(test.learning_rate) for test in outcomes(line)] for line in own}
    found = "; ".join(f"{listed(values)} for {name}" for name, values in rates.items())
    caption = (
        "A line for each seed: the running mean of the loss in one epoch of growing learning rates. The dot is the rate"
        f" that was taken, a tenth of the one where the loss is lowest: {found}."
    )
    return Panels("The range test", (range_test(f"{anchor}-range-test", own),), own, caption)


def _step_noise(anchor: str, lines: Sequence[Curve]) -> Panels | None:
    own = tuple(line for line in lines if noises(line))
    if not own:
        return None
    caption = (
        "The deviation of the loss from step to step at the end of training, without the trend of learning. A dot for"
        " each seed, a mark for the mean. The dashed line falls as one over the square root of the batch size."
    )
    return Panels("The noise of a step", (step_noise(f"{anchor}-step-noise", own),), own, caption)
