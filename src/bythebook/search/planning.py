"""The runs of a guideline: its trials, its refits, and the nets whose layers they reuse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bythebook import catalogue
from bythebook.errors import UserError
from bythebook.runs.loops import AUTOMATIC, LoopSettings, with_loops
from bythebook.runs.run import Run
from bythebook.runs.view import DataView
from bythebook.search.guideline import Guideline
from bythebook.search.space import STRATEGY

MODEL_A = "model_a"
ABOUT_MODEL_A = "The net for task A whose layers are reused."


@dataclass(frozen=True)
class Planner:
    """Makes the runs of a guideline.

    Attributes:
        view: what its nets are trained on.
        view_a: task A's side of a guideline about transfer.
        loops: how the loop that trains each run is chosen.
        alike: how many runs of one shape are expected; by default each is a shape of its own.
    """

    guideline: Guideline
    view: DataView
    view_a: DataView | None = None
    loops: LoopSettings = AUTOMATIC
    alike: int = 1

    @classmethod
    def of(
        cls,
        guideline: Guideline,
        standardized: Path,
        tasks: Path,
        labels: int | None = None,
        loops: LoopSettings = AUTOMATIC,
    ) -> Planner:
        """The planner of a guideline on a data set, or on its task of that data set.

        Args:
            standardized: the folder of the standardized data set.
            tasks: the folder of the A/B tasks.
            labels: how many training images of the task's side B are seen; None: all that lie there.

        Raises:
            UserError: the data set, or the task, is not there, or its shape does not fit the guideline.
        """
        if guideline.reuse is None:
            view_a, view = None, DataView.of(standardized)
        else:
            task = tasks / guideline.reuse.task
            view_a, view = DataView.of(standardized, task, "a"), DataView.of(standardized, task, "b", labels)
        if said := guideline.shape_problem(view.shape):
            raise UserError(f"{guideline.name}, on {view.dataset}: {said}")
        return cls(guideline, view, view_a, loops)

    def run(self, name: str, seed: int, values: Mapping[str, Any], about: str = "") -> Run:
        """The run of one point of the space with one seed."""
        recipe, strategy = self.guideline.recipe(values), self.guideline.strategy(values)
        run = Run(name, seed, recipe, self.view, about, strategy=strategy, source=self._source_key(strategy, seed))
        # Not those that were asked for so far: a run's loop must not depend on when it is asked.
        return with_loops([run] * self.alike, self.loops)[0]

    def source(self, seed: int) -> Run | None:
        """The net whose layers runs with this seed reuse, or None where none does."""
        reuse = self.guideline.reuse
        if reuse is None:
            return None
        assert self.view_a is not None, "a guideline about transfer needs both sides of its task"
        return with_loops([Run(MODEL_A, seed, reuse.model_a, self.view_a, ABOUT_MODEL_A)], self.loops)[0]

    def _source_key(self, strategy: Mapping[str, Any] | None, seed: int) -> str | None:
        if strategy is None or catalogue.build(STRATEGY, strategy).source == "none":
            return None
        source = self.source(seed)
        return source.key if source else None
