"""What a user is told when something given to the program cannot be used.

Every message says what was given, where, and what is allowed. Problems are collected and raised together, so that a
user mends a file once, not once per mistake.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

MOST = 40  # names that an error lists


class BythebookError(Exception):
    """The base of every error this package raises on purpose."""


class UserError(BythebookError):
    """Something the user gave cannot be used.

    Args:
        problems: one sentence each; all of them are shown.
    """

    def __init__(self, *problems: str) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class DataError(UserError):
    """Data on disk or from a source are not what they claim to be."""


class Problems:
    """Collects problems and raises them all at once."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, where: str, what: str) -> None:
        """Notes one problem: ``where`` is a file and path such as ``params.yaml: splits.validation``."""
        self.found.append(f"{where}: {what}")

    def extend(self, error: UserError) -> None:
        """Takes over the problems of an error raised by a part."""
        self.found.extend(error.problems)

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Takes over the problems of an error that ends the block, and goes on after it."""
        try:
            yield
        except UserError as error:
            self.extend(error)

    def raise_if_any(self, kind: type[UserError] = UserError) -> None:
        """Raises one ``kind`` error with every problem found so far, or does nothing."""
        if self.found:
            raise kind(*self.found)


def unknown(kind: str, given: object, allowed: Iterable[str]) -> str:
    """The sentence for a name that does not exist, with the nearest one that does."""
    names = sorted(allowed)
    close = difflib.get_close_matches(str(given), names, n=1, cutoff=0.5)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    return f"unknown {kind} '{given}'.{hint} Allowed: {_listed(str(given), names)}."


def _listed(given: str, names: list[str]) -> str:
    """The names; of very many, the nearest ones."""
    if len(names) <= MOST:
        return ", ".join(names) or "none"
    near = difflib.get_close_matches(given, names, n=MOST // 4, cutoff=0)
    return f"{', '.join(near)} and {len(names) - len(near)} others"
