"""How well each class is recognised."""

from __future__ import annotations

from collections.abc import Sequence

from bythebook.records.interval import Interval
from bythebook.report.figures.canvas import drawing, percent_axis
from bythebook.report.formatting import percent, shortened
from bythebook.report.theme import light


def per_class(name: str, classes: Sequence[str], shares: Sequence[Interval]) -> str:
    """Test accuracy of each class with its interval, best first.

    Args:
        shares: one interval per class.
    """
    order = sorted(range(len(classes)), key=lambda index: (-shares[index].mean, index))
    worst = order[-1]
    label = f"Test accuracy of each class; the hardest is {classes[worst]} with {percent(shares[worst].mean, 1)}"
    with drawing(name, label, height=56 + 26 * len(order)) as sheet:
        axes = sheet.axes
        for row, index in enumerate(order):
            share = shares[index]
            axes.plot(share.ends or [share.mean] * 2, [row, row], color=light("series-0"), alpha=0.3, linewidth=9,
                      solid_capstyle="butt")  # fmt: skip
            axes.plot([share.mean], [row], "o", color=light("series-0"), markersize=7, mec=light("card"))
        axes.set_yticks(
            range(len(order)), [shortened(classes[index]) for index in order], color=light("ink"), fontsize=12
        )
        axes.set_ylim(len(order) - 0.4, -0.6)
        axes.grid(axis="y", visible=False)
        axes.set_xlabel("test accuracy")
        percent_axis(axes.xaxis)
    return sheet.svg
