"""The schema of ``params.yaml``: what a user may turn, and what is wrong with it, all at once.

Whether the data set and its classes exist is checked by the stages that read them, and by ``bythebook check``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field

from bythebook.errors import UserError, unknown
from bythebook.validation import STRICT, Count
from pipeline.params_data import DataSet, Names, Seed, TaskParams


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.username is not None or parts.query:
        # Whatever is secret in it is not repeated.
        raise ValueError("an address without user name, password and query is expected: reports are for all to read.")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("an address such as http://127.0.0.1:5000 is expected")
    return value


def _database(value: str) -> str:
    parts = urlsplit(value)
    if parts.password is not None or parts.query:
        # It is not repeated.
        raise ValueError("an address without a password is expected; one with it belongs into BYTHEBOOK_STUDIES.")
    if parts.scheme != "postgresql" or not parts.hostname:
        raise ValueError("an address such as postgresql://user@host/database is expected, or null")
    return value


def _cluster(value: str) -> str:
    host, _, port = value.rpartition(":")
    if value != "auto" and not (host and "/" not in host and port.isdecimal()):
        raise ValueError("auto, the host:port of a cluster's head, or null is expected")
    return value


class SuiteParams(BaseModel):
    """What a suite of recipes is run on."""

    model_config = STRICT
    dataset: str


class Standardize(BaseModel):
    """How pixels are scaled."""

    model_config = STRICT
    min_deviation: Annotated[float, Field(gt=0, lt=1)]


class Budget(BaseModel):
    """How much is run: seeds of every comparison, share of the declared epochs of suites, trials of each search.

    ``pairs`` is how many of all pairs of classes a transfer study takes that is about all; ``leave_out`` names suites
    and searches that are not run at all.
    """

    model_config = STRICT
    seeds: Annotated[int, Field(ge=1, le=1000)]
    epochs: Annotated[float, Field(gt=0, le=1)]
    trials: Annotated[int, Field(ge=1, le=1_000_000)]
    pairs: Count | None = None
    leave_out: Names = []


class Transfer(BaseModel):
    """What transfer studies are run on that name no tasks, and the seed by which pairs of classes are drawn."""

    model_config = STRICT
    tasks: Names
    seed: Seed = 42
    overrides: dict[str, Any]


class SearchParams(BaseModel):
    """How each search is made."""

    model_config = STRICT
    in_flight: Count
    seed: Seed
    overrides: dict[str, Any]


class Champion(BaseModel):
    """How the champion is chosen."""

    model_config = STRICT
    shortlist: Count


class EvaluationParams(BaseModel):
    """What is measured besides plain predictions."""

    model_config = STRICT
    passes: Count
    noise: Annotated[float, Field(gt=0)]


class TrainingParams(BaseModel):
    """How nets are trained."""

    model_config = STRICT
    loop: Literal["auto", "fused", "plain"]
    resident_gib: Annotated[float, Field(gt=0)]


class Ray(BaseModel):
    """Which Ray cluster ``executor: ray`` runs on, and where its machines keep their files."""

    model_config = STRICT
    address: Annotated[str, AfterValidator(_cluster)] | None
    folder: Annotated[str, Field(min_length=1)]


class Params(BaseModel):
    """Everything in ``params.yaml``."""

    model_config = STRICT
    dataset: str
    mirror: str | None
    datasets: dict[str, DataSet]
    standardize: Standardize
    tasks: dict[str, TaskParams]
    budget: str
    budgets: dict[str, Budget]
    suites: dict[str, SuiteParams]
    overrides: dict[str, Any]
    transfers: Names
    transfer: Transfer
    searches: Names
    search: SearchParams
    champion: Champion
    evaluation: EvaluationParams
    probes: Names
    workers: Annotated[int, Field(ge=1, le=1024)]
    executor: Literal["local", "ray"]
    ray: Ray
    studies: Annotated[str, AfterValidator(_database)] | None
    training: TrainingParams
    mlflow_ui: Annotated[str, AfterValidator(_web_address)]
    gate: dict[str, Annotated[float, Field(ge=0)]]

    @property
    def chosen(self) -> Budget:
        """The budget that is spent."""
        return self.budgets[self.budget]

    def declared(self, dataset: str) -> DataSet:
        """What is said of a dataset.

        Raises:
            UserError: there is no such dataset among the parameters.
        """
        if dataset not in self.datasets:
            raise UserError(f"datasets: {unknown('dataset', dataset, self.datasets)}")
        return self.datasets[dataset]

    def dataset_of(self, suite: str) -> str:
        """What a suite is run on.

        Raises:
            UserError: there is no such suite among the parameters.
        """
        if suite not in self.suites:
            raise UserError(f"suites: {unknown('suite', suite, self.suites)}")
        return self.suites[suite].dataset

    @property
    def chosen_suites(self) -> list[str]:
        """The suites that the budget does not leave out."""
        return [name for name in self.suites if name not in self.chosen.leave_out]

    @property
    def chosen_searches(self) -> list[str]:
        """The searches that the budget does not leave out."""
        return [name for name in self.searches if name not in self.chosen.leave_out]

    @property
    def seeds(self) -> list[int]:
        """The seeds of every comparison."""
        return list(range(self.chosen.seeds))
