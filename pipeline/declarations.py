"""Everything that people declare - parameters, suites, transfers, searches - read and checked together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from bythebook import guidelines
from bythebook import techniques as techniques  # fills the catalogue
from bythebook.claims.declaration import Claim, read_claims
from bythebook.claims.fairness import check_declared, check_named
from bythebook.claims.references import read_references
from bythebook.datasets.own.gather import look
from bythebook.datasets.pairs import tasks_of
from bythebook.datasets.registry import check_free, find
from bythebook.datasets.sides import AnyTask, Between, check_tasks
from bythebook.errors import Problems, unknown
from bythebook.overrides import Overrides
from bythebook.probes.measure import check as check_probes
from bythebook.search.guideline import Guideline, read_guideline
from bythebook.search.space import DEPTH, WIDTH
from bythebook.shapes import misfit
from bythebook.suite import SuiteDeclaration, read_declaration
from bythebook.target import LABELS
from bythebook.transfer.declaration import Study, read_study
from bythebook.transfer.plan import names_of
from pipeline import own, stage
from pipeline.params import Params, read_params
from pipeline.tasks import choice
from pipeline.tasks import tasks as declared_tasks

Declared = TypeVar("Declared")


@dataclass(frozen=True)
class Declarations:
    """What the project's files declare; every recipe file counts, also one that the parameters do not name."""

    params: Params
    suites: dict[str, SuiteDeclaration]
    studies: dict[str, Study]
    guidelines: dict[str, Guideline]
    claims: tuple[Claim, ...]

    @property
    def summary(self) -> str:
        """One line of counts."""
        recipes = sum(len(suite.arms) for suite in self.suites.values())
        return (
            f"{len(self.suites)} suites with {recipes} recipes, {len(self.studies)} transfer studies,"
            f" {len(self.guidelines)} searches, {len(self.claims)} claims"
        )


def read() -> Declarations:
    """Reads and checks every file.

    Raises:
        UserError: with every problem of every file.
    """
    problems = Problems()
    params = None
    with problems.taking():
        params = read_params(stage.PARAMS)
    of_suites, of_studies, of_searches = _overrides(params)
    suites = _each(stage.RECIPES, read_declaration, of_suites, problems)
    studies = _each(stage.TRANSFERS, read_study, of_studies, problems)
    searches = _each(stage.SEARCHES, read_guideline, of_searches, problems)
    claims: tuple[Claim, ...] = ()
    with problems.taking():
        claims = read_claims(stage.CLAIMS)
    recipes = {f"{suite.name}/{arm.name}": arm.recipe for suite in suites.values() for arm in suite.arms}
    recipes |= _arms(params, studies, problems) if params else {}
    recipes |= _searched(searches)
    check_declared(claims, recipes, stage.CLAIMS.name, problems)
    with problems.taking():
        reported = [reference.arm for reference in read_references(stage.REFERENCES)]
        check_named(reported, recipes, stage.REFERENCES.name, problems)
    if params:
        _check_named(params, searches, problems)
        _check_shapes(params, suites, studies, searches, problems)
    problems.raise_if_any()
    assert params is not None
    return Declarations(params, suites, studies, searches, claims)


def advice(declared: Declarations) -> Iterator[tuple[str, str]]:
    """What the guidelines say about every recipe: where, and what."""
    for suite in declared.suites.values():
        for arm in suite.arms:
            yield from ((f"{suite.name}.{arm.name}", said) for said in guidelines.advice(arm.recipe))
    for study in declared.studies.values():
        for part, recipe in study.recipes.items():
            yield from ((f"{study.name}.{part}", said) for said in guidelines.advice(recipe))
    for guideline in declared.guidelines.values():
        yield from ((f"{guideline.name}.base", said) for said in guidelines.advice(guideline.base))


def _arms(params: Params, studies: Mapping[str, Study], problems: Problems) -> dict[str, dict[str, Any]]:
    """The recipe of every arm of the studies that are run; what is wrong with their data and tasks is noted."""
    before = len(problems.found)
    classes = check_data(params, problems)
    if len(problems.found) > before:
        return {}
    found: dict[str, dict[str, Any]] = {}
    for study in (studies[name] for name in params.transfers if name in studies):
        for name, task in tasks_of(study.cut, choice(params), classes, problems).items():
            arms = names_of(study, name, study.cut.labels or ((task.samples,) if task.samples else ()))
            found |= {f"transfer_{study.name}/{arm}": recipe for arm, recipe in arms.items()}
    return found


