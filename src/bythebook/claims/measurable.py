"""What can be measured, known from the declarations alone: the names that claims and references may use."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from bythebook.claims.measurements import FOUND_RATE, METRICS, STEP_NOISE
from bythebook.errors import unknown


@dataclass(frozen=True)
class Measurable:
    """What can be measured of which arms, named as in :class:`bythebook.claims.measurements.Measurements`.

    Attributes:
        recipes: the resolved recipe of every arm that is trained.
        sides: of every other arm, such as a side of a probe, the metrics that are measured of it.
        groups: suites, probes and the like of which it is not known here what their arms are; claims about them wait.
        variants: what the evaluation makes of a net besides its plain predictions, and the key that its recipe needs.
    """

    recipes: Mapping[str, Mapping[str, Any]]
    sides: Mapping[str, Collection[str]] = field(default_factory=dict)
    groups: Collection[str] = ()
    variants: Mapping[str, str] = field(default_factory=dict)

    def matching(self, name: str) -> list[str]:
        """Return the recipe of that name; with a ``*`` in it, of every name that it stands for."""
        if "*" in name:
            return [arm for arm in self.recipes if fnmatchcase(arm, name)]
        return [name] if name in self.recipes else []

    def problems(self, arm: str, metric: str) -> Iterator[str]:
        """Yield why a metric of an arm will not be measured, in sentences.

        Of an arm whose suite or task is not part of this pipeline nothing is said: whoever names it waits for it.
        """
        name, _, variant = arm.partition("@")
        suite, known = name.partition("/")[0], self._parts
        recipes = self.matching(name)
        if suite not in known and suite not in self.groups:
            suites = {own for own in known if "/" not in own}
            yield unknown("suite, study, search or probe", suite, suites.union(self.groups))
        elif name in self.sides:
            if metric not in self.sides[name]:
                yield unknown(f"metric of {name}", metric, self.sides[name])
        elif recipes and metric not in METRICS:
            yield unknown("metric", metric, METRICS)
        elif recipes:
            yield from self._missing(recipes[0], metric, variant)
        elif (suite if "*" in name else _group(name)) in known:
            arms = [own for own in (*self.recipes, *self.sides) if own.partition("/")[0] == suite]
            yield unknown("recipe" if any(own in self.recipes for own in arms) else "side", name, arms)

    def missing_task(self, arm: str) -> str | None:
        """Return the task of an arm, as ``suite/task``, if its study is run on other tasks; else None."""
        group = _group(arm)
        alone = "/" not in group or "*" in arm or group in self._parts or arm.partition("/")[0] not in self._parts
        return None if alone else group

    @cached_property
    def _parts(self) -> set[str]:
        """Every suite, study, search and probe whose arms are known, and ``suite/task`` of every task of a study."""
        arms = (*self.recipes, *self.sides)
        return {part for arm in arms for part in (arm.partition("/")[0], _group(arm))}

    def _missing(self, name: str, metric: str, variant: str) -> Iterator[str]:
        """Yield what the recipe lacks that would have to be there."""
        recipe = self.recipes[name]
        if metric == FOUND_RATE and not recipe.get("range_test"):
            yield f"{name} finds no learning rate: its recipe has no 'range_test'."
        if metric == STEP_NOISE and "steps" not in recipe.get("observe", ()):
            yield f"{name} measures no {STEP_NOISE}: its recipe does not 'observe' steps."
        if variant and variant not in self.variants:
            yield unknown(f"variant of {name}", variant, self.variants)
        elif variant and not recipe.get(self.variants[variant]):
            yield f"{name} has no variant '{variant}': its recipe has no {self.variants[variant]}."


def _group(arm: str) -> str:
    """Return ``suite``, or ``suite/task`` of an arm of a study."""
    return arm.partition(".")[0] if "." in arm else arm.partition("/")[0]
