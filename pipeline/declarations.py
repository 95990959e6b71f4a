"""Everything that people declare - parameters, suites, transfers, searches - read and checked together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bythebook import guidelines
from bythebook import techniques as techniques  # fills the catalogue
from bythebook.claims.declaration import Claim, sound_claims
from bythebook.claims.fairness import check_declared
from bythebook.claims.measurable import Measurable
from bythebook.claims.references import check_references, sound_references
from bythebook.datasets.registry import check_free, find
from bythebook.datasets.registry import datasets as registered
from bythebook.datasets.task_declaration import AnyTask, Between, check_tasks
from bythebook.datasets.user.gather import look as look_at_source
from bythebook.errors import Problems, UserError, unknown
from bythebook.overrides import Overrides
from bythebook.probes.measure import check as check_probes
from bythebook.search.guideline import Guideline, read_guideline
from bythebook.shapes import shape_problem
from bythebook.suite import SuiteDeclaration, read_declaration
from bythebook.target import LABELS
from bythebook.transfer.declaration import Study, read_study
from pipeline import stage, user_sources
from pipeline.measurable import arms_of_studies, measurable
from pipeline.params import Params
from pipeline.params_file import Draft, read_draft
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
    measurable: Measurable

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
    declared, wrong = look()
    if wrong:
        raise UserError(*wrong)
    return declared


def look() -> tuple[Declarations, Sequence[str]]:
    """Return what every file declares that can be used, and everything that is wrong with the rest."""
    problems = Problems()
    draft = read_draft(stage.PARAMS, problems)
    params = draft.params
    of_suites, of_studies, of_searches = _overrides(params)
    suites = _each(stage.RECIPES, read_declaration, of_suites, problems)
    studies = _each(stage.TRANSFERS, read_study, of_studies, problems)
    searches = _each(stage.SEARCHES, read_guideline, of_searches, problems)
    claims = sound_claims(stage.CLAIMS, problems)
    references = sound_references(stage.REFERENCES, problems)
    before = len(problems.found)
    classes = check_data(params, problems)
    # Studies on tasks that cannot be cut wait for those to be mended.
    whole = draft.has_sound_tasks and len(problems.found) == before
    arms = arms_of_studies(params, studies, classes, problems) if whole else {}
    known = measurable(suites, arms, searches, problems)
    check_declared(claims, known, stage.CLAIMS.name, problems)
    datasets = {*registered(), *draft.names["datasets"]}
    check_references(references, known, datasets, stage.REFERENCES.name, problems)
    _check_named(draft, searches, problems)
    _check_shapes(params, suites, studies, searches, problems)
    return Declarations(params, suites, studies, searches, claims, known), problems.found


def advice(declared: Declarations) -> Iterator[tuple[str, str]]:
    """What the guidelines say about every recipe, and which claims wait for tasks: where, and what."""
    for suite in declared.suites.values():
        for arm in suite.arms:
            yield from ((f"{suite.name}.{arm.name}", said) for said in guidelines.advice(arm.recipe))
    for study in declared.studies.values():
        for part, recipe in study.recipes.items():
            yield from ((f"{study.name}.{part}", said) for said in guidelines.advice(recipe))
    for guideline in declared.guidelines.values():
        yield from ((f"{guideline.name}.base", said) for said in guidelines.advice(guideline.base))
    waiting: dict[str, dict[str, None]] = {}
    for claim in declared.claims:
        for compared in (arm for comparison in claim.comparisons for arm in comparison.arms):
            if task := declared.measurable.missing_task(compared):
                waiting.setdefault(task, {})[claim.name] = None
    for task, names in waiting.items():
        yield f"{stage.CLAIMS.name}: {', '.join(names)}", f"cannot be judged: there is no task {task} here."


def check_data(params: Params, problems: Problems) -> dict[str, tuple[str, ...]]:
    """Notes what is wrong with data sets, the user's own read as far as their classes, and with tasks on them.

    Returns:
        The classes of every data set that can be read.
    """
    classes: dict[str, tuple[str, ...]] = {}
    for name, declared in params.datasets.items():
        with problems.collecting():
            if declared.source:
                check_free(name)
            classes[name] = (
                look_at_source(name, user_sources.source(declared.source)).classes
                if declared.source
                else find(name).classes
            )
    # Tasks of data sets that cannot be read wait for those to be mended.
    tasks = {name: task for name, task in declared_tasks(params.tasks).items() if _sets(task, params) <= classes.keys()}
    if params.dataset in classes:
        check_tasks(tasks, classes[params.dataset], problems, f"{stage.PARAMS}: tasks", classes)
    return classes


def _check_named(draft: Draft, searches: Mapping[str, Guideline], problems: Problems) -> None:
    """Notes what the parameters name that is not there."""
    params = draft.params
    check_probes(params.probes, f"{stage.PARAMS}: probes", problems)
    for name in params.searches:
        if name in searches and (reuse := searches[name].reuse) and reuse.task not in draft.names["tasks"]:
            problems.add(f"{name}.yaml: task", unknown("task", reuse.task, draft.names["tasks"]))
    left_out = ((f"budgets.{name}.leave_out", given.leave_out) for name, given in params.budgets.items())
    asked: list[tuple[str, Sequence[str], tuple[Path, ...]]] = [
        ("suites", list(params.suites), (stage.RECIPES,)),
        ("transfers", params.transfers, (stage.TRANSFERS,)),
        ("searches", params.searches, (stage.SEARCHES,)),
        *((key, named, (stage.RECIPES, stage.SEARCHES)) for key, named in left_out),
    ]
    for key, named, folders in asked:
        there = {path.stem for folder in folders for path in folder.glob("*.yaml")}
        places = " or ".join(str(folder) for folder in folders)
        for name in (name for name in named if name not in there):
            problems.add(f"{stage.PARAMS}: {key}", unknown(f"file in {places}", name, there))


def _check_shapes(
    params: Params,
    suites: Mapping[str, SuiteDeclaration],
    studies: Mapping[str, Study],
    searches: Mapping[str, Guideline],
    problems: Problems,
) -> None:
    """Notes what asks for other images than the data set has that it is run on, as far as the parameters tell that."""
    # Of a data set that is not there or cannot be used, which is told elsewhere, no shape is asked for.
    shapes = {name: data.shape for name, data in params.datasets.items()}
    asked: list[tuple[str, str, str | None]] = []
    for name, given in params.suites.items():
        for arm in suites[name].arms if name in suites and given.dataset in shapes else ():
            asked.append(
                (f"suites: {name}.{arm.name}", given.dataset, shape_problem(arm.recipe, shapes[given.dataset]))
            )
    used = {params.dataset, *(name for task in declared_tasks(params.tasks).values() for name in _sets(task, params))}
    used &= shapes.keys()
    here = [params.dataset] if params.dataset in shapes else []
    for name in (name for name in params.transfers if name in studies):
        for part, recipe in studies[name].recipes.items():
            # Nets that learn without labels see all images of the data set, and none of another.
            for data in sorted(used) if recipe["target"] == LABELS else here:
                asked.append((f"transfers: {name}.{part}", data, shape_problem(recipe, shapes[data])))
    for name in (name for name in params.searches if name in searches):
        asked += [(f"searches: {name}", data, searches[name].shape_problem(shapes[data])) for data in here]
    for what, data, said in asked:
        if said:
            problems.add(f"{stage.PARAMS}: {what}, on {data}", said)


def _sets(task: AnyTask, params: Params) -> set[str]:
    """The data sets that a task is about."""
    return {task.a.dataset, task.b.dataset} if isinstance(task, Between) else {params.dataset}


def _overrides(params: Params) -> tuple[Overrides, Overrides, Overrides]:
    """Those of suites, of transfer studies and of searches."""
    return (
        Overrides(params.overrides, f"{stage.PARAMS}: overrides"),
        Overrides(params.transfer.overrides, f"{stage.PARAMS}: transfer.overrides"),
        Overrides(params.search.overrides, f"{stage.PARAMS}: search.overrides"),
    )


def _each(
    folder: Path, read_one: Callable[[Path, Overrides], Declared], overrides: Overrides, problems: Problems
) -> dict[str, Declared]:
    found = {}
    with problems.collecting(), overrides.report_once():
        for path in sorted(folder.glob("*.yaml")):
            with problems.collecting():
                found[path.stem] = read_one(path, overrides)
    return found
