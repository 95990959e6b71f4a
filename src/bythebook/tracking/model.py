"""A trained Keras model as MLflow keeps it: with signature, input example and exact requirements."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal

from bythebook.tracking.connection import Store
from bythebook.tracking.library import mlflow
from bythebook.tracking.tags import KEY, best

if TYPE_CHECKING:
    import numpy as np
    from mlflow.entities import LoggedModel

CHOICE = "bythebook.choice"
REQUIRED = ("tensorflow", "keras", "numpy")
READY: Literal["READY"] = "READY"


@dataclass(frozen=True)
class ChampionModel:
    """A chosen model, not built yet.

    Attributes:
        choice_key: what decided the choice; the same key is registered once.
        name: the name of the chosen recipe.
        description: a sentence or two for readers, Markdown.
        experiment: the name of the MLflow experiment that has the runs of the shortlist.
        dataset: the name of the dataset.
        data_digest: the digest of the training and validation data.
        validation: validation accuracy by seed.
        run_key: the key of the run that the model comes from; it links to that run if MLflow has it.
        build: makes the model; called only when there is something to register.
        example: a few inputs, shape (k, ...), in the dtype that the model takes.
    """

    choice_key: str
    name: str
    description: str
    experiment: str
    dataset: str
    data_digest: str
    validation: Mapping[int, float]
    run_key: str
    build: Callable[[], Any]
    example: np.ndarray


def log_model(store: Store, model_name: str, champion: ChampionModel) -> LoggedModel:
    """The model in MLflow; saved and sent unless an earlier attempt did so already."""
    client, experiment_id = store.client, store.experiment(champion.experiment)
    condition = f"tags.`{CHOICE}` = '{champion.choice_key}'"
    for found in client.search_logged_models([experiment_id], filter_string=condition):
        if found.status == READY:
            return found
        client.delete_logged_model(found.model_id)
    runs = store.runs([experiment_id], f"tags.`{KEY}` = '{champion.run_key}'")
    run_id = best(runs).info.run_id if runs else None
    tags = {CHOICE: champion.choice_key, "recipe": champion.name}
    logged = client.create_logged_model(experiment_id, model_name, run_id, tags, model_type="image classifier")
    with tempfile.TemporaryDirectory() as folder:
        _save(champion, folder, logged)
        client.log_model_artifacts(logged.model_id, folder)
    if run_id:
        output = mlflow("mlflow.entities").LoggedModelOutput(logged.model_id, step=0)
        client.log_outputs(run_id, [output])
    return client.finalize_logged_model(logged.model_id, READY)


def _save(champion: ChampionModel, folder: str, logged: LoggedModel) -> None:
    # Not by `mlflow.keras.log_model`: it works on a process-wide tracking address and a process-wide active run.
    models = mlflow("mlflow.models")
    built = champion.build()
    predicted = built.predict(champion.example, verbose=0)
    mlflow("mlflow.keras").save_model(
        built,
        folder,
        mlflow_model=models.Model(
            artifact_path=logged.artifact_location, run_id=logged.source_run_id, model_id=logged.model_id
        ),
        signature=models.infer_signature(champion.example, predicted),
        input_example=champion.example,
        pip_requirements=[f"{name}=={version(name)}" for name in REQUIRED],
    )
