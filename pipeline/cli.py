"""The command ``bythebook``: it looks at recipes and techniques, and never trains.

bythebook check        everything that is wrong with the parameters and recipes, and what the guidelines advise
bythebook list         every suite, recipe and technique, and what searches can be by
bythebook show NAME    a recipe in full (activations.relu), a suite, or a technique with its arguments
"""

from __future__ import annotations

import argparse
import inspect
import logging
import sys
from collections.abc import Sequence
from typing import Any

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
        print({"check": _check, "list": _list, "show": lambda: _show(given.name)}[given.command]())
    except UserError as error:
        print(*error.problems, sep="\n", file=sys.stderr)
        return 1
    return 0


def _check() -> str:
    declared = declarations.read()
    lines = [f"advice  {where}: {said}" for where, said in declarations.advice(declared)]
    return "\n".join([*lines, f"ok      {declared.summary}"])


def _list() -> str:
    declared = declarations.read()
    lines = []
    for suite in declared.suites.values():
        lines += [f"suite {suite.name}: {suite.question}"]
        lines += [f"  {suite.name}.{arm.name:<20} {arm.about}".rstrip() for arm in suite.arms]
    for family in catalogue.FAMILIES:
        lines += [f"\n{family}"]
        lines += [f"  {name:<32} {entry.summary}" for name, entry in sorted(catalogue.techniques(family).items())]
    lines += ["\nobjective", *(f"  {name:<32} {one.about}" for name, one in sorted(objectives().items()))]
    lines += ["\nsampler", *(f"  {name:<32} {_first_line(made)}" for name, made in sorted(SAMPLERS.items()))]
    lines += ["\npruner", *(f"  {name:<32} {_first_line(made)}" for name, made in sorted(PRUNERS.items()))]
    return "\n".join(lines)


def _first_line(documented: Any) -> str:
    return (inspect.getdoc(documented) or "").split("\n", 1)[0]


def _show(name: str) -> str:
    shown = _techniques(name)
    suites = declarations.read().suites
    recipes = {f"{suite.name}.{arm.name}": arm for suite in suites.values() for arm in suite.arms}
    if name in recipes:
        shown.append(f"{recipes[name].about}\n{canonical_json(recipes[name].recipe).decode()}".strip())
    if name in suites:
        arms = "\n".join(f"  {name}.{arm.name:<20} {arm.about}" for arm in suites[name].arms)
        shown.append(f"{suites[name].question}\n{arms}")
    if not shown:
        every = {entry for family in catalogue.FAMILIES for entry in catalogue.techniques(family)}
        raise UserError(unknown("recipe, suite or technique", name, every | recipes.keys() | suites.keys()))
    return "\n\n".join(shown)


def _techniques(name: str) -> list[str]:
    found = []
    for family in catalogue.FAMILIES:
        entry = catalogue.techniques(family).get(name)
        if entry:
            fields = entry.arguments.model_fields.items()
            arguments = ", ".join(key if field.is_required() else f"{key}={field.default}" for key, field in fields)
            found.append(f"{family} {name}({arguments})\n\n{inspect.getdoc(entry.build)}")
    return found


if __name__ == "__main__":
    sys.exit(main())
