"""A run's digest covers the code that its numbers come from: seen while real runs train."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import small_suite
from watched_code import entered_by

from bythebook import catalogue, recipe
from bythebook.code.numeric import NEUTRAL, code
from bythebook.datasets.task_declaration import Task
from bythebook.datasets.tasks import split_tasks
from bythebook.fused import program_cache
from bythebook.lazy import keras
from bythebook.runs.numeric_code import TRAINING, entered, left_out
from bythebook.runs.run import Run
from bythebook.runs.training_run import TrainingTask, train_run
from bythebook.runs.view import DataView

# What keeps and tells what comes out, and says what is to be trained: a run's identity has it, or its record shows it.
AROUND = (
    *("bythebook.runs.training_run", "bythebook.runs.numeric_code", "bythebook.runs.run.Run", "bythebook.runs.view"),
    *("bythebook.training.determinism.environment", "bythebook.fused.program_cache.compile_seconds"),
    *("bythebook.runs.memo", "bythebook.runs.reuse._target_of"),
)
SMALL: dict[str, Any] = {"hidden": [12, 8], "epochs": 2, "scaling": "unit"}
RECIPES: dict[str, tuple[str, dict[str, Any]]] = {
    "fused": ("fused", {}),
    "plain": ("plain", {"activation": "swish"}),
    "streamed": ("streamed", {"scaling": "standardized"}),
    "one_cycle": ("fused", {"schedule": {"name": "one_cycle_with_momentum"}, "optimizer": "nesterov"}),
    "range_test": ("fused", {"range_test": {}, "optimizer": "nadam"}),
    "observed": ("plain", {"observe": ["layers", "steps"], "normalizer": "batch_norm_before"}),
    "dropout": ("fused", {"dropout": "alpha_dropout", "activation": "selu", "initializer": "lecun_normal"}),
    "limited": ("fused", {"regularizer": "l2", "constraint": "max_norm", "clipping": "clip_norm"}),
    "rotation": ("plain", {"target": "rotation"}),
    "reconstruction": ("fused", {"target": "reconstruction"}),
    "moved": ("fused", {"augmentation": "shift_and_flip"}),
    "stopped": ("plain", {"early_stopping": {"patience": 1}, "schedule": "performance"}),
}


@dataclass(frozen=True)
class Place:
    data: Path
    task: Path
    memo: Path

    def run(self, name: str, loop: str, delta: dict[str, Any], side: str | None = None) -> Run:
        view = DataView.of(self.data, self.task, side) if side else DataView.of(self.data)
        return Run(name, 0, recipe.resolve({**SMALL, **delta}, name), view, loop=loop)

    def trained(self, run: Run) -> set[str]:
        """The definitions that are entered while a run trains, in a worker that has compiled nothing yet."""
        keras.backend.clear_session(free_memory=False)
        program_cache.forget()
        return entered_by(lambda: train_run(TrainingTask(run, self.memo), lambda event: None))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, tensorflow: None) -> Place:
    folder = tmp_path_factory.mktemp("numeric")
    data = small_suite.digits(folder)
    split_tasks(data, folder / "tasks", {"t": Task((3, 8), 60)})
    return Place(data, folder / "tasks" / "t", folder / "work" / "memo")


def missing(run: Run, seen: set[str]) -> set[str]:
    """What was entered and is neither in the run's digest nor unable to change a number."""
    definitions = (*TRAINING, *entered(run.recipe, run.strategy, run.loop))
    reached = set(code().reach(definitions, left_out(definitions)).definitions)
    assert len(seen & reached) > 20
    apart = (*NEUTRAL, *AROUND)
    return {name for name in seen - reached if not any(name == one or name.startswith(f"{one}.") for one in apart)}


@pytest.mark.parametrize("name", RECIPES)
def test_nothing_else_is_entered_while_a_net_trains(name: str, place: Place) -> None:
    run = place.run(name, *RECIPES[name])
    assert missing(run, place.trained(run)) == set()


@pytest.mark.parametrize("strategy", ["freeze_then_finetune", "discriminative_rates", "gradual_unfreezing"])
def test_nothing_else_is_entered_while_layers_are_reused(strategy: str, place: Place) -> None:
    source = place.run("a", "plain", {}, "a")
    train_run(TrainingTask(source, place.memo), lambda event: None)
    on_b = {"output": "sigmoid", "loss": "binary_crossentropy"}
    run = replace(
        place.run("b", "plain", on_b, "b"),
        strategy=catalogue.resolve("strategy", strategy, "s"),
        source=source.key,
        source_view=source.view,
    )
    assert missing(run, place.trained(run)) == set()
