"""Recipes trained one after another through Keras ``fit``, in one process, as a notebook does it.

``python -m benchmarks.contenders.serial_fit RUNS ANSWER``: a JSON list of ``{"recipe", "seed", "epochs"}``, and a file.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.contenders.keras_fit import compile_model
from benchmarks.data import Data, load
from bythebook import network
from bythebook.lifetime import die_with_parent


def main(runs: Path, answer: Path) -> None:
    """Trains every run and writes its seconds and its last validation accuracy."""
    die_with_parent(signal.SIGKILL)
    done = [_trained(run) for run in json.loads(runs.read_text(encoding="utf-8"))]
    answer.write_text(json.dumps({"runs": done}), encoding="utf-8")


def _trained(run: dict[str, Any]) -> dict[str, Any]:
    import keras

    from bythebook.techniques.dropout_layers import with_keras_dropouts

    began, cpu = time.monotonic(), time.process_time()
    keras.backend.clear_session()
    keras.utils.set_random_seed(run["seed"])
    recipe, data = run["recipe"], _data(run["recipe"]["scaling"])
    model = with_keras_dropouts(network.build(recipe, data.x.shape[1:], data.classes, run["seed"]))
    # The schedule spans the epochs that the recipe plans, though a stopped run trains fewer.
    steps = -(-len(data.x) // recipe["batch_size"])
    callbacks = compile_model(model, recipe, steps, recipe["epochs"])
    history = model.fit(
        data.x,
        network.targets(recipe, data.y, data.classes),
        batch_size=recipe["batch_size"],
        epochs=run["epochs"],
        validation_data=(data.held_out[0], network.targets(recipe, data.held_out[1], data.classes)),
        callbacks=callbacks,
        verbose=0,
    )
    return {
        "seconds": time.monotonic() - began,
        "cpu_seconds": time.process_time() - cpu,
        "epochs": run["epochs"],
        "val_accuracy": float(history.history["val_accuracy"][-1]),
    }


@cache
def _data(scaling: str) -> Data:
    return load(None, scaling=scaling)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
