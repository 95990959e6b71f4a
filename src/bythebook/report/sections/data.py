"""The data card: what was trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bythebook.report.figures.pictures import strips
from bythebook.report.sources import Data

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class ClassRow:
    """One class: its name, its images per split, and a strip of training images (a data URI, or nothing)."""

    name: str
    counts: tuple[int, ...]
    strip: str


@dataclass(frozen=True)
class DataSection:
    """What the data section shows."""

    dataset: str
    shape: str
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
        " × ".join(str(side) for side in card["shape"]),
        splits,
        tuple(card["splits"][split]["images"] for split in splits),
        rows,
        tuple(_facts(card)),
    )


def _facts(card: Any) -> list[tuple[str, str]]:
    duplicates = card["duplicates"]
    dropped = [f"{duplicates['dropped'][split]} in {split}" for split in SPLITS if duplicates["dropped"].get(split)]
    across = [f"{count} across {name.replace('-', ' and ')}" for name, count in duplicates["across"].items() if count]
    within = [f"{duplicates['within'][split]} in {split}" for split in SPLITS if duplicates["within"].get(split)]
    largest = [f"{split} {card['largest_z'][split]:.1f}" for split in SPLITS if split in card["largest_z"]]
    return [
        ("Pixels that never vary", str(card["constant_pixels"])),
        ("Largest standardized value", ", ".join(largest)),
        ("Images that stood twice", ", ".join([*within, *across]) or "none"),
        ("Left out for standing in another split", ", ".join(dropped) or "none"),
    ]
