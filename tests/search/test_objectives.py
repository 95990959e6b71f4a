"""Objectives: each is what its formula says of a net's weights, and a damaged note of it is measured again."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trained_search as trained
from damages import DAMAGES
from made_records import run_record

from bythebook import network, recipe
from bythebook.datasets import array_cache
from bythebook.inference import montecarlo
from bythebook.metrics import expected_calibration_error
from bythebook.runs.memo import Memo
from bythebook.runs.run import Run
from bythebook.runs.view import DataView
from bythebook.sealed import write_sealed
from bythebook.search import objective_values
from bythebook.search.objective_values import Measurement, known, measure
from bythebook.search.objectives import objective, objectives
from bythebook.search.trained_net import PASSES

pytestmark = pytest.mark.usefixtures("tensorflow")
RECIPE = {"hidden": [7, 5], "normalizer": "batch_norm_before", "dropout": {"name": "dropout", "rate": 0.4}}
NAMES = tuple(name for name, known in objectives().items() if known.epoch is None)


@dataclass(frozen=True)
class Made:
    run: Run
    memo: Path
    record: dict[str, Any]
    model: Any


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A net with batch norm and dropout, some of whose weights are tiny, as a finished run in a memo."""
    folder = tmp_path_factory.mktemp("made")
    trained.prepare(folder)
    run = Run("net", 0, recipe.resolve(RECIPE, "test"), DataView.of(folder / "data"))
    model = network.build(run.recipe, (6, 6), 3, run.seed)
    chance = np.random.default_rng(0)
    model.set_weights([chance.uniform(0.5, 1.5, weight.shape) * weight + 1e-4 for weight in model.get_weights()])
    kernel = model.get_layer("dense_1").get_weights()[0]
    kernel[:9] = 0.0009
    model.get_layer("dense_1").set_weights([kernel])
    final = {"epoch": 0, "val_accuracy": 0.25, "val_loss": 1.5}
    shape = {"input_shape": [6, 6], "classes": 3}
    record = run_record(key=run.key, identity=run.identity.as_json(), final=final, **shape)
    return Made(run, folder / "memo", Memo(folder / "memo").keep(record, None, model.save_weights), model)


def measured(made: Made, *names: str) -> tuple[float, ...]:
    return measure(Measurement(made.run, made.memo, names))


def test_what_the_record_has_needs_no_net(made: Made, tmp_path: Path) -> None:
    elsewhere = Measurement(made.run, tmp_path / "memo", ("val_loss", "val_accuracy"))
    assert known(elsewhere, made.record) == (1.5, 0.25)
    assert known(Measurement(made.run, tmp_path / "memo", ("val_accuracy", "mc_nll")), made.record) is None


def test_every_objective_of_the_weights_is_what_its_formula_says(made: Made) -> None:
    validation = array_cache.load(made.memo.parent / "other", "d", made.run.view.directory, "standardized")[1]
    images, labels = validation.images, validation.labels
    kernels = [made.model.get_layer(name).get_weights()[0] for name in ("dense_1", "dense_2", "head")]
    tiny = sum(int((abs(kernel) < 1e-3).sum()) for kernel in kernels)
    assert tiny > 60
    before = made.model.get_weights()
    made.model.set_weights([np.where(abs(weight) < 1e-3, 0, weight) if weight.ndim == 2 else weight
                            for weight in before])  # fmt: skip
    thresholded = np.asarray(made.model(images))
    made.model.set_weights(before)
    found = dict(zip(NAMES, measured(made, *NAMES), strict=True))
    assert found["multiply_adds"] == 36 * 7 + 7 * 5 + 5 * 3
    assert found["zero_share"] == tiny / (36 * 7 + 7 * 5 + 5 * 3)
    assert found["thresholded_accuracy"] == np.mean(thresholded.argmax(axis=1) == labels)
    sampled = montecarlo.predict(made.model, images, PASSES)
    assert found["mc_nll"] == pytest.approx(-np.log(sampled[np.arange(len(labels)), labels]).mean())
    assert found["mc_ece"] == expected_calibration_error(sampled, labels)
    assert not np.allclose(sampled, np.asarray(made.model(images)))
    assert set(found) == set(NAMES)


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_was_measured_is_kept_and_measured_again_where_it_is_damaged(
    made: Made, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    wanted = Measurement(made.run, made.memo, ("zero_share", "multiply_adds"))
    folder = made.memo.parent / objective_values.MEASURED
    shutil.rmtree(folder, ignore_errors=True)
    values = measure(wanted)
    [path] = folder.rglob("*.json")
    measured(made, "zero_share")
    [other] = set(folder.rglob("*.json")) - {path}
    path.write_bytes(DAMAGES[damage](path.read_bytes(), other.read_bytes()))
    assert known(wanted, made.record) is None
    assert measure(wanted) == values == known(wanted, made.record)
    assert caplog.messages == [f"{path} is damaged: it counts as missing and is made again"]


def test_an_objective_that_is_no_finite_number_is_kept_as_that(made: Made) -> None:
    wanted = Measurement(made.run, made.memo, ("zero_share", "mc_nll"))
    shutil.rmtree(made.memo.parent / objective_values.MEASURED, ignore_errors=True)
    measure(wanted)
    [path] = (made.memo.parent / objective_values.MEASURED).rglob("*.json")
    write_sealed(path, path.stem, {"zero_share": 0.5, "mc_nll": None})
    assert known(wanted, made.record) == pytest.approx((0.5, np.nan), nan_ok=True)


def test_an_objective_has_one_name() -> None:
    with pytest.raises(ValueError, match="'val_loss' is registered twice"):
        objective("loss", "minimize", "number")(objectives()["val_loss"].measure)
    assert all(known.about.endswith(".") and known.label for known in objectives().values())
