"""How cost grows, as PNG."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, Section, cpu, of_contender, wall

INCHES, DOTS = (5.0, 3.2), 120


def draw(results: Mapping[str, Any], folder: Path) -> list[Path]:
    """Writes ``growth_<axis>.png`` for every question about growth, and returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    sections = [section for section in results["questions"].values() if section["kind"] == "growth"]
    return [_drawn(section, folder / f"growth_{section['axis']}.png") for section in sections]


def _drawn(section: Section, path: Path) -> Path:
    from matplotlib.figure import Figure as Canvas

    points = sorted({int(answer["contender"]) for answer in section["answers"]})
    canvas = Canvas(figsize=INCHES, layout="constrained")
    axes = canvas.subplots()
    for label, value in (("CPU seconds", cpu), ("wall seconds", wall)):
        figures = [figure for point in points if (figure := of_contender(section, str(point), value))]
        middles = [figure.median for figure in figures]
        axes.errorbar(points, middles, yerr=_spread(figures), marker="o", capsize=3, label=label)
        # Work grows with data and runs; workers share it, so that its wall time falls and its CPU time stays.
        linear = [middles[0] * _expected(section["axis"], label, point) for point in points]
        axes.plot(points, linear, linestyle=":", color="grey")
    axes.plot([], [], linestyle=":", color="grey", label="linear")
    axes.set_xticks(points)
    axes.set_ylim(bottom=0)
    axes.set_xlabel(section["axis"] if section["axis"] == "workers" else f"times the {section['axis']}")
    axes.set_ylabel("seconds of an epoch" if section["unit"] == "epoch" else "seconds of the stage")
    axes.legend()
    # Without the library's version, so that equal results give equal bytes.
    canvas.savefig(path, dpi=DOTS, metadata={"Software": None})
    return path


def _spread(figures: list[Figure]) -> list[list[float]]:
    return [[figure.median - figure.low for figure in figures], [figure.high - figure.median for figure in figures]]


def _expected(axis: str, label: str, point: int) -> float:
    if axis == "workers":
        return 1 / point if label == "wall seconds" else 1.0
    return float(point)
