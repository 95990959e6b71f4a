from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from made_records import run_record

from bythebook import network, recipe
from bythebook import techniques as techniques
from bythebook.datasets.pixels import measure
from bythebook.datasets.scaling import scaled
from bythebook.datasets.storage import save_arrays
from bythebook.serving import servable

pytestmark = pytest.mark.usefixtures("tensorflow")


@pytest.mark.parametrize("scaling", ["standardized", "unit"])
def test_a_served_model_takes_pixels_and_gives_what_the_trained_one_gives(tmp_path: Path, scaling: str) -> None:
    declared = {"hidden": [8], "scaling": scaling}
    resolved = recipe.resolve(declared, "r")
    model = network.build(resolved, (6, 6), 3, 0)
    model.save_weights(tmp_path / "w.weights.h5")
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (5, 6, 6)).astype(np.uint8)
    mean, deviation = random.random((6, 6)).astype(np.float32), random.uniform(0.1, 1, (6, 6)).astype(np.float32)
    np.savez(tmp_path / "statistics.npz", mean=mean, deviation=deviation)
    unit = pixels.astype(np.float32) / 255
    expected = (unit - mean) / deviation if scaling == "standardized" else unit
    record = run_record(declared, input_shape=[6, 6], classes=3)
    served = servable(record, tmp_path / "w.weights.h5", tmp_path / "statistics.npz")
    assert np.asarray(served(pixels)) == pytest.approx(np.asarray(model(expected)), abs=1e-5)
    assert served.input_shape == (None, 6, 6)


@pytest.mark.parametrize("scaling", ["standardized", "unit"])
def test_a_served_model_takes_the_features_of_a_table(tmp_path: Path, scaling: str) -> None:
    declared = {"hidden": [8], "scaling": scaling}
    resolved = recipe.resolve(declared, "r")
    model = network.build(resolved, (4,), 3, 0)
    model.save_weights(tmp_path / "w.weights.h5")
    features = np.random.default_rng(0).normal([0, 100, -5, 7], [1, 50, 0.1, 0], (20, 4))
    statistics = measure(features, min_deviation=0.01).statistics
    save_arrays(tmp_path / "statistics.npz", **statistics.arrays())
    record = run_record(declared, input_shape=[4], classes=3)
    served = servable(record, tmp_path / "w.weights.h5", tmp_path / "statistics.npz")
    expected = np.asarray(model(scaled(features, scaling, statistics)))
    assert np.asarray(served(features.astype(np.float32))) == pytest.approx(expected, abs=1e-4)


def test_served_models_with_dropout_load_without_this_package(tmp_path: Path) -> None:
    files = {dropout: tmp_path / f"{dropout}.keras" for dropout in ("dropout", "alpha_dropout")}
    np.savez(tmp_path / "statistics.npz", mean=np.zeros((6, 6)), deviation=np.ones((6, 6)))
    for dropout, file in files.items():
        declared = {"hidden": [8], "scaling": "unit", "dropout": dropout}
        network.build(recipe.resolve(declared, "r"), (6, 6), 3, 0).save_weights(tmp_path / "w.weights.h5")
        record = run_record(declared, input_shape=[6, 6], classes=3)
        servable(record, tmp_path / "w.weights.h5", tmp_path / "statistics.npz").save(file)
    load = (
        "import keras, sys\n"
        "for file in sys.argv[1:]:\n"
        "    *scaling, trained = keras.models.load_model(file).layers\n"
        "    print(*(type(layer).__name__ for layer in trained.layers if hasattr(layer, 'rate')))\n"
        "assert 'bythebook' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", load, *map(str, files.values())], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert [set(line.split()) for line in done.stdout.splitlines()] == [{"Dropout"}, {"AlphaDropout"}]
