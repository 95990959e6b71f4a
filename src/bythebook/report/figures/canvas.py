"""Draws with matplotlib and hands over SVG that fits into the page: its colours, its fonts, no foreign marks."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from bythebook.report.formatting import MINUS, magnitude
from bythebook.report.theme import COLOURS, light

SVG = "http://www.w3.org/2000/svg"
LINK = "{http://www.w3.org/1999/xlink}href"
WIDTH = 410
VARIABLES = {pair[0]: f"var(--{name})" for name, pair in COLOURS.items()}
STYLE: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": light("line"),
    "axes.grid": True,
    "axes.labelcolor": light("soft"),
    "axes.labelsize": 11,
    "axes.linewidth": 1.0,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.family": ["DejaVu Sans"],
    "font.size": 11.5,
    "grid.color": light("line"),
    "grid.linewidth": 1.0,
    "lines.linewidth": 2.0,
    "lines.solid_capstyle": "round",
    "svg.fonttype": "none",
    "text.color": light("ink"),
    "text.parse_math": False,
    "xtick.color": light("line"),
    "xtick.labelcolor": light("soft"),
    "xtick.labelsize": 10.5,
    "ytick.color": light("line"),
    "ytick.labelcolor": light("soft"),
    "ytick.labelsize": 10.5,
    "ytick.major.size": 0,
}


@dataclass
class Drawing:
    """A figure in the making.

    Attributes:
        axes: where to draw; lengths are in the units of the SVG, :data:`WIDTH` of them to a full width.
        svg: the finished figure, set when the ``with`` block of :func:`drawing` ends.
    """

    axes: Axes
    svg: str = field(default="")


@contextmanager
def drawing(name: str, label: str, height: float = 270) -> Iterator[Drawing]:
    """Yields an empty pair of axes, and turns it into SVG when the block ends.

    Args:
        name: unique on the page; it keeps the figures' internal references apart.
        label: what a reader who cannot see the figure is told.
    """
    # Whatever a user has set for matplotlib stays out of the report.
    with style.context(["default", {**STYLE, "svg.hashsalt": name}]):
        figure = Figure(figsize=(WIDTH / 72, height / 72), layout="constrained")
        FigureCanvasAgg(figure)
        result = Drawing(figure.add_subplot())
        yield result
        buffer = io.StringIO()
        with warnings.catch_warnings():
            # Only the space a label needs is measured with this font; the browser draws it with one that has the sign.
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")
            figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    result.svg = _adapted(buffer.getvalue(), name, label)


def percent_axis(axis: Any, bins: int = 5) -> None:
    """Marks an axis of shares as percentages."""
    axis.set_major_locator(MaxNLocator(bins, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.4g}%"))


def points_axis(axis: Any, bins: int = 5) -> None:
    """Marks an axis of differences of shares as percentage points."""
    axis.set_major_locator(MaxNLocator(bins, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(
        FuncFormatter(lambda share, _: f"{100 * share:+.4g}".replace("-", MINUS) if share else "0")
    )


def count_axis(axis: Any, bins: int = 8) -> None:
    """Marks an axis at whole numbers."""
    axis.set_major_locator(MaxNLocator(bins, integer=True))


def log_axis(axis: Any, bins: int = 7) -> None:
    """Marks a logarithmic axis; to be called when everything is drawn, as the marks depend on how far it reaches."""
    low, high = axis.get_view_interval()
    marks = (1, 2, 3, 5, 7) if high < 10 * low else (1, 2, 5) if high < 100 * low else (1,)
    axis.set_major_locator(LogLocator(subs=marks, numticks=bins))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: magnitude(value)))


def _adapted(text: str, name: str, label: str) -> str:
    root = ElementTree.fromstring(text)
    for foreign in [*root.findall(f"{{{SVG}}}metadata"), *root.findall(f"{{{SVG}}}defs[{{{SVG}}}style]")]:
        root.remove(foreign)
    for size in ("width", "height", "version"):
        del root.attrib[size]
    root.attrib.update({"role": "img", "aria-label": label})
    elements = list(root.iter())
    used = {reference for element in elements for reference in _references(element)}
    for element in elements:
        element.tag = element.tag.removeprefix(f"{{{SVG}}}")
        element.tail = None
        _rename(element, name, used)
    root.set("xmlns", SVG)
    return ElementTree.tostring(root, encoding="unicode")


def _references(element: ElementTree.Element) -> list[str]:
    found = re.findall(r"url\(#([^)]+)\)", " ".join(element.attrib.values()))
    return [*found, element.attrib[LINK][1:]] if LINK in element.attrib else found


def _rename(element: ElementTree.Element, name: str, used: set[str]) -> None:
    attributes = element.attrib
    identifier = attributes.pop("id", None)
    if identifier in used:
        attributes["id"] = f"{name}-{identifier}"
    if LINK in attributes:
        attributes["href"] = f"#{name}-{attributes.pop(LINK)[1:]}"
    if "clip-path" in attributes:
        attributes["clip-path"] = attributes["clip-path"].replace("url(#", f"url(#{name}-")
    if "style" in attributes:
        declared = re.sub(r"font-family: [^;]*;? ?", "", attributes["style"])
        attributes["style"] = re.sub(r"#[0-9a-f]{6}", lambda found: VARIABLES.get(found[0], found[0]), declared)
    if element.tag != "text" and element.text and not element.text.strip():
        element.text = None
