"""The model registry: every choice of a champion becomes a version, and the better one carries the alias."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bythebook.statistics import paired_difference, verdict
from bythebook.tracking.connection import Store, connect, explained, repeated
from bythebook.tracking.context import Context
from bythebook.tracking.library import process_wide
from bythebook.tracking.model import CHOICE, ChampionModel, log_model

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

CHAMPION, CHALLENGER = "champion", "challenger"

DATA = "digest.data"
VALIDATION = "validation_accuracy"
DECISION = "decision"
FEWEST_PAIRS = 2


@dataclass(frozen=True)
class RegistrationResult:
    """What became of a model.

    Attributes:
        version: the number of its version in this registry.
        alias: ``champion`` or ``challenger``; None when it was registered before and has lost its alias since.
        created: whether the version is new.
        message: one sentence for the user.
    """

    name: str
    version: int
    alias: str | None
    created: bool
    message: str


def register_champion(address: str, model_name: str, champion: ChampionModel, context: Context) -> RegistrationResult:
    """Registers a chosen model; the same choice again registers nothing.

    The alias ``champion`` moves only if there is none yet, or if this model beats the present champion on validation
    accuracy, paired over the seeds that both were trained with, on the same data. Else it becomes ``challenger``.

    Args:
        address: the store, as :func:`bythebook.tracking.addresses.resolve` gives it.
        model_name: the name in the registry.

    Raises:
        UserError: the store does not answer or refuses.
    """
    store = connect(address)
    with explained(address), process_wide(address):
        return repeated(lambda: _register(store, model_name, champion, context))


def _register(store: Store, name: str, champion: ChampionModel, context: Context) -> RegistrationResult:
    versions = _versions(store, name)
    version = next((version for version in versions if version.tags.get(CHOICE) == champion.choice_key), None)
    created = version is None
    if version is None:
        version = _create(store, name, champion, context)
    if DECISION not in version.tags:
        _decide(store, name, version, champion)
    return _result(store, name, int(version.version), created)


def _versions(store: Store, name: str) -> list[ModelVersion]:
    # The registry's search answers with an empty list for a name that does not exist.
    found: list[ModelVersion] = []
    token = None
    while True:
        page = store.client.search_model_versions(f"name = '{name}'", page_token=token)
        found += page
        token = page.token
        if not token:
            return found


def _create(store: Store, name: str, champion: ChampionModel, context: Context) -> ModelVersion:
    logged = log_model(store, name, champion)
    if not store.client.search_registered_models(f"name = '{name}'"):
        store.client.create_registered_model(name, description="The recipe chosen on validation data.")
    tags = {
        CHOICE: champion.choice_key,
        DATA: champion.data_digest,
        VALIDATION: json.dumps({str(seed): value for seed, value in sorted(champion.validation.items())}),
        "recipe": champion.name,
        "dataset": champion.dataset,
    }
    if context.commit:
        tags |= {"git.commit": context.commit, "git.dirty": str(context.dirty).lower()}
    return store.client.create_model_version(
        name,
        source=f"models:/{logged.model_id}",
        run_id=logged.source_run_id,
        tags=tags,
        description=champion.description,
        model_id=logged.model_id,
    )


def _decide(store: Store, name: str, version: ModelVersion, champion: ChampionModel) -> None:
    present = _present_champion(store, name)
    if present is None:
        alias, reason = CHAMPION, "the first one registered"
    else:
        wins, reason = compare(present.tags, champion, f"version {present.version} ('{present.tags.get('recipe')}')")
        alias = CHAMPION if wins else CHALLENGER
    store.client.set_registered_model_alias(name, alias, version.version)
    # The decision comes last: a version without one was cut off and is decided the next time.
    store.client.set_model_version_tag(name, version.version, DECISION, f"{alias}: {reason}")


def compare(present: Mapping[str, str], champion: ChampionModel, called: str) -> tuple[bool, str]:
    """Whether a model beats the present champion, and why or why not.

    Args:
        present: the tags of the present champion's version.
        called: how the present champion is called in the reason.
    """
    if present.get(DATA) != champion.data_digest:
        return False, f"{called} was chosen on other data, so they cannot be compared"
    before = {int(seed): value for seed, value in json.loads(present.get(VALIDATION, "{}")).items()}
    seeds = sorted(before.keys() & champion.validation.keys())
    if len(seeds) < FEWEST_PAIRS:
        return False, f"only {len(seeds)} seed(s) in common with {called}; a comparison needs {FEWEST_PAIRS}"
    difference = paired_difference([before[seed] for seed in seeds], [champion.validation[seed] for seed in seeds])
    low, high = difference.ends or (difference.mean, difference.mean)
    measured = (
        f"{difference.mean:+.4f} validation accuracy against {called}, "
        f"95% interval {low:+.4f} to {high:+.4f} over {len(seeds)} seeds"
    )
    return verdict(difference) == "supported", measured


def _present_champion(store: Store, name: str) -> ModelVersion | None:
    aliases = store.client.get_registered_model(name).aliases
    return store.client.get_model_version(name, aliases[CHAMPION]) if CHAMPION in aliases else None


def _result(store: Store, name: str, number: int, created: bool) -> RegistrationResult:
    held = [
        alias for alias, version in store.client.get_registered_model(name).aliases.items() if int(version) == number
    ]
    alias = CHAMPION if CHAMPION in held else CHALLENGER if CHALLENGER in held else None
    decision = store.client.get_model_version(name, str(number)).tags[DECISION]
    verb = "registered as" if created else "was registered before as"
    return RegistrationResult(name, number, alias, created, f"{verb} '{name}' version {number}: {decision}.")
