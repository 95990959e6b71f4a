"""What every kind of comparison has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, Field, model_validator

from bythebook.claims.finding import Finding
from bythebook.claims.measurements import SHARES, Measurements
from bythebook.errors import unknown
from bythebook.recipe import RecipeSchema
from bythebook.validation import STRICT

# Where a share can lie, and a difference of two.
SHARE, DIFFERENCE = (0.0, 1.0), (-1.0, 1.0)


def _key(name: str) -> str:
    if name not in RecipeSchema.model_fields:
        raise ValueError(unknown("key of a recipe", name, RecipeSchema.model_fields))
    return name


Positive = Annotated[float, Field(gt=0)]
Key = Annotated[str, AfterValidator(_key)]


class Comparison(BaseModel, ABC):
    """What every comparison has.

    Attributes:
        kind: which comparison it is.
        factor: the recipe's keys in which the compared recipes differ on purpose; they may differ in nothing else.
        by: the metric that is compared.
        ENDS: where numbers that are in the unit of ``by`` can lie if that is a share.
    """

    model_config = STRICT
    ENDS: ClassVar[Mapping[str, tuple[float, float]]] = {}
    kind: str
    factor: list[Key] = []
    by: str

    @model_validator(mode="after")
    def _can_be_reached(self) -> Comparison:
        for name, (low, high) in self.ENDS.items() if self.by in SHARES else ():
            given = getattr(self, name)
            if given is not None and not low <= given <= high:
                expected = f"a number from {low:g} to {high:g} is expected, as {self.by} is a share"
                raise ValueError(f"'{name}': {expected}; given {given:g}.")
        return self

    @property
    @abstractmethod
    def arms(self) -> tuple[str, ...]:
        """The recipes and probes that it needs."""

    @property
    def asked(self) -> list[tuple[str, str]]:
        """Every arm with a metric that it needs of it."""
        return [(arm, self.by) for arm in self.arms]

    def problems(self, measured: Measurements) -> list[str]:
        """Why it cannot be made: a sentence for each recipe, probe or metric that was not measured."""
        return [sentence for arm, metric in self.asked if (sentence := measured.problem(arm, metric))]

    @abstractmethod
    def find(self, measured: Measurements) -> Finding:
        """What the measurements say."""
