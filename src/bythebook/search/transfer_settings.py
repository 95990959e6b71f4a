"""What a guideline's file says of transfer: task B is learned on the lower layers of a net for task A."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bythebook import catalogue
from bythebook.errors import Problems, UserError, unknown
from bythebook.overrides import Overrides
from bythebook.records.recipe import Recipe, Technique
from bythebook.runs import reuse
from bythebook.runs.run import Run
from bythebook.runs.view import DataView
from bythebook.search.points import without_strategy
from bythebook.search.space import STRATEGY
from bythebook.techniques.strategies import NONE, TASK_A

KEYS = ("task", "model_a", STRATEGY)
# Where the layers of a strategy come from that a search can be about: nowhere, or a net for task A.
SOURCES = (NONE, TASK_A)


@dataclass(frozen=True)
class Reuse:
    """What trials reuse.

    Attributes:
        task: the A/B task's name.
        model_a: the resolved recipe of the net for task A.
        strategy: the resolved strategy that the guideline recommends.
    """

    task: str
    model_a: Recipe
    strategy: Technique


def read_reuse(given: Mapping[str, Any], overrides: Overrides, where: str, problems: Problems) -> Reuse | None:
    """What the file says under :data:`KEYS`; None if it says nothing, or what cannot be, which is noted.

    Args:
        overrides: applied last to model A's recipe.
        where: the file shown in errors.
    """
    said = [key for key in KEYS if given.get(key) is not None]
    if not said:
        return None
    for key in (key for key in KEYS if key not in said):
        problems.add(f"{where}: {key}", f"is required beside {' and '.join(said)}: a search about transfer has all.")
    model_a, strategy = None, None
    with problems.collecting():
        model_a = overrides.recipe(given.get("model_a") or {}, f"{where}: model_a")
    if STRATEGY in said:
        with problems.collecting():
            strategy = catalogue.resolve(STRATEGY, given[STRATEGY], f"{where}: {STRATEGY}")
    if len(said) < len(KEYS) or model_a is None or strategy is None:
        return None
    return Reuse(str(given["task"]), model_a, strategy)


def check(found: Mapping[str, Any], model_a: Recipe, where: str) -> None:
    """Lets a recipe with its strategy pass whose layers can come from model A.

    Raises:
        UserError: with everything that forbids it.
    """
    strategy = found[STRATEGY]
    source = catalogue.build(STRATEGY, strategy).source
    if source not in SOURCES:
        about = (name for name in catalogue.techniques(STRATEGY) if _source(name) in SOURCES)
        raise UserError(f"{where}.{STRATEGY}: {unknown('strategy on a net for task A', strategy['name'], about)}")
    run = Run(where, 0, without_strategy(found), DataView(Path(), "", ""), strategy=strategy)
    if source == "none":
        return
    reuse.check(run, model_a)


def _source(name: str) -> str:
    return str(catalogue.build(STRATEGY, catalogue.resolve(STRATEGY, name, STRATEGY)).source)
