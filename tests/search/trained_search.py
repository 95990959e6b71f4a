"""A small real search that trains nets: run by the tests, and by itself to be killed.

Usage: trained_search.py FOLDER WORKERS RUNS - dies by SIGKILL when RUNS runs have been trained.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bythebook.documents import write_json
from bythebook.lazy import keras
from bythebook.records.events import Event, RunEnded
from bythebook.records.suite import Heading
from bythebook.runs.local_executor import LocalExecutor
from bythebook.runs.suite import write_suite
from bythebook.runs.view import DataView
from bythebook.search.guideline import read_guideline
from bythebook.search.planning import Planner
from bythebook.search.resources import Resources
from bythebook.search.search import search
from bythebook.search.settings import Median, SearchSettings
from bythebook.search.storage import sqlite_address
from bythebook.training.determinism import prepare_process

SETTINGS = SearchSettings(
    trials=10, seed=3, in_flight=3, startup_trials=3, pruner=Median(startup_trials=2, warmup_epochs=2)
)
SEEDS = (0, 1)
GUIDELINE = """
question: Does it train?
base: {hidden: [12], activation: elu, initializer: he_normal, optimizer: momentum, epochs: 3, batch_size: 16,
       early_stopping: {patience: 2}}
space:
  n_hidden: {low: 1, high: 2}
  n_units: {low: 8, high: 16, step: 4}
  optimizer.learning_rate: {choices: [0.00001, 0.01]}
"""
# Every objective at once: those of the record, of the weights, and of Monte Carlo dropout.
SEVERAL = """
question: Does it give up accuracy?
objectives: [val_accuracy, multiply_adds, zero_share, thresholded_accuracy, mc_nll, mc_ece]
tolerance: 0.5
trials: 5
base: {hidden: [12], normalizer: batch_norm_after, dropout: dropout, optimizer: momentum, epochs: 1, batch_size: 16}
space:
  n_units: {low: 4, high: 12, step: 8}
  normalizer: {choices: [batch_norm_after, null]}
"""
SAMPLERS = """
question: Which sampler is best?
samplers: [grid, random]
trials: 3
base: {hidden: [12], epochs: 1, batch_size: 16}
space:
  optimizer.learning_rate: {low: 0.0001, high: 0.01, log: true, grid: 2}
"""
TRANSFER = """
question: Which layers are worth reusing?
task: noise_vs_noise
model_a: {hidden: [8, 6], activation: elu, epochs: 1, batch_size: 16}
strategy: {name: freeze_then_finetune, frozen_epochs: 1, fine_tuning_epochs: 1, reused: 2}
trials: 4
base: {}
space:
  strategy: {choices: [{name: from_scratch, epochs: 2},
                       {name: freeze_then_finetune, frozen_epochs: 1, fine_tuning_epochs: 1}]}
  strategy.reused: {when: {strategy: [freeze_then_finetune]}, low: 1, high: 2}
"""
GUIDELINES = {"small": GUIDELINE, "several": SEVERAL, "samplers": SAMPLERS, "transfer": TRANSFER}


def prepare(folder: Path) -> None:
    """Writes the guidelines and three classes of noisy 6x6 images."""
    for name, text in GUIDELINES.items():
        (folder / f"{name}.yaml").write_text(text)
    chance = np.random.default_rng(0)
    patterns = chance.integers(0, 256, (3, 6, 6))
    for split, count in (("train", 150), ("validation", 90)):
        labels = np.arange(count) % 3
        noise = chance.integers(0, 256, (count, 6, 6))
        (folder / "data" / split).mkdir(parents=True)
        np.save(folder / "data" / split / "labels.npy", labels.astype(np.int64))
        np.save(folder / "data" / split / "images.npy", ((patterns[labels] + 2 * noise) / 3).astype(np.uint8))
    half = np.full((6, 6), 0.5, np.float32)
    np.savez(folder / "data" / "statistics.npz", mean=half, deviation=half / 2)
    card = {
        **{"dataset": "noise", "classes": ["a", "b", "c"], "training_digest": "0" * 64, "shape": [6, 6]},
        "splits": {"train": {"images": 150}, "validation": {"images": 90}},
    }
    write_json(folder / "data" / "card.json", card)


def ready() -> None:
    """Everything that takes time before a first run, as a stage makes its workers ready."""
    prepare_process()
    keras.version()


def run(
    source: Path,
    folder: Path,
    workers: int,
    observe: Callable[[dict[str, Any]], None],
    names: Sequence[str] = ("small",),
) -> None:
    """Searches with data and guidelines of ``source``; memo, studies and suites are in ``folder``."""
    with LocalExecutor(workers, ready) as executor:
        for name in names:
            guideline = read_guideline(source / f"{name}.yaml")
            # Task A and task B are the same images: nothing here depends on which they are.
            view = DataView.of(source / "data")
            outcome = search(
                Planner(guideline, view, view if guideline.reuse else None),
                SETTINGS if name == "small" else guideline.settings(1, seed=3, in_flight=2),
                SEEDS,
                Resources(folder / "memo", folder / "told", sqlite_address(folder / "studies"), executor, observe),
            )
            heading = Heading(f"search_{name}", f"search@{name}", "noise", "?")
            found = outcome.runs, outcome.records, folder / "memo", outcome.extra, outcome.files
            write_suite(folder / "suites" / name, heading, *found)


def main(source: Path, folder: Path, workers: int, runs: int) -> None:
    """Searches and is killed on the way."""
    trained = 0

    def die(event: Event) -> None:
        nonlocal trained
        trained += isinstance(event, RunEnded)
        if trained >= runs:
            os.kill(os.getpid(), signal.SIGKILL)

    run(source, folder, workers, die)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
