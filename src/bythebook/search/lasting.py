"""Optuna's storage, made to last: neither a database that goes away for a while nor a process that dies loses a trial.

The database owns the state of every trial. A trial is made as the one of its number or not at all, and the process that
searches and its first heartbeat are written together with it. What was told once is not told again. So a write whose
answer was lost can be repeated, and of several processes that search one study at most one goes on.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from optuna.exceptions import StorageInternalError, UpdateFinishedTrialError
from optuna.storages import RDBStorage
from optuna.storages._rdb import models
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from bythebook.errors import UserError
from bythebook.search.driver import DRIVER, Driver

log = logging.getLogger(__name__)

INTERVAL, GRACE = 10, 60  # seconds between heartbeats, and after which a process without one counts as dead
PATIENCE, PAUSE = 120.0, 0.5  # seconds that a database may be away, and between two attempts
Answer = TypeVar("Answer")


class LastingStorage(RDBStorage):
    """Studies in a database that may be away for a while.

    Args:
        address: an SQLAlchemy address.
        shown: the address as others may see it.
        options: of the engine.

    Attributes:
        driver: this process.
        in_flight: trials that this process has made or taken over, and that have not finished.
    """

    def __init__(self, address: str, shown: str, options: dict[str, Any]) -> None:
        self.driver, self._shown = Driver.here(), shown
        self.in_flight: set[int] = set()
        super().__init__(address, options, heartbeat_interval=INTERVAL, grace_period=GRACE)

    def repeated(self, action: Callable[[], Answer]) -> Answer:
        """What ``action`` gives, tried again while the database does not answer; so it must be safe to repeat.

        Raises:
            UserError: the database stays away, or is a file that cannot be read or written.
        """
        # A file that does not answer now will not later: who reads or writes it has been waited for.
        patience = 0.0 if self.engine.dialect.name == "sqlite" else PATIENCE
        began = None
        while True:
            try:
                return action()
            except (StorageInternalError, SQLAlchemyError) as error:
                reason = outage(error)
                if reason is None:
                    raise
                if began is None and patience:
                    log.warning("the studies at %s do not answer; trying again for %.0f s", self._shown, patience)
                began = began or time.monotonic()
                if time.monotonic() - began >= patience:
                    said = f"the studies at {self._shown} cannot be read or written: {reason}"
                    raise UserError(f"{said}. What is in them is kept: start again to go on.") from None
                time.sleep(PAUSE)

    def searched_by_another(self, trial: FrozenTrial) -> UserError:
        """What is said when a trial is another process's."""
        kept = trial.system_attrs.get(DRIVER)
        if kept is None:
            return UserError(f"the study at {self._shown} was searched by another process: start again to go on.")
        other = Driver.of(kept).process
        return UserError(
            f"the study at {self._shown} is being searched by another process, {other.pid} on {other.host}; wait for "
            f"it or stop it. If it has died, another can go on {GRACE} s after its last heartbeat."
        )

    def take_over(self, trial: FrozenTrial) -> None:
        """Makes a running trial this process's own."""
        self._once(partial(super().set_trial_system_attr, trial._trial_id, DRIVER, self.driver.stored()))
        self.repeated(partial(self.record_heartbeat, trial._trial_id))
        self.in_flight.add(trial._trial_id)

    def let_go(self) -> None:
        """Leaves what is still running, and still this process's, to whoever comes next, if the database answers."""
        try:
            for trial_id in self.in_flight:
                if self._is_mine(self.get_trial_system_attrs(trial_id)):
                    super().set_trial_system_attr(trial_id, DRIVER, None)
        except (StorageInternalError, SQLAlchemyError, UpdateFinishedTrialError) as error:
            log.debug("running trials are not let go: %s", error)

    def _is_mine(self, attributes: Mapping[str, Any]) -> bool:
        return (attributes.get(DRIVER) or {}).get("token") == self.driver.token

    def beat(self) -> None:
        """Shows that this process lives."""
        try:
            for trial_id in list(self.in_flight):
                self.record_heartbeat(trial_id)
        except (StorageInternalError, SQLAlchemyError) as error:
            log.debug("no heartbeat: %s", error)

    def _create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> FrozenTrial:
        try:
            made = self.repeated(partial(super()._create_new_trial, study_id, template_trial))
        except _AlreadyThereError as there:
            made = self.get_trial(self.get_trial_id_from_study_id_trial_number(study_id, there.number))
            if not self._is_mine(made.system_attrs):
                raise self.searched_by_another(made) from None
        self.in_flight.add(made._trial_id)
        return made

    def _get_prepared_new_trial(self, study_id: int, template_trial: FrozenTrial | None, session: Session) -> Any:
        trial = super()._get_prepared_new_trial(study_id, template_trial, session)
        wanted: Any = trial.number if template_trial is None else template_trial.number
        if trial.number > wanted:
            raise _AlreadyThereError(wanted)
        if trial.number < wanted:
            raise UserError(f"the studies at {self._shown} have lost trials that were there: start again to go on.")
        trial_id: Any = trial.trial_id
        attributes = models.TrialSystemAttributeModel
        self._set_trial_attr_without_commit(session, attributes, trial_id, DRIVER, self.driver.stored())
        session.add(models.TrialHeartbeatModel(trial_id=trial_id))
        return trial

    def set_trial_state_values(self, trial_id: int, state: TrialState, values: Sequence[float] | None = None) -> bool:
        """Ends a trial, unless it has ended: an earlier attempt, or who took over, has told the same of it."""
        told = self._once(partial(super().set_trial_state_values, trial_id, state, values))
        self.in_flight.discard(trial_id)
        return told is not False

    def set_trial_intermediate_value(self, trial_id: int, step: int, intermediate_value: float) -> None:
        """Notes a value of a trial that has not ended."""
        self._once(partial(super().set_trial_intermediate_value, trial_id, step, intermediate_value))

    def set_trial_user_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Notes something about a trial that has not ended."""
        self._once(partial(super().set_trial_user_attr, trial_id, key, value))

    def _once(self, action: Callable[[], Answer]) -> Answer | None:
        try:
            return self.repeated(action)
        except UpdateFinishedTrialError:
            return None

    def create_new_study(self, directions: Sequence[StudyDirection], study_name: str | None = None) -> int:
        """Makes a study, or fails because it is there."""
        return self.repeated(partial(super().create_new_study, directions, study_name))

    def get_study_id_from_name(self, study_name: str) -> int:
        """The number of a study."""
        return self.repeated(partial(super().get_study_id_from_name, study_name))

    def get_study_directions(self, study_id: int) -> list[StudyDirection]:
        """Whether each objective is to be large or small."""
        return self.repeated(partial(super().get_study_directions, study_id))

    def get_trial_id_from_study_id_trial_number(self, study_id: int, trial_number: int) -> int:
        """What the database calls a trial."""
        return self.repeated(partial(super().get_trial_id_from_study_id_trial_number, study_id, trial_number))

    def get_trial(self, trial_id: int) -> FrozenTrial:
        """A trial as it is now."""
        return self.repeated(partial(super().get_trial, trial_id))

    def _get_trials(self, *arguments: Any, **options: Any) -> list[FrozenTrial]:
        return self.repeated(partial(super()._get_trials, *arguments, **options))

    def _get_stale_trial_ids(self, study_id: int) -> list[int]:
        return self.repeated(partial(super()._get_stale_trial_ids, study_id))


class _AlreadyThereError(Exception):
    """There is a trial of that number."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(number)


def outage(error: BaseException) -> str | None:
    """Why a database does not answer, in one line; None if it did, but not with what was wanted."""
    cause = error.__cause__ if isinstance(error, StorageInternalError) else error
    if isinstance(cause, OperationalError) or (isinstance(cause, DBAPIError) and cause.connection_invalidated):
        return reason_of(cause)
    return None


def reason_of(error: BaseException) -> str:
    """What an error says, in one line and without SQL."""
    told = error.orig if isinstance(error, DBAPIError) else error
    return next(iter(str(told).strip().splitlines()), type(told).__name__).rstrip(".")
