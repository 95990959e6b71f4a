"""docs/COVERAGE.md says where every row of the catalogue lives, and it is there."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from source_code import ROOT

from bythebook import catalogue
from bythebook import probes as probes  # fills the register
from bythebook import techniques as techniques  # fills the catalogue
from bythebook.claims.declaration import read_claims
from bythebook.probes import registry
from bythebook.report.figures import chapter
from bythebook.suite import read_declaration

PAGE = ROOT / "docs" / "COVERAGE.md"
PIPELINE = ROOT / "pipeline"
ROW = re.compile(r"\| `([^`]+)` \| (.+) \|")


def rows() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every row's name, and its homes as kind and place."""
    found = [match.groups() for line in PAGE.read_text().splitlines() if (match := ROW.fullmatch(line))]
    return [(name, [_home(home) for home in where.split("; ")]) for name, where in found]


def _home(text: str) -> tuple[str, str]:
    kind, _, place = text.partition(" ")
    return kind, place


@cache
def _recipes(suite: str) -> set[str]:
    path = PIPELINE / "recipes" / f"{suite}.yaml"
    return {arm.name for arm in read_declaration(path).arms} if path.is_file() else set()


@cache
def _claims() -> set[str]:
    return {claim.name for claim in read_claims(PIPELINE / "claims.yaml")}


def _recipe(place: str) -> bool:
    suite, _, name = place.partition("/")
    return name in _recipes(suite)


def _technique(place: str) -> bool:
    family, _, name = place.partition("/")
    return name in catalogue.techniques(family)


def _test(place: str) -> bool:
    path, _, name = place.partition("::")
    tree = ast.parse((ROOT / path).read_text()) if (ROOT / path).is_file() else ast.Module([], [])
    return name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def _file(folder: Path) -> Callable[[str], bool]:
    return lambda place: (folder / f"{place}.yaml").is_file()


KINDS: dict[str, Callable[[str], bool]] = {
    "recipe": _recipe,
    "technique": _technique,
    "test": _test,
    "transfer": _file(PIPELINE / "transfers"),
    "search": _file(PIPELINE / "searches"),
    "probe": lambda place: place in registry.probes(),
    "figure": lambda place: callable(getattr(chapter, place, None)),
    "claim": lambda place: place in _claims(),
    "none": bool,
}


def test_every_row_stands_once() -> None:
    names = Counter(name for name, _ in rows())
    assert len(names) > 150
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_row_names_is_there(kind: str) -> None:
    named = {place for _, homes in rows() for own, place in homes if own == kind}
    assert named
    assert [place for place in sorted(named) if not KINDS[kind](place)] == []


def test_every_home_is_of_a_known_kind() -> None:
    assert {kind for _, homes in rows() for kind, _ in homes} <= KINDS.keys()
