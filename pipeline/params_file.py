"""Reads ``params.yaml``, and tells everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bythebook.documents import read_yaml
from bythebook.errors import Problems, UserError, unknown
from bythebook.validation import sound_fields
from pipeline.params import Params, SearchParams, Transfer
from pipeline.params_data import OWN_NAME

# What stands for parts that cannot be used, so that the others can be looked at.
EMPTY: Mapping[str, Any] = {
    **dict.fromkeys(("dataset", "budget"), ""),
    **dict.fromkeys(("datasets", "tasks", "budgets", "suites", "overrides"), {}),
    **dict.fromkeys(("transfers", "searches", "probes"), ()),
    "transfer": Transfer(tasks=[], overrides={}),
    "search": SearchParams(in_flight=1, seed=0, overrides={}),
}


@dataclass(frozen=True)
class Draft:
    """A parameter file that may have mistakes.

    Attributes:
        params: what can be used of it. What checks ask for and cannot be used is empty, of mappings the entries that
            cannot are left out; other fields may be missing.
        names: the names of all data sets, tasks and budgets, of those that cannot be used as well.
    """

    params: Params
    names: Mapping[str, Collection[str]]

    @property
    def has_sound_tasks(self) -> bool:
        """Whether it can be told what studies are run on."""
        params = self.params
        complete = all(getattr(params, key).keys() == set(names) for key, names in self.names.items())
        return complete and params.dataset in params.datasets and params.budget in params.budgets


def read_params(path: Path) -> Params:
    """Reads and checks a parameter file.

    Raises:
        UserError: with every problem of the file.
    """
    problems = Problems()
    draft = read_draft(path, problems)
    problems.raise_if_any()
    return draft.params


def read_draft(path: Path, problems: Problems) -> Draft:
    """Return what can be used of a parameter file; what is wrong with the rest is noted."""
    content: Any = {}
    with problems.collecting():
        content = read_yaml(path)
        if not isinstance(content, Mapping):
            raise UserError(f"{path.name}: a mapping of parameters is expected.")
        sound = sound_fields(Params, content, path.name, problems)
        draft = Draft(Params.model_construct(set(sound), **{**EMPTY, **sound}), _names(content))
        _check_names(draft, path.name, problems)
        return draft
    return Draft(Params.model_construct(set(), **EMPTY), _names({}))


def _names(content: Mapping[str, Any]) -> dict[str, Collection[str]]:
    given = {key: content.get(key) for key in ("datasets", "tasks", "budgets")}
    return {key: tuple(part) if isinstance(part, Mapping) else () for key, part in given.items()}


def _check_names(draft: Draft, where: str, problems: Problems) -> None:
    """Notes what the parameters name that they do not declare."""
    params = draft.params
    named = [("dataset", params.dataset)] if "dataset" in params.model_fields_set else []
    for name, task in params.tasks.items():
        sides = (("a", task.a), ("b", task.b))
        named += [(f"tasks.{name}.{side}.dataset", part.dataset) for side, part in sides if part]
    named += [(f"suites.{name}.dataset", suite.dataset) for name, suite in params.suites.items()]
    asked = [("datasets", "dataset", place, name) for place, name in named]
    asked += [("budgets", "budget", "budget", params.budget)] if "budget" in params.model_fields_set else []
    asked += [("tasks", "task", "transfer.tasks", name) for name in params.transfer.tasks]
    for key, kind, place, name in asked:
        if name not in draft.names[key]:
            problems.add(f"{where}: {place}", unknown(kind, name, draft.names[key]))
    for name, declared in params.datasets.items():
        if declared.source and not OWN_NAME.fullmatch(name):
            problems.add(f"{where}: datasets", f"'{name}' cannot be a name; allowed: letters, digits and '_'.")
