"""Refusing a search space that cannot be searched: every problem at once, before anything trains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bythebook.errors import Problems, UserError, unknown
from bythebook.recipe import DEEPEST, WIDEST, RecipeSchema
from bythebook.search.grid import values
from bythebook.search.space import DEPTH, WIDTH, Domain, Space, build, label
from bythebook.validation import validated

# How many hidden layers there can be, and units in each.
MOST = {DEPTH: DEEPEST, WIDTH: WIDEST}


def read_space(declared: Any, where: str, also: Sequence[str] = ()) -> Space:
    """The space a guideline declares.

    Args:
        declared: dotted recipe path to a domain or a list of domains.
        where: the path shown in errors, such as ``default_dnn.yaml: space``.
        also: keys that paths may begin with besides those of recipes.

    Raises:
        UserError: with every problem found.
    """
    if not isinstance(declared, Mapping) or not declared:
        raise UserError(f"{where}: a space maps at least one recipe path to what it may be; given {declared!r}.")
    problems = Problems()
    domains: dict[str, list[Domain]] = {}
    for path, given in declared.items():
        domains[str(path)] = _domains(str(path), given, f"{where}.{path}", problems)
    for path in domains:
        for problem in _path_problems(path, domains, also):
            problems.add(f"{where}.{path}", problem)
        for position, domain in enumerate(domains[path]):
            for problem in _condition_problems(path, domain, domains):
                problems.add(f"{_position(f'{where}.{path}', domains[path], position)}.when", problem)
    if not problems.found and all(domain.fixed for several in domains.values() for domain in several):
        problems.add(where, "leaves nothing to search: every path has one fixed value.")
    problems.raise_if_any()
    return build(domains)


def grid_problems(space: Space, where: str) -> Iterator[str]:
    """What keeps a space from having a grid: ranges of which nobody says how many values it takes.

    Args:
        where: the path shown in errors, such as ``default_dnn.yaml: space``.
    """
    for path, parameters in space.items():
        for parameter in parameters:
            if not parameter.domain.fixed and values(parameter.domain) is None:
                low, high = parameter.domain.low, parameter.domain.high
                yield (
                    f"{where}.{path}: a grid takes every 'step' of a range, or 'grid' values of it;"
                    f" the range from {low} to {high} says neither."
                )


def _domains(path: str, given: Any, where: str, problems: Problems) -> list[Domain]:
    several = given if isinstance(given, list) else [given]
    if not several:
        problems.add(where, "is empty; give a domain or a list of domains.")
    found = []
    for position, one in enumerate(several):
        place = _position(where, several, position)
        try:
            domain = validated(Domain, one, place)
        except UserError as error:
            problems.extend(error)
            continue
        flaws = [*_domain_problems(domain), *(_whole_problems(domain, MOST[path]) if path in MOST else ())]
        for flaw in flaws:
            problems.add(place, flaw)
        found += [] if flaws else [domain]
    return found


def _position(where: str, several: list[Any], position: int) -> str:
    return f"{where}[{position}]" if len(several) > 1 else where


def _domain_problems(domain: Domain) -> Iterator[str]:
    given = domain.model_fields_set
    kinds = [kind for kind in ("choices", "value") if kind in given] + (["low/high"] if given & {"low", "high"} else [])
    if len(kinds) != 1:
        stated = f"given {' and '.join(kinds)}" if kinds else "none is given"
        yield f"give either 'choices', or 'low' and 'high', or 'value'; {stated}."
    elif kinds == ["low/high"]:
        yield from _range_problems(domain)
    elif extra := sorted(given & {"grid", "step", "log"}):
        yield f"'{extra[0]}' belongs to a range of 'low' and 'high', not to '{kinds[0]}'."
    elif kinds == ["choices"]:
        labels = [label(value) for value in domain.choices or []]
        if not labels:
            yield "'choices' is empty; name at least one."
        for repeated in sorted({text for text in labels if labels.count(text) > 1}):
            yield f"the choice {repeated} stands twice."


def _range_problems(domain: Domain) -> Iterator[str]:
    low, high, step = domain.low, domain.high, domain.step
    if low is None or high is None:
        yield f"a range needs both 'low' and 'high'; '{'low' if low is None else 'high'}' is missing."
        return
    if low >= high:
        yield f"'low' must be below 'high'; given low {low} and high {high}."
    if domain.log and low <= 0:
        yield f"a log scale needs 'low' above 0; given {low}."
    if domain.log and step is not None:
        yield "a range has a 'step' or a log scale, not both."
    if domain.grid is not None and step is not None:
        yield "a grid takes either every 'step' of a range or 'grid' values of it, not both."
    if step is not None and step <= 0:
        yield f"'step' must be above 0; given {step}."
    elif step is not None and low < high and abs((high - low) / step - round((high - low) / step)) > 1e-9:
        yield f"'high' must be 'low' plus a multiple of 'step'; given {low}, {high} and {step}."


def _whole_problems(domain: Domain, most: int) -> Iterator[str]:
    given = domain.extremes
    bad = [value for value in given if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most]
    if bad:
        yield f"must be whole numbers from 1 to {most}; given {', '.join(map(str, bad))}."


def _path_problems(path: str, domains: Mapping[str, list[Domain]], also: Sequence[str]) -> Iterator[str]:
    known = [*RecipeSchema.model_fields, DEPTH, WIDTH, *also]
    if path.split(".")[0] not in known:
        yield unknown("recipe path", path, known)
    if path in (DEPTH, WIDTH) and "hidden" in domains:
        yield f"'{path}' builds 'hidden', which the space also varies; keep one of them."
    reachable = next((position for position, domain in enumerate(domains[path]) if not domain.when), None)
    if reachable is not None and reachable + 1 < len(domains[path]):
        yield f"nothing after domain [{reachable}] is ever reached, since it has no 'when'."
    conditions = [label(domain.when) for domain in domains[path] if domain.when]
    if len(set(conditions)) < len(conditions):
        yield "two domains have the same 'when'; the second is never reached."


def _condition_problems(path: str, domain: Domain, domains: Mapping[str, list[Domain]]) -> Iterator[str]:
    above = list(domains)[: list(domains).index(path)]
    for key, allowed in domain.when.items():
        if key not in above:
            later = f" '{key}' must stand above it." if key in domains else ""
            yield unknown("path above this one", key, above) + later
            continue
        if not allowed:
            yield f"{key}: is empty; name at least one value."
        for value in allowed:
            if domains[key] and not any(other.holds(value) for other in domains[key]):
                yield f"{key}: the space never gives it the value {label(value)}."
