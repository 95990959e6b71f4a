"""One process per study: a search refuses to begin while another one lives, and takes over from one that has died.

Trials that are running say who searches, and their heartbeats whether that process lives. On its own machine a process
that has ended is known at once; otherwise it counts as dead when its heartbeats have stopped for a while, by the
database's clock.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from optuna.trial import FrozenTrial, TrialState

from bythebook.search.driver import DRIVER, Driver
from bythebook.search.lasting import INTERVAL, LastingStorage


@contextmanager
def owned(storage: LastingStorage, study_id: int) -> Iterator[None]:
    """Lets this process alone search a study while the block runs.

    Trials that another one has left running are this one's then. When the block ends they are left to the next.

    Raises:
        UserError: another process searches it.
    """
    running = [trial for trial in storage.get_all_trials(study_id) if trial.state == TrialState.RUNNING]
    stale = set(storage._get_stale_trial_ids(study_id))
    for trial in running:
        if trial._trial_id not in stale and _lives(trial, storage.driver):
            raise storage.searched_by_another(trial)
    for trial in running:
        storage.take_over(trial)
    over = threading.Event()
    beating = threading.Thread(target=_beat, args=(storage, over), daemon=True)
    beating.start()
    try:
        yield
    finally:
        over.set()
        beating.join()
        storage.let_go()


def _lives(trial: FrozenTrial, here: Driver) -> bool:
    """Whether the process that left a trial running may still be searching; one without a name has let go of it."""
    kept = trial.system_attrs.get(DRIVER)
    return kept is not None and not Driver.of(kept).has_ended(here)


def _beat(storage: LastingStorage, over: threading.Event) -> None:
    while not over.wait(INTERVAL):
        storage.beat()
    storage.remove_session()
