"""What a search is told besides its guideline: how many trials, how many at a time, and how bad ones are cut short."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class PrunerSettings(BaseModel):
    """Median pruning: a trial stops when its best validation accuracy so far is below the median of earlier trials'.

    Attributes:
        startup_trials: complete trials that a trial must see before it can be pruned.
        warmup_epochs: epochs every trial trains, whatever its accuracy.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    startup_trials: Annotated[int, Field(ge=1)] = 8
    warmup_epochs: Annotated[int, Field(ge=1)] = 4


class SearchSettings(BaseModel):
    """The knobs of one search.

    Attributes:
        trials: the budget; a larger one later continues the same study, its first trials unchanged.
        seed: of the sampler, and of every trial's training.
        in_flight: how many trials run at a time: a trial sees the results of all trials but as many before it. It, and
            not the number of workers, decides what the sampler knows, so a search gives the same trials on any machine.
            Workers beyond it idle; a few more than workers keep all of them busy while a long trial ends.
        startup_trials: trials sampled at random before the sampler learns from what finished.
        pruner: when a trial is cut short; None lets every trial finish.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    trials: Annotated[int, Field(ge=1)] = 20
    seed: Annotated[int, Field(ge=0)] = 0
    in_flight: Annotated[int, Field(ge=1)] = 4
    startup_trials: Annotated[int, Field(ge=1)] = 8
    pruner: PrunerSettings | None = PrunerSettings()
