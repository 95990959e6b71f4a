from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_suites import DATA_DIGEST, made_record, write_suite_folder
from mlflow.tracking import MlflowClient
from seen_store import Seen

from bythebook.errors import UserError
from bythebook.tracking import Context, publish, resolve
from bythebook.tracking.model import ChampionModel
from bythebook.tracking.registry import RegistrationResult, register_champion

NAME = "bythebook-digits"
RECORD = made_record("relu", 0)
FIRST = {0: 0.90, 1: 0.91, 2: 0.92}


def tiny_model() -> Any:
    import keras

    keras.utils.set_random_seed(0)
    image = keras.Input((8, 8), dtype="uint8")
    layers = [keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")]
    return keras.Sequential([image, *layers])


def must_not_be_built() -> Any:
    raise AssertionError("there is nothing to register")


def register(
    address: str, choice: str, validation: dict[int, float], digest: str = DATA_DIGEST, build: Any = tiny_model
) -> RegistrationResult:
    champion = ChampionModel(
        choice_key=choice,
        name="relu",
        description="Chosen on validation data.",
        experiment="digits/champion",
        dataset="digits",
        data_digest=digest,
        validation=validation,
        run_key=RECORD.key,
        build=build,
        example=np.arange(128, dtype=np.uint8).reshape(2, 8, 8),
    )
    return register_champion(address, NAME, champion, Context("c0ffee", True, "champion"))


@pytest.fixture(scope="module")
def store_with_first(template: Path, tmp_path_factory: pytest.TempPathFactory, tensorflow: None) -> Path:
    """A database in which one model is registered, which takes a second."""
    folder = tmp_path_factory.mktemp("registered")
    shutil.copyfile(template, folder / "mlflow.db")
    register(resolve(None, folder), "first", FIRST)
    return folder / "mlflow.db"


@pytest.fixture
def with_first(store_with_first: Path, tmp_path: Path) -> str:
    """A store of one's own in which one model is registered."""
    shutil.copyfile(store_with_first, tmp_path / "mlflow.db")
    return resolve(None, tmp_path)


def aliases(address: str) -> dict[str, int]:
    found = MlflowClient(address).get_registered_model(NAME).aliases
    return {alias: int(version) for alias, version in found.items()}


def test_the_first_model_is_champion_and_can_be_loaded(
    address: str, seen: Seen, context: Context, tmp_path: Path, tensorflow: None
) -> None:
    import mlflow

    suite = write_suite_folder(tmp_path / "champion", {"relu": [RECORD]}, "champion")
    publish(address, [suite], None, context, lambda key: None)
    result = register(address, "first", FIRST)
    assert (result.version, result.alias, result.created) == (1, "champion", True)
    version = seen.client.get_model_version(NAME, "1")
    run = seen.children("digits/champion")[RECORD.key]
    assert version.run_id == run.info.run_id
    assert run.info.status == "FINISHED"
    assert version.tags["validation_accuracy"] == '{"0": 0.9, "1": 0.91, "2": 0.92}'
    (logged,) = seen.client.search_logged_models([run.info.experiment_id])
    folder = Path(logged.artifact_location.removeprefix("file://"))
    model = mlflow.keras.load_model(str(folder))
    images = np.arange(128, dtype=np.uint8).reshape(2, 8, 8)
    np.testing.assert_array_equal(model.predict(images, verbose=0), tiny_model().predict(images, verbose=0))
    served = mlflow.pyfunc.load_model(str(folder))
    assert str(served.metadata.signature.inputs.inputs[0].type) == "uint8"
    np.testing.assert_array_equal(np.array(served.input_example), images)
    required = (folder / "requirements.txt").read_text().split()
    assert [line.partition("==")[0] for line in required] == ["mlflow", "tensorflow", "keras", "numpy"]
    assert all("==" in line for line in required)
    assert (folder / "data" / "model.keras").is_file()


def test_the_same_choice_registers_nothing_and_builds_nothing(with_first: str) -> None:
    again = register(with_first, "first", FIRST, build=must_not_be_built)
    assert (again.version, again.alias, again.created) == (1, "champion", False)
    assert aliases(with_first) == {"champion": 1}


@pytest.mark.parametrize(
    ("validation", "digest", "alias", "because"),
    [
        ({0: 0.93, 1: 0.941, 2: 0.952}, DATA_DIGEST, "champion", "+0.0310"),
        ({0: 0.93, 1: 0.941, 2: 0.952, 7: 0.1}, DATA_DIGEST, "champion", "over 3 seeds"),
        ({0: 0.91, 1: 0.90, 2: 0.93}, DATA_DIGEST, "challenger", "95% interval"),
        ({0: 0.80, 1: 0.81, 2: 0.82}, DATA_DIGEST, "challenger", "-0.1000"),
        ({0: 0.99, 8: 0.99, 9: 0.99}, DATA_DIGEST, "challenger", "only 1 seed(s) in common"),
        ({0: 0.99, 1: 0.99, 2: 0.99}, "0ther", "challenger", "chosen on other data"),
    ],
)
def test_the_alias_moves_only_to_a_model_that_is_better_on_paired_seeds(
    with_first: str, validation: dict[int, float], digest: str, alias: str, because: str
) -> None:
    result = register(with_first, "second", validation, digest)
    assert (result.version, result.alias) == (2, alias)
    assert because in result.message
    assert because in MlflowClient(with_first).get_model_version(NAME, "2").tags["decision"]
    assert aliases(with_first) == ({"champion": 2} if alias == "champion" else {"champion": 1, "challenger": 2})


def test_a_registration_that_was_cut_off_is_finished(with_first: str) -> None:
    client = MlflowClient(with_first)
    client.delete_registered_model_alias(NAME, "champion")
    client.delete_model_version_tag(NAME, "1", "decision")
    assert register(with_first, "first", FIRST, build=must_not_be_built).alias == "champion"
    client.delete_model_version(NAME, "1")
    # The version is gone, the logged model is not: it is registered without being built again.
    assert register(with_first, "first", FIRST, build=must_not_be_built).created


def test_registering_leaves_the_process_as_it_was(with_first: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://mine:5000")
    assert register(with_first, "second", FIRST).created
    assert os.environ["MLFLOW_TRACKING_URI"] == "http://mine:5000"


def test_a_registry_that_does_not_answer_is_an_error(context: Context) -> None:
    example = np.zeros((1, 8, 8), np.uint8)
    told = ("key", "relu", "", "digits/champion", "digits", DATA_DIGEST)
    champion = ChampionModel(*told, FIRST, "run", must_not_be_built, example)
    with pytest.raises(UserError, match=r"http://me:\*\*\*@127.0.0.1:9 does not answer"):
        register_champion("http://me:canary@127.0.0.1:9", NAME, champion, context)
