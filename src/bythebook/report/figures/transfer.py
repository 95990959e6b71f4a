"""From scratch against transferred: one line per seed."""

from __future__ import annotations

from collections.abc import Mapping

from bythebook.report.figures.canvas import drawing, percent_axis
from bythebook.report.theme import light

SCRATCH, TRANSFERRED = "series-1", "series-0"


def paired(name: str, scratch: Mapping[int, float], transferred: Mapping[int, float], split: str) -> str:
    """The accuracy of each seed without and with transfer.

    Args:
        scratch: seed to accuracy.
        transferred: the same seeds.
        split: the name of the split that was measured.
    """
    seeds = sorted(scratch.keys() & transferred.keys())
    risen = sum(transferred[seed] > scratch[seed] for seed in seeds)
    label = f"Accuracy on {split} from scratch and transferred: better with transfer for {risen} of {len(seeds)} seeds"
    with drawing(name, label, height=270) as sheet:
        axes = sheet.axes
        for seed in seeds:
            pair = (scratch[seed], transferred[seed])
            colour = light("good" if pair[1] > pair[0] else "bad" if pair[1] < pair[0] else "soft")
            axes.plot((0, 1), pair, color=colour, linewidth=1.5, alpha=0.75)
        for at, values, colour in ((0, scratch, SCRATCH), (1, transferred, TRANSFERRED)):
            own = [values[seed] for seed in seeds]
            axes.plot([at] * len(own), own, "o", color=light(colour), markersize=7, mec=light("card"))
            axes.plot([at - 0.13, at + 0.13], [sum(own) / len(own)] * 2, color=light(colour), linewidth=3.5, alpha=0.8)
        axes.set_xticks((0, 1), ("from scratch", "transferred"), color=light("ink"), fontsize=11.5)
        axes.set_xlim(-0.45, 1.45)
        axes.grid(axis="x", visible=False)
        axes.set_ylabel(f"{split} accuracy")
        axes.margins(y=0.12)
        percent_axis(axes.yaxis)
    return sheet.svg
