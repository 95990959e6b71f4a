"""What a search is told besides its space: how many trials, how many at a time, who proposes and who cuts short."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, Field

from bythebook.validation import STRICT, Count

Factor = Annotated[int, Field(ge=2)]


class Median(BaseModel):
    """A trial stops when its best epoch so far is worse than the median of earlier trials at that epoch.

    Attributes:
        startup_trials: complete trials that a trial must see before it can be pruned.
        warmup_epochs: epochs every trial trains, whatever it reaches.
    """

    model_config = STRICT
    says: ClassVar[str] = "worse than the median of earlier trials"
    name: Literal["median"] = "median"
    startup_trials: Count = 8
    warmup_epochs: Count = 4


class SuccessiveHalving(BaseModel):
    """Of the trials that reach a rung, the best one of ``reduction_factor`` go on to the next, later by that factor.

    Attributes:
        min_epochs: epochs that every trial trains before the first rung.

    Source: Li et al. 2018, "A System for Massively Parallel Hyperparameter Tuning", arXiv:1810.05934.
    """

    model_config = STRICT
    says: ClassVar[str] = "not among the best of the earlier trials that came so far"
    name: Literal["successive_halving"] = "successive_halving"
    min_epochs: Count = 1
    reduction_factor: Factor = 3


class Hyperband(BaseModel):
    """Successive halving in brackets that begin to cut at different epochs; a trial's number decides its bracket.

    Attributes:
        min_epochs: epochs that every trial trains before the first rung of the earliest bracket.

    Source: Li et al. 2018, "Hyperband", Journal of Machine Learning Research 18.
    """

    model_config = STRICT
    says: ClassVar[str] = "not among the best of the earlier trials in its bracket that came so far"
    name: Literal["hyperband"] = "hyperband"
    min_epochs: Count = 1
    reduction_factor: Factor = 3


Pruner = Median | SuccessiveHalving | Hyperband
PRUNERS: Mapping[str, type[Pruner]] = {
    "median": Median,
    "successive_halving": SuccessiveHalving,
    "hyperband": Hyperband,
}


class SearchSettings(BaseModel):
    """The knobs of one search.

    Attributes:
        trials: the budget; a larger one later continues the same study, its first trials unchanged.
        seed: of the sampler, and of every trial's training.
        in_flight: how many trials run at a time: a trial sees the results of all trials but as many before it. It, and
            not the number of workers, decides what the sampler knows, so a search gives the same trials on any machine.
            Workers beyond it idle; a few more than workers keep all of them busy while a long trial ends.
        sampler: who proposes trials, one of :data:`bythebook.search.samplers.SAMPLERS`.
        startup_trials: trials sampled at random before the sampler learns from what finished.
        pruner: when a trial is cut short; None lets every trial finish.
    """

    model_config = STRICT
    trials: Count = 20
    seed: Annotated[int, Field(ge=0)] = 0
    in_flight: Count = 4
    sampler: str = "tpe"
    startup_trials: Count = 8
    pruner: Annotated[Pruner, Field(discriminator="name")] | None = Median()
