"""The data card: what was trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bythebook.report.figures.pictures import strips
from bythebook.report.sources import Data

SPLITS = ("train", "validation", "test")
SHOWN = 8  # files and features that are named


@dataclass(frozen=True)
class ClassRow:
    """One class: its name, its images per split, and a strip of training images (a data URI, or nothing)."""

    name: str
    counts: tuple[int, ...]
    strip: str


@dataclass(frozen=True)
class DataSection:
    """What the data section shows.

    Attributes:
        what: of how many pixels an image is, or of how many features a line of a table.
        counted: Images, or Lines.
    """

    dataset: str
    what: str
    counted: str
    splits: tuple[str, ...]
    totals: tuple[int, ...]
    rows: tuple[ClassRow, ...]
    facts: tuple[tuple[str, str], ...]


def data_section(data: Data) -> DataSection:
    """One data set's card."""
    card = data.card
    splits = tuple(name for name in SPLITS if name in card["splits"])
    pictures = strips(data.examples, card["classes"]) if data.examples else [""] * len(card["classes"])
    rows = tuple(
        ClassRow(name, tuple(card["splits"][split]["per_class"][index] for split in splits), pictures[index])
        for index, name in enumerate(card["classes"])
    )
    return DataSection(
        card["dataset"],
        _what(card["shape"]),
        counted(card["shape"]),
        splits,
        tuple(card["splits"][split]["images"] for split in splits),
        rows,
        tuple(_facts(card)),
    )


def _what(shape: Sequence[int]) -> str:
    if len(shape) == 1:
        return f"lines of {shape[0]} features"
    colour = " in colour" if len(shape) == 3 else ""
    return f"images of {shape[0]} × {shape[1]} pixels{colour}"


def counted(shape: Sequence[int]) -> str:
    """What a data set of such examples is counted in: Images, or Lines."""
    return "Lines" if len(shape) == 1 else "Images"


def _facts(card: Any) -> list[tuple[str, str]]:
    duplicates = card["duplicates"]
    dropped = [f"{duplicates['dropped'][split]} in {split}" for split in SPLITS if duplicates["dropped"].get(split)]
    across = [f"{count} across {name.replace('-', ' and ')}" for name, count in duplicates["across"].items() if count]
    within = [f"{duplicates['within'][split]} in {split}" for split in SPLITS if duplicates["within"].get(split)]
    largest = [f"{split} {card['largest_z'][split]:.1f}" for split in SPLITS if split in card["largest_z"]]
    return [
        *_facts_of_source(card.get("source", {})),
        (f"{'Features' if len(card['shape']) == 1 else 'Pixels'} that never vary", str(card["constant_pixels"])),
        ("Largest standardized value", ", ".join(largest)),
        (f"{counted(card['shape'])} that stood twice", ", ".join([*within, *across]) or "none"),
        ("Left out for standing in another split", ", ".join(dropped) or "none"),
    ]


def _facts_of_source(source: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is told of a data set of the user's own."""
    if not source:
        return []
    if source["features"]:
        return [("Features", _shown(source["features"]))]
    changed = {"size": "resized", "mode": "brought to one colour mode"}
    converted = [f"{count} {changed[what]}" for what, count in sorted(source["converted"].items()) if count]
    unreadable = source["unreadable"]
    return [
        ("Files that cannot be read, left out", f"{len(unreadable)}: {_shown(unreadable)}" if unreadable else "none"),
        ("Images converted", ", ".join(converted) or "none"),
    ]


def _shown(names: Sequence[str]) -> str:
    others = f" and {len(names) - SHOWN} others" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + others
