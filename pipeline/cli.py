"""The command ``bythebook``: it looks at what is declared and at what can be, and never trains.

bythebook check        everything that is wrong with the parameters and recipes, and what the guidelines advise
bythebook list         everything that has a name: recipes, studies, searches, claims, techniques, objectives
bythebook show NAME    one of them in full: a recipe (activations.relu), a claim (C-07), a technique (relu)

It looks at the project in the current folder.
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
from bythebook.documents import yaml_text
from bythebook.errors import UserError, unknown
from bythebook.probes.registry import probes
from bythebook.search.objectives import objectives
from bythebook.search.samplers import SAMPLERS
from bythebook.search.settings import PRUNERS
from bythebook.suite import SuiteDeclaration
from pipeline import declarations
from pipeline.declarations import Declarations

SUITE, RECIPE = "suite", "recipe"
log = logging.getLogger("bythebook")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status: 0, or 1 for a mistake in a file or a name."""
    parser = argparse.ArgumentParser(prog="bythebook", description="Looks things up; never trains.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="what is wrong with the parameters and recipes, and what the guidelines advise")
    commands.add_parser("list", help="everything that has a name")
    commands.add_parser("show", help="one of them in full").add_argument("name")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
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
    declared, wrong = declarations.look()
    lines = []
    for suite in declared.suites.values():
        lines += [f"{SUITE} {suite.name}: {suite.question}", _arms(suite)]
    others = [entry for entry in _entries(declared) if entry.kind not in (SUITE, RECIPE)]
    for kind, entries in groupby(others, lambda entry: entry.kind):
        lines += [f"\n{kind}", *(f"  {entry.name:<32} {entry.summary}" for entry in entries)]
    _warn(wrong)
    return "\n".join(lines)


def _show(name: str) -> str:
    declared, wrong = declarations.look()
    entries = list(_entries(declared))
    _warn(wrong)
    shown = [f"{entry.kind} {name}{entry.arguments}\n\n{entry.text}" for entry in entries if entry.name == name]
    if not shown:
        raise UserError(unknown("name", name, {entry.name for entry in entries}))
    return "\n\n".join(shown)


def _warn(wrong: Sequence[str]) -> None:
    """Tell, where nobody asked for mistakes, that there are some, so that something may be missing."""
    if wrong:
        log.warning("what cannot be used is left out: `bythebook check` tells %d mistakes.", len(wrong))


@dataclass(frozen=True)
class _Entry:
    """Something with a name.

    Attributes:
        text: its first line stands in lists.
        arguments: in brackets, with their defaults; empty where it takes none from a file.
    """

    kind: str
    name: str
    text: str
    arguments: str = ""

    @property
    def summary(self) -> str:
        return self.text.split("\n", 1)[0]


def _entries(declared: Declarations) -> Iterator[_Entry]:
    """Everything that files declare, and everything that they can name, kind by kind."""
    for suite in declared.suites.values():
        yield _Entry(SUITE, suite.name, f"{suite.question}\n{_arms(suite)}")
        for arm in suite.arms:
            yield _Entry(RECIPE, f"{suite.name}.{arm.name}", _text(arm.about, arm.recipe))
    for study in declared.studies.values():
        compared = {"strategies": study.strategies, "recipes": study.recipes}
        yield _Entry("transfer study", study.name, _text(study.question, compared))
    for guideline in declared.guidelines.values():
        searched = {"base": guideline.base, "space": guideline.declared}
        yield _Entry("search", guideline.name, _text(guideline.question, searched))
    for name, probe in sorted(probes().items()):
        yield _Entry("probe", name, probe.question)
    for claim in declared.claims:
        yield _Entry("claim", claim.name, _text(claim.statement, claim.source))
    yield from _registered()


def _registered() -> Iterator[_Entry]:
    """Techniques, and what searches can be by."""
    for family in catalogue.FAMILIES:
        for name, known in sorted(catalogue.techniques(family).items()):
            yield _Entry(family, name, _documentation(known.build), _arguments(known.arguments))
    for name, objective in sorted(objectives().items()):
        yield _Entry("objective", name, objective.about)
    for name, sampler in sorted(SAMPLERS.items()):
        yield _Entry("sampler", name, _documentation(sampler))
    for name, pruner in sorted(PRUNERS.items()):
        yield _Entry("pruner", name, _documentation(pruner), _arguments(pruner))


def _arms(suite: SuiteDeclaration) -> str:
    return "\n".join(f"  {suite.name}.{arm.name:<20} {arm.about}".rstrip() for arm in suite.arms)


def _text(summary: str, details: Any) -> str:
    """A first line, and below it what is said in words, or as YAML."""
    return f"{summary}\n\n{details if isinstance(details, str) else yaml_text(details)}".strip()


def _documentation(documented: Any) -> str:
    return inspect.getdoc(documented) or ""


def _arguments(schema: type[BaseModel]) -> str:
    fields = ((key, field) for key, field in schema.model_fields.items() if key != "name")
    return f"({', '.join(key if field.is_required() else f'{key}={field.default}' for key, field in fields)})"


if __name__ == "__main__":
    sys.exit(main())
