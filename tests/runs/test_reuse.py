"""Nets on the lower layers of other nets, trained for real on A/B tasks of the handwritten digits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_suite

from bythebook import catalogue, network, recipe
from bythebook.datasets import splits
from bythebook.datasets.task_declaration import Task
from bythebook.datasets.tasks import split_tasks
from bythebook.documents import read_json, write_json
from bythebook.errors import UserError
from bythebook.files import sha256_of
from bythebook.lazy import keras
from bythebook.records.run import WEIGHTS, PhaseRecord
from bythebook.runs.fanout import complete, expected, waves
from bythebook.runs.loading import load_model
from bythebook.runs.memo import Memo
from bythebook.runs.run import Run
from bythebook.runs.training_run import TrainingTask, train_run
from bythebook.runs.view import DataView
from bythebook.techniques.strategies import Strategy

HIDDEN = [12, 8, 6]
BASE: dict[str, Any] = {"hidden": HIDDEN, "scaling": "unit", "epochs": 2, "optimizer": "momentum"}
ON_B = {"output": "sigmoid", "loss": "binary_crossentropy"}
Trained = Callable[[Run], dict[str, Any]]


@dataclass(frozen=True)
class Place:
    """The standardized digits, a task of them and a memo."""

    data: Path
    task: Path
    memo: Path

    def run(self, name: str, delta: dict[str, Any], side: str | None, strategy: Any = None, **more: Any) -> Run:
        view = DataView.of(self.data, self.task, side) if side else DataView.of(self.data)
        declared = catalogue.resolve("strategy", strategy, "s") if strategy else None
        return Run(name, 0, recipe.resolve({**BASE, **delta}, name), view, strategy=declared, **more)

    def trained(self, run: Run) -> dict[str, Any]:
        """The run's record; it is trained once."""
        # As in a worker, where nothing else is built: saved weights hold the names that Keras gives to layers.
        keras.backend.clear_session(free_memory=False)
        return Memo(self.memo).record(run.key) or train_run(TrainingTask(run, self.memo), lambda event: None)

    def layers(self, run: Run) -> list[list[np.ndarray]]:
        """The weights of every hidden layer, as they are saved."""
        model = load_model(self.trained(run), self.weights(run))
        return [[weight for layer in block for weight in layer.get_weights()] for block in network.hidden_blocks(model)]

    def weights(self, run: Run) -> Path:
        return Memo(self.memo).directory(run.key) / WEIGHTS


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, tensorflow: None) -> Place:
    folder = tmp_path_factory.mktemp("reuse")
    data = small_suite.digits(folder)
    split_tasks(data, folder / "tasks", {"t": Task((3, 8), 60)})
    return Place(data, folder / "tasks" / "t", folder / "work" / "memo")


@pytest.fixture(scope="module")
def model_a(place: Place) -> Run:
    run = place.run("a", {}, "a")
    assert place.trained(run).status == "finished"
    return run


def equal(one: list[list[np.ndarray]], other: list[list[np.ndarray]]) -> list[bool]:
    return [all(map(np.array_equal, mine, yours)) for mine, yours in zip(one, other, strict=True)]


def test_as_many_layers_as_asked_for_are_those_of_the_source(place: Place, model_a: Run) -> None:
    strategy = {"name": "frozen", "epochs": 1, "reused": 2}
    run = place.run("b", ON_B, "b", strategy, source=model_a.key)
    record = place.trained(run)
    assert (record.status, record.shared) == ("finished", None)
    assert record.phases == (PhaseRecord(name="frozen", first_epoch=0, epochs=1),)
    assert equal(place.layers(run), place.layers(model_a)) == [True, True, False]
    # What is not reused is new, and learns.
    assert record.trainable_parameters == (8 + 1) * 6 + (6 + 1)


