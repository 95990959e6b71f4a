"""How a guideline is searched: by which objectives, who proposes trials, and what cuts them short."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field

from bythebook.errors import Problems, UserError, unknown
from bythebook.search.grid import grid
from bythebook.search.objectives import Objective, objectives
from bythebook.search.samplers import GRID, SAMPLERS, require
from bythebook.search.settings import PRUNERS, Count, Median, Pruner
from bythebook.search.space import Space
from bythebook.search.space_validation import grid_problems
from bythebook.validation import STRICT, named, validated

OBJECTIVES = ["val_accuracy"]
# What is measured of every sampler where samplers are compared.
SAMPLER_METRICS = ("best", "mean_best_so_far")


class MethodFile(BaseModel):
    """What a guideline's file may say of the search itself.

    Attributes:
        objectives: what is searched by, the most important first.
        tolerance: how much of the first objective, in its own unit, the winner may give up for the others.
        sampler: who proposes trials.
        samplers: several, to be compared on the same budget and handed on no winner.
        pruner: what cuts trials short; by one objective that every epoch shows it is ``median``, else nothing.
        trials: how many, whatever the budget says.
    """

    model_config = STRICT
    objectives: list[str] = OBJECTIVES
    tolerance: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    sampler: str | None = None
    samplers: list[str] = []
    pruner: Any = None
    trials: Count | None = None


@dataclass(frozen=True)
class Method:
    """The same, checked.

    Attributes:
        samplers: empty unless samplers are compared.
    """

    objectives: tuple[Objective, ...]
    tolerance: float
    sampler: str
    samplers: tuple[str, ...]
    pruner: Pruner | None
    trials: int | None


def read_method(declared: MethodFile, space: Space | None, where: str, in_phases: bool = False) -> Method:
    """How the space is searched.

    Args:
        space: None if it could not be read.
        where: the file shown in errors.
        in_phases: whether trials go through phases, as transfer does: the first epochs of one say little of the next.

    Raises:
        UserError: with every problem found.
    """
    problems = Problems()
    for key, sentence in _problems(declared, in_phases):
        problems.add(f"{where}: {key}", sentence)
    pruner = _pruner(declared, in_phases, where, problems)
    if space is not None and GRID in (declared.sampler, *declared.samplers):
        for problem in _without_grid(space, where):
            problems.found.append(problem)
    problems.raise_if_any()
    known = tuple(objectives()[name] for name in declared.objectives)
    sampler = declared.sampler or next(iter(SAMPLERS))
    return Method(known, declared.tolerance or 0.0, sampler, tuple(declared.samplers), pruner, declared.trials)


def _problems(declared: MethodFile, in_phases: bool) -> Iterator[tuple[str, str]]:
    several = len(declared.objectives) > 1
    if not declared.objectives:
        yield "objectives", "is empty; name at least one."
    yield from _names("objectives", "objective", declared.objectives, objectives())
    if several and declared.tolerance is None:
        yield "tolerance", "is required with several objectives: how much of the first the winner may give up."
    if not several and declared.tolerance is not None:
        yield "tolerance", "needs several objectives; with one of them nothing is given up."
    own = [declared.sampler] if declared.sampler is not None else []
    for key, given in (("sampler", own), ("samplers", declared.samplers)):
        yield from _names(key, "sampler", given, SAMPLERS)
        for name in given:
            try:
                require(name)
            except UserError as error:
                yield key, str(error)
    if declared.samplers:
        yield from _comparison_problems(declared, in_phases)


def _comparison_problems(declared: MethodFile, in_phases: bool) -> Iterator[tuple[str, str]]:
    if declared.sampler is not None:
        yield "samplers", "a file says either 'sampler', or 'samplers' that are compared."
    if len(declared.samplers) < 2:
        yield "samplers", "a comparison needs at least two; for a search say 'sampler'."
    if len(declared.objectives) > 1:
        yield "samplers", "are compared by one objective."
    if in_phases:
        yield "samplers", "a search about transfer has one sampler."
    if declared.trials is None:
        yield "trials", "is required where samplers are compared: the budget that each of them has."


def _names(key: str, kind: str, given: list[str], known: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in given:
        if name not in known:
            yield key, unknown(kind, name, known)
    for name in dict.fromkeys(name for name in given if given.count(name) > 1):
        yield key, f"'{name}' stands twice."


def _pruner(declared: MethodFile, in_phases: bool, where: str, problems: Problems) -> Pruner | None:
    known = [objectives()[name] for name in declared.objectives if name in objectives()]
    shown = [one.name for one in known if one.epoch]
    can_prune = len(declared.objectives) == 1 and bool(shown) and not in_phases
    if "pruner" not in declared.model_fields_set:
        return Median() if can_prune and not declared.samplers else None
    if declared.pruner is None:
        return None
    if in_phases:
        problems.add(f"{where}: pruner", "trials about transfer go through phases and are not cut short; leave it out.")
    if len(declared.objectives) > 1:
        problems.add(
            f"{where}: pruner", "trials are cut short by one objective; with several of them leave the pruner out."
        )
    elif known and not shown:
        allowed = ", ".join(one.name for one in objectives().values() if one.epoch)
        problems.add(
            f"{where}: pruner",
            f"needs an objective that shows after every epoch ({allowed}); '{known[0].name}' is measured at the end.",
        )
    with problems.collecting():
        name, arguments = named("pruner", declared.pruner, PRUNERS, f"{where}: pruner")
        return validated(PRUNERS[name], arguments, f"{where}: pruner")
    return None


def _without_grid(space: Space, where: str) -> list[str]:
    found = list(grid_problems(space, f"{where}: space"))
    if found:
        return found
    try:
        grid(space, 0)
    except UserError as error:
        return [f"{where}: space: {error}"]
    return []
