"""The command ``bythebook``: it looks at recipes and techniques, and never trains.

bythebook check        everything that is wrong with the parameters and recipes, and what the guidelines advise
bythebook list         every suite, recipe and technique, and what searches can be by
bythebook show NAME    a recipe in full (activations.relu), a suite, a technique, or what a search is by
"""

from __future__ import annotations

import argparse
import inspect
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pydantic import BaseModel

from bythebook import catalogue
from bythebook.documents import canonical_json
from bythebook.errors import UserError, unknown
from bythebook.search.objectives import objectives
from bythebook.search.samplers import SAMPLERS
from bythebook.search.settings import PRUNERS
from pipeline import declarations


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status: 0, or 1 for a mistake in a file or a name."""
    parser = argparse.ArgumentParser(prog="bythebook", description="Looks at recipes and techniques; never trains.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="what is wrong with the parameters and recipes, and what the guidelines advise")
    commands.add_parser("list", help="every suite, recipe and technique")
    commands.add_parser("show", help="one of them in full").add_argument("name")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING)
    try:
        print({"check": _check, "list": _list, "show": lambda: _show(given.name)}[given.command](), flush=True)
    except UserError as error:
        print(*error.problems, sep="\n", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # A reader such as `head` has seen enough; python would complain again when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def _check() -> str:
    declared = declarations.read()
    lines = [f"advice  {where}: {said}" for where, said in declarations.advice(declared)]
    return "\n".join([*lines, f"ok      {declared.summary}"])


def _list() -> str:
    lines = []
    for suite in declarations.read().suites.values():
        lines += [f"suite {suite.name}: {suite.question}"]
        lines += [f"  {suite.name}.{arm.name:<20} {arm.about}".rstrip() for arm in suite.arms]
    for kind, entries in groupby(_entries(), lambda entry: entry.kind):
        lines += [f"\n{kind}", *(f"  {entry.name:<32} {entry.summary}" for entry in entries)]
    return "\n".join(lines)


def _show(name: str) -> str:
    entries = list(_entries())
    shown = [f"{entry.kind} {name}{entry.arguments}\n\n{entry.text}" for entry in entries if entry.name == name]
    suites = declarations.read().suites
    recipes = {f"{suite.name}.{arm.name}": arm for suite in suites.values() for arm in suite.arms}
    if name in recipes:
        shown.append(f"{recipes[name].about}\n{canonical_json(recipes[name].recipe).decode()}".strip())
    if name in suites:
        arms = "\n".join(f"  {name}.{arm.name:<20} {arm.about}" for arm in suites[name].arms)
        shown.append(f"{suites[name].question}\n{arms}")
    if not shown:
        every = {entry.name for entry in entries} | recipes.keys() | suites.keys()
        raise UserError(unknown("recipe, suite, technique or part of a search", name, every))
    return "\n\n".join(shown)


@dataclass(frozen=True)
class _Entry:
    """A technique, or what searches can be by.

    Attributes:
        arguments: in brackets, with their defaults; empty where it takes none from a file.
    """

    kind: str
    name: str
    text: str
    arguments: str = ""

    @property
    def summary(self) -> str:
        return self.text.split("\n", 1)[0]


def _entries() -> Iterator[_Entry]:
    """Everything that a file can name, kind by kind, in the order of names."""
    for family in catalogue.FAMILIES:
        for name, known in sorted(catalogue.techniques(family).items()):
            yield _Entry(family, name, _documentation(known.build), _arguments(known.arguments))
    for name, objective in sorted(objectives().items()):
        yield _Entry("objective", name, objective.about)
    for name, sampler in sorted(SAMPLERS.items()):
        yield _Entry("sampler", name, _documentation(sampler))
    for name, pruner in sorted(PRUNERS.items()):
        yield _Entry("pruner", name, _documentation(pruner), _arguments(pruner))


def _documentation(documented: Any) -> str:
    return inspect.getdoc(documented) or ""


def _arguments(schema: type[BaseModel]) -> str:
    fields = ((key, field) for key, field in schema.model_fields.items() if key != "name")
    return f"({', '.join(key if field.is_required() else f'{key}={field.default}' for key, field in fields)})"


if __name__ == "__main__":
    sys.exit(main())
