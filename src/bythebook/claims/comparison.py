"""What every kind of comparison has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Annotated

from pydantic import BaseModel, Field

from bythebook.claims.finding import Finding
from bythebook.claims.measured import Measured
from bythebook.validation import STRICT

Positive = Annotated[float, Field(gt=0)]


class Comparison(BaseModel, ABC):
    """What every comparison has.

    Attributes:
        kind: which comparison it is.
        factor: the recipe's keys in which the compared recipes differ on purpose; they may differ in nothing else.
        by: the metric that is compared.
    """

    model_config = STRICT
    kind: str
    factor: list[str] = []
    by: str

    @property
    @abstractmethod
    def arms(self) -> tuple[str, ...]:
        """The recipes and probes that it needs."""

    def problems(self, measured: Measured) -> list[str]:
        """Why it cannot be made: a sentence for each recipe, probe or metric that was not measured."""
        return [sentence for arm in self.arms if (sentence := measured.problem(arm, self.by))]

    @abstractmethod
    def find(self, measured: Measured) -> Finding:
        """What the measurements say."""
