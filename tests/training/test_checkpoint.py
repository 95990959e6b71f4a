"""A run cut off in its middle goes on to the bytes of one that was not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bythebook import network, recipe
from bythebook.techniques.strategies import Phase
from bythebook.training.checkpoint import Checkpoint
from bythebook.training.curve import Row, StopRun
from bythebook.training.engine import Outcome, Split, train

pytestmark = pytest.mark.usefixtures("tensorflow")
CLASSES = 3
PHASES = (Phase("frozen", 3, frozen=None), Phase("fine_tuning", 6))
# Everything that has a state of its own between two epochs.
DELTAS: dict[str, dict[str, Any]] = {
    "dropout": {"dropout": "dropout", "optimizer": "nadam"},
    "alpha dropout": {"dropout": "alpha_dropout", "activation": "selu", "optimizer": "momentum"},
    "batch norm": {"normalizer": "batch_norm_after", "optimizer": "adam"},
    "1cycle": {"schedule": "one_cycle", "optimizer": "nesterov"},
    "performance": {"schedule": {"name": "performance", "patience": 1}, "optimizer": "rmsprop"},
    "early stopping": {"early_stopping": {"patience": 2}, "optimizer": {"name": "sgd", "learning_rate": 0.5}},
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
    delta: dict[str, Any], engine: str, path: Path | None = None, kill_at: int = 99, phases: tuple[Phase, ...] = PHASES
) -> tuple[Any, Outcome, list[int]]:
    resolved = recipe.resolve({"hidden": [8], "batch_size": 16, **delta}, "r")
    model = network.build(resolved, (4, 4), CLASSES, 0)
    seen: list[int] = []

    def on_epoch(row: Row) -> None:
        if row["epoch"] == kill_at:
            raise Killed
        seen.append(row["epoch"])

    checkpoint = Checkpoint(path, every=0) if path else None
    outcome = train(model, resolved, phases, TRAINING, VALIDATION, CLASSES, 0, on_epoch, engine, checkpoint)
    return model, outcome, seen


def weights(model: Any) -> list[bytes]:
    return [array.tobytes() for array in model.get_weights()]


# In the frozen phase, at the border between the phases, and in the last phase.
CASES = [(name, "fused" if index % 2 else "plain", 5) for index, name in enumerate(DELTAS)]
CASES += [("dropout", "fused", 2), ("performance", "plain", 3), ("early stopping", "fused", 3)]


@pytest.mark.parametrize(("name", "engine", "kill_at"), CASES)
def test_a_resumed_run_ends_with_the_same_bytes(name: str, engine: str, kill_at: int, tmp_path: Path) -> None:
    path, delta = tmp_path / "run.npz", DELTAS[name]
    whole_model, whole, _ = run(delta, engine)
    with pytest.raises(Killed):
        run(delta, engine, path, kill_at)
    model, outcome, seen = run(delta, engine, path)
    assert outcome == whole
    assert weights(model) == weights(whole_model)
    # Every row was told again, and only the epochs after the checkpoint were trained again.
    assert seen == [row["epoch"] for row in whole.rows]


@pytest.mark.parametrize(("engine", "kill_at"), [("fused", 3), ("plain", 5)])
def test_a_phase_of_a_strategy_is_taken_up_where_it_was(engine: str, kill_at: int, tmp_path: Path) -> None:
    """In a phase in which some layers are frozen, and in one in which every layer has a rate of its own."""
    phases = (Phase("a", 2, frozen=None), Phase("b", 2, frozen=1), Phase("c", 2, rate=0.5, decay=0.3))
    path, delta = tmp_path / "run.npz", {"hidden": [8, 6], "optimizer": "adam"}
    whole_model, whole, _ = run(delta, engine, phases=phases)
    with pytest.raises(Killed):
        run(delta, engine, path, kill_at, phases)
    model, outcome, _ = run(delta, engine, path, phases=phases)
    assert outcome == whole and outcome.engine == engine
    assert weights(model) == weights(whole_model)


def test_nothing_is_trained_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bythebook.training import course

    path = tmp_path / "run.npz"
    with pytest.raises(Killed):
        run({}, "plain", path, kill_at=5)
    started: list[int] = []
    monkeypatch.setattr(course, "position", lambda model, counter: started.append(counter))
    run({}, "plain", path)
    steps = -(-len(TRAINING.images) // 16)
    assert started == [epoch * steps for epoch in range(5, 9)]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nothing", b"{}"])
def test_a_damaged_checkpoint_counts_as_none(content: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "run.npz"
    path.write_bytes(content)
    _, outcome, _ = run({}, "plain", path)
    assert "is damaged" in caplog.text
    assert outcome == run({}, "plain")[1]


def test_it_is_written_only_now_and_then_and_never_without_a_path(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    resolved = recipe.resolve({"hidden": [8], "batch_size": 16}, "r")
    model = network.build(resolved, (4, 4), CLASSES, 0)
    patient = Checkpoint(path, every=3600)
    train(model, resolved, PHASES, TRAINING, VALIDATION, CLASSES, 0, lambda row: None, "plain", patient)
    assert not path.exists()


def test_a_run_stopped_while_it_is_resumed_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    with pytest.raises(Killed):
        run({}, "plain", path, kill_at=5)
    resolved = recipe.resolve({"hidden": [8], "batch_size": 16}, "r")
    model = network.build(resolved, (4, 4), CLASSES, 0)

    def prune(row: Row) -> None:
        if row["epoch"] == 1:
            raise StopRun("pruned", "for the test")

    outcome = train(
        model, resolved, PHASES, TRAINING, VALIDATION, CLASSES, 0, prune, "plain", Checkpoint(path, every=0)
    )
    assert (outcome.status, len(outcome.rows)) == ("pruned", 2)