def check_data(params: Params, problems: Problems) -> dict[str, tuple[str, ...]]:
    """Notes what is wrong with data sets, the user's own read as far as their classes, and with tasks on them.

    Returns:
        The classes of every data set that can be read.
    """
    classes: dict[str, tuple[str, ...]] = {}
    for name, declared in params.datasets.items():
        with problems.taking():
            if declared.source:
                check_free(name)
            classes[name] = look(name, own.source(declared.source)).classes if declared.source else find(name).classes
    # Tasks of data sets that cannot be read wait for those to be mended.
    tasks = {name: task for name, task in declared_tasks(params.tasks).items() if _sets(task, params) <= classes.keys()}
    if params.dataset in classes:
        check_tasks(tasks, classes[params.dataset], problems, f"{stage.PARAMS}: tasks", classes)
    return classes


def _check_named(params: Params, searches: Mapping[str, Guideline], problems: Problems) -> None:
    """Notes what the parameters name that is not there."""
    check_probes(params.probes, f"{stage.PARAMS}: probes", problems)
    for name in params.searches:
        if name in searches and (reuse := searches[name].reuse) and reuse.task not in params.tasks:
            problems.add(f"{name}.yaml: task", unknown("task", reuse.task, params.tasks))
    for key, named, folder in (
        ("suites", list(params.suites), stage.RECIPES),
        ("transfers", params.transfers, stage.TRANSFERS),
        ("searches", params.searches, stage.SEARCHES),
        *((f"budgets.{name}.leave_out", given.leave_out, stage.RECIPES) for name, given in params.budgets.items()),
    ):
        there = {path.stem for path in folder.glob("*.yaml")}
        for name in named:
            if name not in there:
                problems.add(f"{stage.PARAMS}: {key}", unknown(f"file in {folder}", name, there))


def _check_shapes(
    params: Params,
    suites: Mapping[str, SuiteDeclaration],
    studies: Mapping[str, Study],
    searches: Mapping[str, Guideline],
    problems: Problems,
) -> None:
    """Notes what asks for other images than the data set has that it is run on, as far as the parameters tell that."""
    shapes = {name: data.shape for name, data in params.datasets.items()}
    asked: list[tuple[str, str, str | None]] = []
    for name, given in params.suites.items():
        for arm in suites[name].arms if name in suites else ():
            asked.append((f"suites: {name}.{arm.name}", given.dataset, misfit(arm.recipe, shapes[given.dataset])))
    used = {params.dataset, *(name for task in declared_tasks(params.tasks).values() for name in _sets(task, params))}
    used &= shapes.keys()  # one that is not there is told elsewhere
    for name in (name for name in params.transfers if name in studies):
        for part, recipe in studies[name].recipes.items():
            # Nets that learn without labels see all images of the data set, and none of another.
            for data in sorted(used) if recipe["target"] == LABELS else [params.dataset]:
                asked.append((f"transfers: {name}.{part}", data, misfit(recipe, shapes[data])))
    for name in (name for name in params.searches if name in searches):
        asked.append((f"searches: {name}", params.dataset, searches[name].misfit(shapes[params.dataset])))
    for what, data, said in asked:
        if said:
            problems.add(f"{stage.PARAMS}: {what}, on {data}", said)


def _sets(task: AnyTask, params: Params) -> set[str]:
    """The data sets that a task is about."""
    return {task.a.dataset, task.b.dataset} if isinstance(task, Between) else {params.dataset}


def _searched(declared: Mapping[str, Guideline]) -> dict[str, dict[str, Any]]:
    """What searches hand on, by the arms of claims; a winner may differ from its guideline in whatever is searched."""
    found: dict[str, dict[str, Any]] = {}
    for name, guideline in declared.items():
        if guideline.method.samplers:
            found |= {f"search_{name}/{sampler}": {} for sampler in guideline.method.samplers}
            continue
        found[f"search_{name}/guideline"] = guideline.base
        varied = {"hidden" if path in (DEPTH, WIDTH) else path.split(".")[0] for path in guideline.space}
        found[f"search_{name}/winner"] = {**guideline.base, **dict.fromkeys(varied, "whatever the search found")}
    return found


def _overrides(params: Params | None) -> tuple[Overrides, Overrides, Overrides]:
    """Those of suites, of transfer studies and of searches."""
    if params is None:
        return Overrides(), Overrides(), Overrides()
    return (
        Overrides(params.overrides, f"{stage.PARAMS}: overrides"),
        Overrides(params.transfer.overrides, f"{stage.PARAMS}: transfer.overrides"),
        Overrides(params.search.overrides, f"{stage.PARAMS}: search.overrides"),
    )


def _each(
    folder: Path, read_one: Callable[[Path, Overrides], Declared], overrides: Overrides, problems: Problems
) -> dict[str, Declared]:
    found = {}
    with problems.taking(), overrides.told_once():
        for path in sorted(folder.glob("*.yaml")):
            with problems.taking():
                found[path.stem] = read_one(path, overrides)
    return found
