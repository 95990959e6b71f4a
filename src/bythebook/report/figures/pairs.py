"""What transfer adds on every pair of classes: the pairs in order, and as a map of the classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from bythebook.records.interval import Interval
from bythebook.report.figures.canvas import drawing, points_axis
from bythebook.report.formatting import MINUS, points, shortened, tone
from bythebook.report.theme import light

ROW = 16
LONGEST = 13  # characters of a class's name
STRONGEST = 0.5  # how much of its colour the largest gain has


@dataclass(frozen=True)
class PairGain:
    """What transfer adds on one pair.

    Attributes:
        names: of its classes.
        difference: the interval of the gain, a difference of shares.
        verdict: whether it is no chance, corrected for all pairs.
        declared: whether the pair is one that the parameters name.
    """

    names: tuple[str, ...]
    difference: Interval
    verdict: str
    declared: bool

    @property
    def title(self) -> str:
        """Its classes, in short."""
        return " · ".join(shortened(name, LONGEST) for name in self.names)


def in_order(name: str, gains: Sequence[PairGain], mean: Interval, split: str) -> str:
    """Every pair's gain with its interval, the largest first, and the mean over all.

    Args:
        mean: the interval over pairs.
        split: the name of the split that was measured.
    """
    order = sorted(gains, key=lambda gain: (-gain.difference.mean, gain.title))
    first, last = order[0], order[-1]
    label = (
        f"Gain on {split} of {len(order)} pairs, from {points(first.difference.mean)} points"
        f" ({first.title}) to {points(last.difference.mean)} ({last.title})"
    )
    with drawing(name, label, 60 + ROW * len(order)) as sheet:
        axes, limits = sheet.axes, _limits(order)
        axes.axvline(0, color=light("soft"), linewidth=1.2)
        if mean.ends:
            axes.axvspan(
                max(mean.ends[0], limits[0]),
                min(mean.ends[1], limits[1]),
                color=light("series-0"),
                alpha=0.12,
                linewidth=0,
            )
        axes.axvline(mean.mean, color=light("series-0"), linewidth=1.2, linestyle=(0, (4, 3)))
        for at, gain in enumerate(order):
            _gain(axes, at, gain, limits)
        axes.set_yticks(range(len(order)), [gain.title for gain in order], color=light("ink"), fontsize=9.5)
        for text, gain in zip(axes.get_yticklabels(), order, strict=True):
            text.set_fontweight("bold" if gain.declared else "normal")
        axes.set_ylim(len(order) - 0.4, -0.6)
        axes.grid(axis="y", visible=False)
        axes.set_xlim(*limits)
        axes.set_xlabel(f"points of {split} accuracy gained")
        points_axis(axes.xaxis)
    return sheet.svg


def as_map(name: str, gains: Sequence[PairGain], split: str) -> str:
    """A square for every pair: what it gains, in points.

    Args:
        split: the name of the split that was measured.
    """
    classes = list(dict.fromkeys(name for gain in sorted(gains, key=lambda gain: gain.names) for name in gain.names))
    place = {name: at for at, name in enumerate(_sorted(classes, gains))}
    largest = max((abs(gain.difference.mean) for gain in gains), default=0.0) or 1.0
    with drawing(name, f"Gain on {split} of every pair of {len(place)} classes", 360) as sheet:
        axes = sheet.axes
        for gain in gains:
            column, row = sorted(place[name] for name in gain.names)
            _square(axes, column, row - 1, gain, largest)
        names = list(place)
        axes.set_xticks(range(len(names) - 1), [shortened(name, LONGEST) for name in names[:-1]], rotation=45,
                        ha="right", rotation_mode="anchor", color=light("ink"), fontsize=9)  # fmt: skip
        axes.set_yticks(range(len(names) - 1), [shortened(name, LONGEST) for name in names[1:]], color=light("ink"),
                        fontsize=9)  # fmt: skip
        axes.set_xlim(-0.55, len(names) - 1.45)
        axes.set_ylim(len(names) - 1.45, -0.55)
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
    return sheet.svg


def _sorted(classes: Sequence[str], gains: Sequence[PairGain]) -> list[str]:
    """The classes with the largest mean gain first, so that what belongs together stands together."""

    def mean(name: str) -> float:
        own = [gain.difference.mean for gain in gains if name in gain.names]
        return sum(own) / len(own)

    return sorted(classes, key=lambda name: (-mean(name), name))


def _gain(axes: Axes, at: int, gain: PairGain, limits: tuple[float, float]) -> None:
    colour, ends = light(tone(gain.verdict)), gain.difference.ends
    if ends:
        # What left the picture would still take up room on the page.
        shown = max(ends[0], limits[0]), min(ends[1], limits[1])
        axes.plot(shown, [at, at], color=colour, alpha=0.35, linewidth=5, solid_capstyle="butt")
    marker = "D" if gain.declared else "o"
    axes.plot([gain.difference.mean], [at], marker, color=colour, markersize=6, mec=light("card"), mew=0.8)


def _square(axes: Axes, column: int, row: int, gain: PairGain, largest: float) -> None:
    mean, sure = gain.difference.mean, gain.verdict != "inconclusive"
    colour = light("good" if mean > 0 else "bad")
    strength = STRONGEST * abs(mean) / largest
    axes.add_patch(Rectangle((column - 0.48, row - 0.48), 0.96, 0.96, color=colour, alpha=strength, linewidth=0))
    if gain.declared:
        axes.add_patch(Rectangle((column - 0.47, row - 0.47), 0.94, 0.94, fill=False, edgecolor=light("ink"),
                                 linewidth=1.6))  # fmt: skip
    text = f"{100 * mean:+.1f}".replace("-", MINUS)
    axes.text(column, row, text, ha="center", va="center", fontsize=9, fontweight="bold" if sure else "normal",
              color=light("ink" if sure else "soft"))  # fmt: skip


def _limits(gains: Sequence[PairGain]) -> tuple[float, float]:
    """Room for every mean; an interval that dwarfs the means, as few seeds give, may leave the picture."""
    means = [gain.difference.mean for gain in gains]
    least, most = min(0.0, *means), max(0.0, *means)
    reach = max(most - least, 0.005)
    ends = [end for gain in gains for end in gain.difference.ends or ()]
    low, high = max(min([least, *ends]), least - reach / 3), min(max([most, *ends]), most + reach / 3)
    margin = 0.03 * (high - low)
    return low - margin, high + margin
