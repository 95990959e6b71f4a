"""One row per recipe: every seed a dot, the mean a mark, its interval a bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from bythebook.records.interval import Interval
from bythebook.report.arms import Arm, Gap, number
from bythebook.report.figures.canvas import drawing, percent_axis, points_axis
from bythebook.report.formatting import percent, points, shortened
from bythebook.report.theme import light, series

HEIGHT = 28


@dataclass(frozen=True)
class Row:
    """One row of a picture.

    Attributes:
        position: the recipe's place in its suite, which fixes its colour.
        dots: one value per seed.
        interval: of their mean, or None for a row that has only its ``note``.
        note: shown in place of the values, or below them.
    """

    name: str
    position: int
    dots: Sequence[float]
    interval: Interval | None
    note: str = ""


def comparison(name: str, order: Sequence[Arm]) -> str:
    """The recipes of a suite by validation accuracy.

    Args:
        order: best first.
    """
    floor, rows = _floor(order), []
    for arm in order:
        failed = f"{len(arm.stopped)} of {len(arm.entries)} diverged" if arm.stopped else ""
        if not arm.validation:
            rows.append(Row(arm.name, arm.position, (), None, failed))
        elif arm.validation.mean < floor:
            rows.append(Row(arm.name, arm.position, (), None, f"◂ far below: {percent(arm.validation.mean, 1)}"))
        else:
            rows.append(Row(arm.name, arm.position, list(arm.by_seed().values()), arm.validation, failed))
    label = f"Validation accuracy of {len(order)} recipes, best first"
    if order[0].validation:
        label += f"; {order[0].name} leads with {percent(order[0].validation.mean)}"
    with drawing(name, label, _height(rows)) as sheet:
        _draw(sheet.axes, rows)
        low, high = sheet.axes.get_xlim()
        sheet.axes.set_xlim(max(low, 0.0), min(high, 1.0 + (high - low) / 50))
        sheet.axes.set_xlabel("validation accuracy")
        percent_axis(sheet.axes.xaxis)
    return sheet.svg


def behind_best(name: str, order: Sequence[Arm], gaps: Sequence[Gap]) -> str:
    """How far each recipe is behind the best one, seed by seed.

    Args:
        order: best first.
        gaps: of all recipes but the first, in the same order.
    """
    floor = _floor(order)
    rows = [Row(order[0].name, order[0].position, (), None, "the best, compared with itself")]
    for gap in gaps:
        if gap.interval is None:
            rows.append(Row(gap.arm.name, gap.arm.position, (), None, "too few seeds to compare"))
        elif (number(gap.arm.validation) or 0.0) < floor:
            rows.append(Row(gap.arm.name, gap.arm.position, (), None, f"◂ far behind: {points(-gap.interval.mean)}"))
        else:
            rows.append(Row(gap.arm.name, gap.arm.position, [-value for value in gap.values], gap.interval.opposite))
    with drawing(name, f"How far {len(gaps)} recipes are behind {order[0].name}, seed by seed", _height(rows)) as sheet:
        sheet.axes.axvline(0, color=light("soft"), linewidth=1.2)
        _draw(sheet.axes, rows)
        sheet.axes.set_xlabel(f"points from {shortened(order[0].name)}")
        points_axis(sheet.axes.xaxis)
    return sheet.svg


def gains(name: str, rows: Sequence[Row], split: str) -> str:
    """What each recipe gains over one that all are compared with.

    Args:
        rows: their dots are differences of shares, one for each seed.
        split: the name of the split that was measured.
    """
    with drawing(name, f"Points of {split} accuracy that {len(rows)} strategies gain", _height(rows)) as sheet:
        sheet.axes.axvline(0, color=light("soft"), linewidth=1.2)
        _draw(sheet.axes, rows)
        sheet.axes.set_xlabel(f"points of {split} accuracy gained")
        points_axis(sheet.axes.xaxis)
    return sheet.svg


def _height(rows: Sequence[Row]) -> float:
    return 56 + HEIGHT * len(rows)


def _draw(axes: Axes, rows: Sequence[Row]) -> None:
    limits = _limits(rows)
    for at, row in enumerate(rows):
        if row.interval:
            _values(axes, at, row, row.interval, limits)
        else:
            axes.text(0.02, at, row.note, transform=axes.get_yaxis_transform(), va="center", color=light("soft"),
                      fontsize=10.5, style="italic")  # fmt: skip
    axes.set_yticks(range(len(rows)), [shortened(row.name) for row in rows], color=light("ink"), fontsize=11.5)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    axes.set_xlim(*limits)


def _values(axes: Axes, at: int, row: Row, interval: Interval, limits: tuple[float, float]) -> None:
    colour = light(series(row.position))
    if interval.ends:
        # What left the picture would still take up room on the page.
        ends = max(interval.ends[0], limits[0]), min(interval.ends[1], limits[1])
        axes.plot(ends, [at, at], color=colour, alpha=0.3, linewidth=9,
                  solid_capstyle="butt")  # fmt: skip
    axes.plot([interval.mean] * 2, [at - 0.27, at + 0.27], color=colour, linewidth=2.6)
    axes.plot(row.dots, [at] * len(row.dots), "o", color=colour, markersize=6, mec=light("card"), mew=0.8)
    if row.note:
        axes.text(0.995, at + 0.36, row.note, transform=axes.get_yaxis_transform(), ha="right", va="center",
                  color=light("bad"), fontsize=10)  # fmt: skip


def _floor(order: Sequence[Arm]) -> float:
    """Below this a recipe gets a note instead of a place, so that one failure does not squeeze the others together."""
    means = [arm.validation.mean for arm in order if arm.validation]
    if len(means) < 3:
        return 0.0
    return float(means[0] - max(4 * (means[0] - means[len(means) // 2]), 0.04))


def _limits(rows: Sequence[Row]) -> tuple[float, float]:
    """Room for every seed; an interval that dwarfs the seeds, as few of them give, may leave the picture."""
    shown = [row for row in rows if row.interval]
    seeds = [value for row in shown for value in row.dots]
    if not seeds:
        return 0.0, 1.0
    least, most = min(seeds), max(seeds)
    reach = max(most - least, 0.005)
    ends = [end for row in shown if row.interval for end in row.interval.ends or ()]
    low, high = max(min([least, *ends]), least - reach / 2), min(max([most, *ends]), most + reach / 2)
    margin = 0.04 * (high - low) or 0.001
    return low - margin, high + margin
