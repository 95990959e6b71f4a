"""A connection to an MLflow store, checked before use."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tenacity import Retrying, stop_after_attempt, wait_fixed

from bythebook.errors import UserError
from bythebook.passwords import hide, scrub
from bythebook.tracking import addresses, database
from bythebook.tracking.library import mlflow

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

log = logging.getLogger(__name__)

PAGE = 1000
# Without it the user interface opens an experiment among the views for language models.
KIND = {"mlflow.experimentKind": "custom_model_development"}
PAUSE_SECONDS = 0.5
ADVICE = "Mend that or give another address, then run `make publish`: every run is on disk, nothing is lost."
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Store:
    """An MLflow store that answered.

    Attributes:
        address: where it is; may hold a password, so it is never shown as it is.
        client: MLflow's client for it.
        artifacts: the folder for files, or None where the server decides.
    """

    address: str
    client: MlflowClient
    artifacts: Path | None

    def experiment(self, name: str, about: str = "") -> str:
        """The id of the experiment, which is created or restored if need be; ``about`` describes a new one."""
        found = self.client.get_experiment_by_name(name)
        if found is None:
            location = (self.artifacts / name).as_uri() if self.artifacts else None
            tags = KIND | ({"mlflow.note.content": about} if about else {})
            return str(self.client.create_experiment(name, location, tags))
        if found.lifecycle_stage == "deleted":
            self.client.restore_experiment(found.experiment_id)
        return str(found.experiment_id)

    def runs(self, experiment_ids: list[str], condition: str = "") -> list[Run]:
        """Every run of the experiments that meets the condition, oldest first."""
        found: list[Run] = []
        token = None
        while experiment_ids:
            page = self.client.search_runs(
                experiment_ids, condition, max_results=PAGE, order_by=["attributes.start_time ASC"], page_token=token
            )
            found += page
            token = page.token
            if not token:
                break
        return found

    def experiment_ids(self) -> list[str]:
        """The ids of all experiments."""
        found: list[Any] = []
        token = None
        while True:
            page = self.client.search_experiments(max_results=PAGE, page_token=token)
            found += page
            token = page.token
            if not token:
                return [str(experiment.experiment_id) for experiment in found]


def connect(address: str) -> Store:
    """Opens the store at an absolute address; a new SQLite file or database gets MLflow's tables.

    Beside an SQLite file lies the folder for the runs' files.

    Args:
        address: as :func:`bythebook.tracking.addresses.resolve` gives it.

    Raises:
        UserError: the store does not answer or cannot be used; says what to do, with the password hidden.
    """
    addresses.check_reachable(address)
    file = addresses.sqlite_file(address)
    folder = file.parent / addresses.ARTIFACTS if file else None
    with explained(address):
        if file:
            database.create(file)
        elif addresses.scheme(address) in addresses.PORTS:
            database.log_in(address)
        client = mlflow("mlflow.tracking").MlflowClient(address, registry_uri=address)
        repeated(lambda: client.search_experiments(max_results=1))
    return Store(address, client, folder)


@contextmanager
def explained(address: str) -> Iterator[None]:
    """Turns what MLflow or the network raise in the block into a :class:`UserError` that says what to do."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (
        mlflow("mlflow.exceptions").MlflowException,
        SQLAlchemyError,
        ImportError,
        OSError,
    ) as error:
        log.debug("the tracking store failed", exc_info=error)
        raise UserError(f"{unusable(address, error)}. {_advice(error)}") from None


def repeated(action: Callable[[], Answer]) -> Answer:
    """Return the answer of ``action``, which is tried again once after a pause; so it must be safe to repeat."""
    return Retrying(stop=stop_after_attempt(2), wait=wait_fixed(PAUSE_SECONDS), reraise=True)(action)


def unusable(address: str, error: BaseException) -> str:
    """One sentence on why a store cannot be used, without secrets and without a traceback."""
    if isinstance(error, UserError):
        return str(error).removesuffix(ADVICE).rstrip(". ")
    text = str(error)
    if "failed with exception" in text or "failed with timeout" in text:
        return f"the tracking server {hide(address)} does not answer"
    lines = [line.strip() for line in scrub(text, address).splitlines() if line.strip()]
    reason = (lines[0] if lines else type(error).__name__)[:300].rstrip(".")
    return f"the tracking store {hide(address)} cannot be used: {reason}"


def _advice(error: BaseException) -> str:
    if "mlflow db upgrade" in str(error):
        return "Run `mlflow db upgrade` with its address, or give another address."
    return ADVICE
