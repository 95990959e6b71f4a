"""The champion in MLflow's registry: called when it is chosen, and again whenever results are published."""

from __future__ import annotations

import hashlib

import numpy as np

from bythebook.documents import canonical_json
from bythebook.records.run import WEIGHTS
from bythebook.records.suite import Suite
from bythebook.serving import servable
from bythebook.tracking.registry import ChampionModel, register_champion
from bythebook.training.determinism import prepare_process
from pipeline import mlflow_settings, project, stage

EXAMPLES = 3
EXAMPLES_OF = {"uint8": "uint8 images", "float32": "float32 features"}


def register(suite: Suite) -> None:
    """Registers the chosen model of the champion's suite, unless the registry has it already.

    An experiment that DVC runs aside is a try: what is served is not replaced before it has been applied.

    Raises:
        UserError: MLflow does not answer.
    """
    if project.is_experiment():
        stage.log.info(
            "champion: an experiment's is not registered; `dvc exp apply`, then `make publish`, registers it"
        )
        return
    choice = suite.choice
    chosen, seed = choice.chosen, choice.model_seed
    entry = next(entry for entry in suite.by_name()[chosen] if entry.seed == seed)
    refit = choice.winner
    validation = dict(zip(refit.seeds, refit.values, strict=True))
    weights = entry.directory / WEIGHTS
    stored = np.array(np.load(stage.standardized(suite.dataset) / "train" / "images.npy", mmap_mode="r")[:EXAMPLES])
    example = stored if stored.dtype == np.uint8 else stored.astype(np.float32)

    def build() -> object:
        prepare_process()
        return servable(entry.record, weights, stage.standardized(suite.dataset) / "statistics.npz")

    champion = ChampionModel(
        choice_key=hashlib.sha256(canonical_json([entry.key, choice.as_json()["shortlist"]])).hexdigest(),
        name=chosen,
        description=(
            f"`{chosen}`, chosen by mean {choice.metric} over {refit.n} seeds: {refit.mean:.4f}."
            f" Takes {EXAMPLES_OF[example.dtype.name]}, scales them itself. These are the weights of seed {seed}."
        ),
        experiment=suite.experiment,
        dataset=suite.dataset,
        data_digest=entry.record.identity.data.digest,
        validation=validation,
        run_key=entry.key,
        build=build,
        example=example,
    )
    name = f"bythebook-{suite.dataset}"
    result = register_champion(mlflow_settings.address(), name, champion, mlflow_settings.context("champion"))
    stage.log.info("champion: %s", result.message)
