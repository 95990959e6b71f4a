"""The colours of the report, once: the style sheet and the figures take them from here.

Figures are drawn in the light colours; their SVG then names the variable instead, so that one figure serves light and
dark pages alike.
"""

from __future__ import annotations

# name: (on a light page, on a dark page). No two light colours are equal: they tell which variable is meant.
COLOURS: dict[str, tuple[str, str]] = {
    "page": ("#faf8f4", "#14171b"),
    "card": ("#ffffff", "#1b2026"),
    "ink": ("#1c2430", "#e8ebef"),
    "soft": ("#5a6472", "#a6b0bd"),
    "line": ("#e2ddd3", "#323a44"),
    "faint": ("#f2eee6", "#232930"),
    "good": ("#13795b", "#5fd3ac"),
    "bad": ("#b3421b", "#ff9d73"),
    "series-0": ("#2459a8", "#74a8ff"),
    "series-1": ("#c8540a", "#ff9a4d"),
    "series-2": ("#0f866c", "#43cfae"),
    "series-3": ("#a8407f", "#f08fc8"),
    "series-4": ("#96780a", "#e3c64a"),
    "series-5": ("#3b9ac9", "#a5e0ff"),
    "series-6": ("#75492a", "#c9a184"),
    "series-7": ("#6a6f78", "#b9c0ca"),
}
SERIES = tuple(name for name in COLOURS if name.startswith("series-"))
DASHES = ("solid", "dashed", "dotted")


def light(name: str) -> str:
    """The hexadecimal colour that figures draw ``name`` in."""
    return COLOURS[name][0]


def series(index: int) -> str:
    """The colour name of the ``index``-th recipe of a suite; it repeats after eight, with other dashes."""
    return SERIES[index % len(SERIES)]


def dash(index: int) -> str:
    """The line style of the ``index``-th recipe of a suite."""
    return DASHES[index // len(SERIES) % len(DASHES)]


def variables(dark: bool) -> str:
    """The style sheet's variables, one declaration per colour."""
    return " ".join(f"--{name}: {pair[dark]};" for name, pair in COLOURS.items())
