"""A CSV file: a line for each example, a column for each number that is known of it, and one for its class."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bythebook.datasets.own.source import SHOWN, Gathered, Outline, Rules, encoded, existing, outlined
from bythebook.errors import DataError, Problems, UserError, unknown

MISSING = ("", "na", "n/a", "nan", "null", "none", "?")


@dataclass
class Flaws:
    """Values that cannot be used: how many there are, and the first of them."""

    missing: int = 0
    no_number: int = 0
    examples: list[str] = field(default_factory=list)

    def note(self, line: int, column: str, text: str) -> None:
        """Counts one value."""
        absent = text.strip().lower() in MISSING
        self.missing += absent
        self.no_number += not absent
        if len(self.examples) < SHOWN:
            what = f"is missing ('{text}')" if absent else f"'{text}' is not a finite number"
            self.examples.append(f"line {line}, column '{column}': {what}.")

    def raise_if_any(self, path: Path) -> None:
        """Tells of them, if there are any."""
        count = self.missing + self.no_number
        if count:
            kinds = [(self.missing, "missing"), (self.no_number, "not numbers")]
            said = ", ".join(f"{number} {kind}" for number, kind in kinds if number)
            advice = "mend or drop these lines, or name columns that are no features under ignore"
            examples = [f"{path}, {example}" for example in self.examples]
            raise DataError(f"{path}: {count} values cannot be used ({said}); {advice}. The first:", *examples)


@dataclass(frozen=True)
class Table:
    """A CSV file with a line of column names; every column but the label and the ignored ones is a feature.

    Attributes:
        path: the file, in UTF-8, with commas.
        label: the name of the column that holds the classes.
        ignore: columns that are no features.
    """

    path: Path
    label: str
    ignore: tuple[str, ...] = ()
    kind: str = "csv"

    @property
    def paths(self) -> tuple[Path, ...]:
        """The file."""
        return (self.path,)

    def outline(self) -> Outline:
        """The classes.

        Raises:
            UserError: there is no such file, or no such column.
            DataError: it is no table, or a label is missing.
        """
        header, lines = self._lines()
        return outlined(*encoded(self._labels(header, lines)))

    def gather(self, rules: Rules) -> Gathered:
        """All of it; the rules are about images.

        Raises:
            UserError: there is no such file, or no such column.
            DataError: it is no table, or a value is missing or no number, with line and column.
        """
        header, lines = self._lines()
        classes, labels = encoded(self._labels(header, lines))
        features = [name for name in header if name != self.label and name not in self.ignore]
        positions = [(header.index(name), name) for name in features]
        flaws = Flaws()
        values = np.empty((len(lines), len(features)))
        for row, (line, cells) in enumerate(lines):
            for column, (position, name) in enumerate(positions):
                number = _number(cells[position])
                if number is None:
                    flaws.note(line, name, cells[position])
                else:
                    values[row, column] = number
        flaws.raise_if_any(self.path)
        # Without a negative zero, so that equal lines have equal bytes.
        return Gathered(values + 0.0, labels, classes, features=tuple(features))

    def _lines(self) -> tuple[list[str], list[tuple[int, list[str]]]]:
        """The column names, and every line with its number."""
        existing(self.path, folder=False)
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as file:
                reader = csv.reader(file, strict=True)
                rows = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if cells]
        except UnicodeDecodeError as error:
            raise DataError(f"{self.path}: not UTF-8 text ({error.reason} at byte {error.start}).") from None
        except csv.Error as error:
            raise DataError(f"{self.path}: not a CSV file ({error}).") from None
        if len(rows) < 2:
            raise DataError(f"{self.path}: has no line below the line of column names.")
        header = rows[0][1]
        self._check_header(header)
        self._check_widths(header, rows[1:])
        return header, rows[1:]

    def _check_header(self, header: Sequence[str]) -> None:
        problems = Problems()
        twice = sorted({name for name in header if header.count(name) > 1})
        if twice:
            problems.add(str(self.path), f"column names stand more than once: {', '.join(twice)}.")
        if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
            problems.add(str(self.path), f"has one column, '{header[0]}'; values must be separated by commas.")
        else:
            for key, name in [("label", self.label), *(("ignore", name) for name in self.ignore)]:
                if name not in header:
                    problems.add(f"{self.path}: {key}", unknown("column", name, header))
        if not problems.found and not set(header) - {self.label, *self.ignore}:
            problems.add(str(self.path), "has no column that is a feature.")
        problems.raise_if_any(UserError)

    def _check_widths(self, header: Sequence[str], rows: Sequence[tuple[int, list[str]]]) -> None:
        wrong = [f"line {line} has {len(cells)}" for line, cells in rows if len(cells) != len(header)]
        if wrong:
            others = f" and {len(wrong) - SHOWN} others" if len(wrong) > SHOWN else ""
            raise DataError(f"{self.path}: {len(header)} columns, but {', '.join(wrong[:SHOWN])}{others}.")

    def _labels(self, header: Sequence[str], rows: Sequence[tuple[int, list[str]]]) -> list[str]:
        position, flaws = header.index(self.label), Flaws()
        for line, cells in rows:
            if cells[position].lower() in MISSING:
                flaws.note(line, self.label, cells[position])
        flaws.raise_if_any(self.path)
        return [cells[position] for _, cells in rows]


def _number(text: str) -> float | None:
    """The number that a cell holds; None for what is no finite number. Python would take 1_000 for one."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None