@pytest.mark.parametrize(
    ("target", "strategy", "outputs"),
    [("reconstruction", "autoencoder_then_finetune", 64), ("rotation", "auxiliary_then_finetune", 4)],
)
def test_layers_pretrained_without_labels_are_reused(
    place: Place, target: str, strategy: str, outputs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = place.run("p", {"target": target}, None)
    record = place.trained(source)
    assert (record.status, record.classes) == ("finished", outputs)
    assert record.best and record.best.metrics.keys() >= {"loss", "val_loss"}
    assert ("val_accuracy" in record.final_metrics) == (target == "rotation")
    run = place.run("b", ON_B, "b", {"name": strategy, "frozen_epochs": 1, "fine_tuning_epochs": 1}, source=source.key)
    assert waves([run, source]) == [[source], [run]]
    # After the frozen phase alone, all layers are still the source's.
    phases = Strategy.on
    monkeypatch.setattr(Strategy, "on", lambda plan, hidden: phases(plan, hidden)[:1])
    assert place.trained(run).status == "finished"
    assert equal(place.layers(run), place.layers(source)) == [True, True, True]


def test_a_record_tells_what_sharing_would_have_done_to_the_source(place: Place, model_a: Run) -> None:
    """The same as Keras finds when layers are shared for real; and copies leave the source as it was."""
    strategy = {"name": "finetune", "epochs": 3, "reused": 2}
    delta = {**ON_B, "optimizer": {"name": "momentum", "learning_rate": 0.1}}
    before = sha256_of(place.weights(model_a))
    unwatched = place.run("b", delta, "b", strategy, source=model_a.key)
    watched = replace(unwatched, source_view=model_a.view)
    record = place.trained(watched)
    assert watched.key != unwatched.key
    assert place.trained(unwatched).weights_sha256 == record.weights_sha256
    assert place.trained(unwatched).epochs == record.epochs
    found = record.shared
    assert found
    assert found.before == found.cloned
    assert sha256_of(place.weights(model_a)) == before
    held_out = splits.load(place.data, "validation", "unit", place.task, "a")

    def accuracy(model: Any) -> float:
        return float((model.predict(held_out.images, verbose=0).argmax(axis=1) == held_out.labels).mean())

    source = load_model(place.trained(model_a), place.weights(model_a))
    assert found.before == accuracy(source) == pytest.approx(place.trained(model_a).final_metrics["val_accuracy"])
    # Model A's own layers, which the tuned net's weights are written into.
    shared = keras.Sequential([keras.Input((8, 8)), *source.layers[:5]])
    tuned = load_model(record, place.weights(watched))
    shared.set_weights([weight for layer in tuned.layers[:5] for weight in layer.get_weights()])
    assert found.after == accuracy(source) != found.before


def test_a_source_that_did_not_finish_ends_the_run(place: Place) -> None:
    source = place.run("a", {"optimizer": {"name": "sgd", "learning_rate": 1e30}}, "a")
    assert place.trained(source).status == "diverged"
    run = place.run("b", ON_B, "b", {"name": "finetune", "epochs": 1}, source=source.key)
    record = place.trained(run)
    assert (record.status, record.epochs) == ("diverged", ())
    assert "has not finished" in str(record.reason)


@pytest.mark.parametrize("source", ["0" * 64, None])
def test_a_source_that_is_not_there_is_no_result(place: Place, model_a: Run, source: str | None) -> None:
    """A run trained later, with its source in the memo, must not find that it diverged."""
    run = place.run("b", ON_B, "b", {"name": "finetune", "epochs": 1}, source=source)
    with pytest.raises(UserError, match="b: the net whose layers it reuses is no longer in the memo"):
        place.trained(run)
    memo = Memo(place.memo)
    assert memo.record(run.key) is None and memo.record(model_a.key) is not None


def test_what_does_not_fit_is_refused_before_anything_trains(place: Place, model_a: Run) -> None:
    fine = {"name": "finetune", "reused": 2}
    rotated = place.run("p", {"target": "rotation"}, None)
    wrong = [
        place.run("wide", {"hidden": [13, 8, 6]}, "b", fine, source=model_a.key),
        place.run("steep", {"activation": "selu", "scaling": "standardized"}, "b", fine, source=model_a.key),
        place.run("turned", {}, "b", fine, source=rotated.key),
        place.run("few", {"hidden": [12]}, "b", fine, source=model_a.key),
        place.run("blind", {}, "b", "auxiliary_then_finetune", source=rotated.key, source_view=rotated.view),
    ]
    right = [
        place.run("wider", {"hidden": [12, 8, 7, 5]}, "b", fine, source=model_a.key),
        place.run("dropped", {"dropout": "dropout"}, "b", fine, source=model_a.key),
    ]
    with pytest.raises(UserError) as refusal:
        complete([model_a, rotated, *wrong, *right], place.memo, None, lambda event: None)  # type: ignore[arg-type]
    assert list(refusal.value.problems) == [
        "wide: hidden: its reused layers are [13, 8] wide, those of its source [12, 8].",
        "steep: scaling: must be that of its source, unit; given standardized.",
        "steep: activation: must be that of its source, {'name': 'relu'}; given {'name': 'selu'}.",
        "turned: strategy: reuses a net that was trained for labels; its source was for rotation.",
        "few: reused: the net has 1 hidden layer(s); allowed: 1 to 1; given 2.",
        "blind: source: has no accuracy: it was trained for rotation.",
    ]
    with pytest.raises(UserError, match="wide: hidden"):
        train_run(TrainingTask(wrong[0], place.memo), lambda event: None)
    with pytest.raises(ValueError, match="source_view is not what its source was trained on"):
        other = place.run("b", ON_B, "b", fine, source=model_a.key, source_view=rotated.view)
        train_run(TrainingTask(other, place.memo), lambda event: None)


def test_dropout_of_one_net_alone_is_no_hindrance(place: Place, model_a: Run) -> None:
    strategy = {"name": "frozen", "epochs": 1}
    run = place.run("dropped", {**ON_B, "dropout": "dropout"}, "b", strategy, source=model_a.key)
    assert equal(place.layers(run), place.layers(model_a)) == [True, True, True]


def test_images_that_are_not_square_cannot_be_turned(place: Place, tmp_path: Path) -> None:
    run = place.run("p", {"target": "rotation"}, None)
    write_json(tmp_path / "card.json", {**read_json(place.data / "card.json"), "shape": [4, 16]})
    narrow = [replace(run, seed=seed, view=replace(run.view, directory=tmp_path)) for seed in (0, 1)]
    with pytest.raises(UserError) as refusal:
        complete(narrow, place.memo, None, lambda event: None)  # type: ignore[arg-type]
    (said,) = refusal.value.problems
    assert said.startswith("p, on ") and "must be square, and these are images of 4 by 16 pixels" in said


def test_memory_is_planned_for_turned_images_and_for_an_output_per_pixel(place: Place) -> None:
    label, rotated, restored = (
        expected(place.run("p", {"target": target}, None)) for target in ("labels", "rotation", "reconstruction")
    )
    assert rotated.memory - label.memory > 1000 * 64 * 4
    assert restored.memory > label.memory
    assert len({label.group, rotated.group, restored.group}) == 3
