"""A CSV file: a line for each example, a column for each number that is known of it, and one for its class."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bythebook.datasets.user.source import SHOWN, Gathered, Outline, Rules, encoded, existing, outlined
from bythebook.errors import DataError, Problems, UserError, unknown

MISSING = ("", "na", "n/a", "nan", "null", "none", "?")


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
        places = [place for place, name in enumerate(header) if name not in (self.label, *self.ignore)]
        values = [[_number(cells[place]) for place in places] for _, cells in lines]
        self._refuse(
            (line, header[place], cells[place])
            for (line, cells), numbers in zip(lines, values, strict=True)
            for place, number in zip(places, numbers, strict=True)
            if number is None
        )
        # Without a negative zero, so that equal lines have equal bytes.
        images = np.array(values, dtype=np.float64) + 0.0
        return Gathered(images, labels, classes, features=tuple(header[place] for place in places))

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
        place = header.index(self.label)
        labels = [(line, self.label, cells[place]) for line, cells in rows]
        self._refuse(one for one in labels if _is_missing(one[-1]))
        return [label for *_, label in labels]

    def _refuse(self, flaws: Iterable[tuple[int, str, str]]) -> None:
        """Raise a DataError that tells of values that cannot be used, by line and column, if there are any."""
        flaws = list(flaws)
        if not flaws:
            return
        missing = sum(_is_missing(text) for *_, text in flaws)
        kinds = [(missing, "missing"), (len(flaws) - missing, "not numbers")]
        said = ", ".join(f"{number} {kind}" for number, kind in kinds if number)
        advice = "mend or drop these lines, or name columns that are no features under ignore"
        raise DataError(
            f"{self.path}: {len(flaws)} values cannot be used ({said}); {advice}. The first:",
            *(
                f"{self.path}, line {line}, column '{column}': "
                + (f"is missing ('{text}')." if _is_missing(text) else f"'{text}' is not a finite number.")
                for line, column, text in flaws[:SHOWN]
            ),
        )


def _is_missing(text: str) -> bool:
    return text.lower() in MISSING


def _number(text: str) -> float | None:
    """The number that a cell holds; None for what is no finite number. Python would take 1_000 for one."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None
