"""The chapter's claims as one YAML file declares them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from bythebook.claims.comparison import Comparison
from bythebook.claims.kinds import KINDS
from bythebook.documents import read_yaml
from bythebook.errors import Problems, UserError, unknown
from bythebook.validation import STRICT, validated


class ClaimFile(BaseModel):
    """What a claim may hold: comparisons that decide it, or what it waits for."""

    model_config = STRICT
    claim: str
    source: str
    comparisons: list[Any] | None = None
    waits_for: str | None = None


@dataclass(frozen=True)
class Claim:
    """One claim.

    Attributes:
        name: its identifier, such as ``C-05``.
        statement: what is claimed.
        source: who claims it: a chapter section, a notebook, a source note.
        comparisons: what decides it; all must hold. Empty for a claim that waits.
        waits_for: why it cannot be judged yet.
    """

    name: str
    statement: str
    source: str
    comparisons: tuple[Comparison, ...]
    waits_for: str | None = None

    @property
    def suites(self) -> set[str]:
        """The suites and probes that it needs."""
        return {arm.partition("/")[0] for comparison in self.comparisons for arm in comparison.arms}


def read_claims(path: Path) -> tuple[Claim, ...]:
    """Reads a file of claims.

    Raises:
        UserError: with every problem of the file.
    """
    problems = Problems()
    claims = sound_claims(path, problems)
    problems.raise_if_any()
    return claims


def sound_claims(path: Path, problems: Problems) -> tuple[Claim, ...]:
    """Return the claims of a file that are as they should be; what is wrong with the others is noted."""
    claims: list[Claim] = []
    with problems.collecting():
        content = read_yaml(path)
        if not isinstance(content, Mapping) or not content:
            raise UserError(f"{path.name}: a mapping of claims is expected.")
        for name, given in content.items():
            with problems.collecting():
                claims.append(_claim(name, given, f"{path.name}: {name}"))
    return tuple(claims)


def _claim(name: str, given: Any, where: str) -> Claim:
    if not isinstance(given, Mapping):
        raise UserError(f"{where}: a claim is a mapping with 'claim', 'source' and 'comparisons'; given {given!r}.")
    problems, found = Problems(), []
    # What the claim does have is looked at all the same, so that the user is told everything at once.
    with problems.collecting():
        validated(ClaimFile, dict(given), where)
    comparisons, waits_for = given.get("comparisons"), given.get("waits_for")
    if bool(comparisons) == bool(waits_for):
        problems.add(where, "a claim has either 'comparisons' that decide it, or says what it 'waits_for'.")
    for index, comparison in enumerate(comparisons if isinstance(comparisons, list) else ()):
        with problems.collecting():
            found.append(_comparison(comparison, f"{where}.comparisons.{index}"))
    problems.raise_if_any()
    return Claim(name, given["claim"], given["source"], tuple(found), waits_for)


def _comparison(given: Any, where: str) -> Comparison:
    kind = given.get("kind") if isinstance(given, Mapping) else None
    if not isinstance(kind, str):
        raise UserError(f"{where}: a comparison is a mapping with 'kind'; given {given!r}.")
    if kind not in KINDS:
        raise UserError(f"{where}.kind: {unknown('kind of comparison', kind, KINDS)}")
    return validated(KINDS[kind], dict(given), where)
