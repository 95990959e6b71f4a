"""A run cut off in its middle goes on to the bytes of one that was not."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bythebook import network, recipe
from bythebook.techniques.strategies import Phase
from bythebook.training import phase_runner
from bythebook.training.checkpoint import Checkpoint
from bythebook.training.learning_curve import Row, StopRun
from bythebook.training.train import Outcome, Split, train

pytestmark = pytest.mark.usefixtures("tensorflow")
CLASSES = 3
PHASES = (Phase("frozen", 3, frozen=None), Phase("fine_tuning", 6))
# Everything that has a state of its own between two epochs.
DELTAS: dict[str, dict[str, Any]] = {
    "dropout and batch norm": {
        **{"dropout": "dropout", "dropout_on": "last_hidden"},
        **{"normalizer": "batch_norm_after", "optimizer": "nadam"},
    },
    "alpha dropout and 1cycle": {
        **{"dropout": "alpha_dropout", "dropout_on": "last_hidden", "activation": "selu"},
        **{"schedule": "one_cycle", "optimizer": "nesterov"},
    },
    "all of it and performance": {
        **{"dropout": "dropout", "dropout_on": "last_hidden", "normalizer": "batch_norm_after"},
        **{"schedule": {"name": "performance", "patience": 1}, "optimizer": "rmsprop"},
    },
    "early stopping": {"early_stopping": {"patience": 2}, "optimizer": {"name": "adam", "learning_rate": 0.5}},
    "two layers": {"hidden": [8, 6], "optimizer": "adam"},
}


class Killed(BaseException):
    """Ends a run as a signal would: nothing of it is finished."""


def split(seed: int, n: int) -> Split:
    random = np.random.default_rng(seed)
    labels = random.integers(0, CLASSES, n)
    images = random.normal(size=(n, 4, 4)).astype(np.float32) + labels[:, None, None].astype(np.float32)
    return Split(images, labels.astype(np.int64))


TRAINING, VALIDATION = split(1, 150), split(2, 60)


def run(
    name: str,
    loop: str,
    path: Path | None = None,
    end_at: int = 99,
    error: BaseException | None = None,
    every: float = 0,
    phases: tuple[Phase, ...] = PHASES,
) -> tuple[Any, Outcome, list[int]]:
    """Model, outcome and the epochs that were told; the run is ended by ``error``, a kill, in epoch ``end_at``."""
    resolved = recipe.resolve({"hidden": [8], "batch_size": 16, **DELTAS[name]}, "r")
    model = network.build(resolved, (4, 4), CLASSES, 0)
    seen: list[int] = []

    def on_epoch(row: Row) -> None:
        if row["epoch"] == end_at:
            raise error or Killed
        seen.append(row["epoch"])

    checkpoint = Checkpoint(path, every) if path else None
    outcome = train(model, resolved, phases, TRAINING, VALIDATION, CLASSES, 0, on_epoch, loop, checkpoint)
    return model, outcome, seen


def killed(name: str, loop: str, path: Path, epoch: int) -> None:
    with pytest.raises(Killed):
        run(name, loop, path, epoch)


def weights(model: Any) -> list[bytes]:
    return [array.tobytes() for array in model.get_weights()]


@cache
def undisturbed(name: str, loop: str) -> tuple[list[bytes], Outcome]:
    """The weights and the outcome of a run that nothing cuts off."""
    model, outcome, _ = run(name, loop)
    return weights(model), outcome


# In the frozen phase, at the border between the phases, and in the last phase: cut off again and again.
@pytest.mark.parametrize(
    ("name", "loop", "kills"),
    [
        ("dropout and batch norm", "fused", (2, 5)),
        ("alpha dropout and 1cycle", "fused", (2, 3, 5)),
        ("all of it and performance", "plain", (3, 5)),
        ("early stopping", "fused", (3, 5)),
    ],
)
def test_a_resumed_run_ends_with_the_same_bytes(name: str, loop: str, kills: tuple[int, ...], tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    for epoch in kills:
        killed(name, loop, path, epoch)
    model, outcome, seen = run(name, loop, path)
    whole_weights, whole = undisturbed(name, loop)
    assert outcome == whole
    assert weights(model) == whole_weights
    # Every row was told again, and only the epochs after the checkpoint were trained again.
    assert seen == [row["epoch"] for row in whole.rows]


@pytest.mark.parametrize(("loop", "kill_at"), [("fused", 3), ("plain", 5)])
def test_a_phase_of_a_strategy_is_taken_up_where_it_was(loop: str, kill_at: int, tmp_path: Path) -> None:
    """In a phase in which some layers are frozen, and in one in which every layer has a rate of its own."""
    phases = (Phase("a", 2, frozen=None), Phase("b", 2, frozen=1), Phase("c", 2, rate=0.5, decay=0.3))
    name, path = "two layers", tmp_path / "run.npz"
    whole_model, whole, _ = run(name, loop, phases=phases)
    with pytest.raises(Killed):
        run(name, loop, path, kill_at, phases=phases)
    model, outcome, _ = run(name, loop, path, phases=phases)
    assert outcome == whole and outcome.loop == loop
    assert weights(model) == weights(whole_model)


# For what follows any run will do: the programs of this one are compiled by then.
ANY = "alpha dropout and 1cycle", "fused"


def test_nothing_is_trained_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:

    path = tmp_path / "run.npz"
    killed(*ANY, path, 5)
    started: list[int] = []
    monkeypatch.setattr(phase_runner, "position", lambda model, counter: started.append(counter))
    run(*ANY, path)
    steps = -(-len(TRAINING.images) // 16)
    assert started == [epoch * steps for epoch in range(5, 9)]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nothing", b"{}"])
def test_a_damaged_checkpoint_counts_as_none(content: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "run.npz"
    path.write_bytes(content)
    _, outcome, _ = run(*ANY, path)
    assert "is damaged" in caplog.text
    assert outcome == undisturbed(*ANY)[1]


def test_it_is_written_only_now_and_then_and_never_without_a_path(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    with pytest.raises(Killed):
        run(*ANY, path, 5, every=3600)
    assert not path.exists()


def test_a_run_stopped_while_it_is_resumed_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    killed(*ANY, path, 5)
    _, outcome, _ = run(*ANY, path, 1, StopRun("pruned", "for the test"))
    assert (outcome.status, len(outcome.rows)) == ("pruned", 2)
