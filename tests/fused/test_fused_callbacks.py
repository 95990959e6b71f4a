"""To callbacks, compiled epochs are ``fit``: the same calls, the same logs, the same obedience between epochs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from both_ways import STEPS, Case, as_bytes, assert_same_history, assert_same_weights, case

from bythebook.fused.fit import fit
from bythebook.fused.program import CannotCompile
from bythebook.lazy import keras

pytestmark = pytest.mark.usefixtures("tensorflow")

HOOKS = [f"on_{kind}_{moment}" for kind in ("train", "epoch", "test", "predict") for moment in ("begin", "end")]
FALLING = {"name": "sgd", "learning_rate": 0.05}
# Its validation loss is at its best within a few epochs.
RESTLESS = {"name": "adam", "learning_rate": 0.1}


def both(delta: dict[str, Any], epochs: int, make: Callable[[], list[Any]], **options: Any) -> tuple[Case, Case]:
    """The same net with callbacks of its own on either path, after the same history."""
    one, other = case(delta, epochs=epochs), case(delta, epochs=epochs)
    histories = one.fused(epochs, make(), **options), other.plain(epochs, make(), **options)
    assert_same_history(*histories, tolerance=1e-4)
    return one, other


def recorder(calls: list[Any]) -> Any:
    """A callback that notes every call, its epoch and the names in its logs."""
    callback = keras.callbacks.Callback()

    def noting(name: str) -> Callable[..., None]:
        return lambda *arguments: calls.append(
            (name, *[log if isinstance(log, int) else list(log or {}) for log in arguments])
        )

    for name in HOOKS:
        setattr(callback, name, noting(name))
    return callback


def test_the_calls_and_the_names_in_their_logs_are_those_of_fit() -> None:
    seen: list[list[Any]] = [[], []]
    callbacks = [recorder(calls) for calls in seen]
    both({"optimizer": FALLING, "schedule": "performance"}, 2, lambda: [callbacks.pop(0)])
    assert seen[0] == seen[1]
    assert [name for name, *_ in seen[0]].count("on_epoch_end") == 2
    assert seen[0][-2][2] == ["accuracy", "loss", "val_accuracy", "val_loss", "learning_rate"]


def test_callbacks_know_the_model_and_the_parameters_of_the_training() -> None:
    callbacks = [keras.callbacks.Callback(), keras.callbacks.Callback()]
    fused_one, plain_one = callbacks
    one, other = both({}, 1, lambda: [callbacks.pop(0)])
    assert fused_one.model is one.model
    assert plain_one.model is other.model
    assert fused_one.params == plain_one.params
    assert fused_one.params["steps"] == STEPS


def test_the_history_is_kept_by_the_model_and_by_a_history_of_the_user() -> None:
    own = keras.callbacks.History()
    made = case({})
    assert made.fused(1, [own]) is own is made.model.history


def test_early_stopping_stops_at_the_same_epoch_with_the_same_weights() -> None:
    stopped: list[Any] = []

    def stopping() -> list[Any]:
        stopped.append(keras.callbacks.EarlyStopping("val_loss", patience=1, restore_best_weights=True))
        return stopped[-1:]

    one, other = both({"optimizer": RESTLESS}, 30, stopping)
    assert stopped[0].stopped_epoch == stopped[1].stopped_epoch > 0
    assert stopped[0].best_epoch == stopped[1].best_epoch == stopped[0].stopped_epoch - 1
    assert_same_weights(one.model, other.model, 1e-3)
    assert one.model.evaluate(*one.held_out, verbose=0)[0] == pytest.approx(stopped[0].best, rel=1e-5)


def test_a_plateau_halves_the_rate_at_the_same_epochs() -> None:
    plateau = {"name": "performance", "factor": 0.5, "patience": 1}
    one, other = both({"optimizer": RESTLESS, "schedule": plateau}, 6, list)
    rates = one.model.history.history["learning_rate"]
    assert rates == other.model.history.history["learning_rate"]
    assert rates[-1] < rates[0]


def test_a_learning_rate_scheduler_is_obeyed() -> None:
    one, other = both({}, 3, lambda: [keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / (1 + epoch))])
    assert_same_weights(one.model, other.model)
    assert one.model.history.history["learning_rate"] == pytest.approx([0.01, 0.005, 0.01 / 6])


def test_a_checkpoint_of_every_epoch_is_a_keras_file(tmp_path: Path) -> None:
    made = case({})
    path = str(tmp_path / "{epoch}.keras")
    made.fused(2, [keras.callbacks.ModelCheckpoint(path)])
    images = made.held_out[0]
    saved = [keras.models.load_model(tmp_path / f"{epoch}.keras") for epoch in (1, 2)]
    assert np.array_equal(saved[1].predict(images, verbose=0), made.model.predict(images, verbose=0))
    assert as_bytes(saved[0]) != as_bytes(saved[1])
    assert int(saved[0].optimizer.iterations) == STEPS


def test_the_best_checkpoint_is_that_of_fit(tmp_path: Path) -> None:
    paths = [tmp_path / "fused.keras", tmp_path / "plain.keras"]
    left = list(paths)
    both({"optimizer": RESTLESS}, 4, lambda: [keras.callbacks.ModelCheckpoint(str(left.pop(0)), save_best_only=True)])
    one, other = (keras.models.load_model(path) for path in paths)
    assert_same_weights(one, other, 1e-3)


def test_a_backup_is_taken_up_where_it_ended(tmp_path: Path) -> None:
    """The callback tells ``fit`` through the model where to go on."""
    straight, broken, resumed = case({"optimizer": "adam"}), case({"optimizer": "adam"}), case({"optimizer": "adam"})

    def backup() -> Any:
        return keras.callbacks.BackupAndRestore(str(tmp_path / "backup"))

    straight.fused(3)
    with pytest.raises(KeyboardInterrupt):
        broken.fused(3, [backup(), raising_in(1, KeyboardInterrupt())])
    history = resumed.fused(3, [backup()])
    assert history.epoch == [1, 2]
    assert as_bytes(resumed.model) == as_bytes(straight.model)


def raising_in(epoch: int, error: BaseException) -> Any:
    """A callback that raises at the start of an epoch."""

    def begin(now: int, logs: Any) -> None:
        if now == epoch:
            raise error

    return keras.callbacks.LambdaCallback(on_epoch_begin=begin)


CHANGES: dict[str, Callable[[Any], None]] = {
    "weights": lambda model: model.set_weights([weight * 0.5 for weight in model.get_weights()]),
    "learning rate": lambda model: model.optimizer.learning_rate.assign(0.001),
    "state of the optimizer": lambda model: model.optimizer.variables[-1].assign(model.optimizer.variables[-1] + 0.01),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_a_callback_changes_between_epochs_holds(name: str) -> None:
    def change(model: Any) -> Any:
        return keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: epoch == 1 and CHANGES[name](model))

    one, other, unchanged = (case({"optimizer": "momentum"}) for _ in range(3))
    one.fused(2, [change(one.model)])
    other.plain(2, [change(other.model)])
    unchanged.fused(2)
    assert_same_weights(one.model, other.model)
    assert as_bytes(one.model) != as_bytes(unchanged.model)


@pytest.mark.parametrize("rates", [(0.2, 0.5), (0.5, 0.0)], ids=str)
def test_a_dropout_rate_that_a_callback_changes_holds(rates: tuple[float, float]) -> None:
    """``fit`` would go on with the first rate, which it has compiled in; two calls of it see both."""
    delta = {"dropout": {"name": "dropout", "rate": rates[0]}, "dropout_on": "last_hidden"}
    one, other = (case(delta) for _ in range(2))

    def change(model: Any, epoch: int) -> None:
        for layer in model.layers:
            if hasattr(layer, "rate"):
                layer.rate = rates[epoch]

    one.fused(2, [keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: change(one.model, epoch))])
    other.plain(1)
    change(other.model, 1)
    other.model.make_train_function(force=True)
    other.plain(2, initial_epoch=1)
    assert_same_weights(one.model, other.model)


def test_a_callback_can_stop_the_training_and_it_can_go_on_from_any_epoch() -> None:
    def stop(model: Any) -> Any:
        return keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: setattr(model, "stop_training", epoch == 1)
        )

    stopped, straight = case({"optimizer": "momentum"}, epochs=3), case({"optimizer": "momentum"}, epochs=3)
    assert stopped.fused(9, [stop(stopped.model)]).epoch == [0, 1]
    assert stopped.fused(3, initial_epoch=2).epoch == [2]
    straight.fused(3)
    assert as_bytes(stopped.model) == as_bytes(straight.model)


def test_a_callback_that_raises_leaves_the_last_finished_epoch() -> None:
    made, straight = case({"optimizer": "momentum"}), case({"optimizer": "momentum"})
    with pytest.raises(RuntimeError, match="of the user"):
        made.fused(5, [raising_in(2, RuntimeError("of the user"))])
    straight.fused(2)
    assert as_bytes(made.model) == as_bytes(straight.model)
    assert int(made.model.optimizer.iterations) == 2 * STEPS
    for model in (made, straight):
        model.fused(3, initial_epoch=2)
    assert as_bytes(made.model) == as_bytes(straight.model)


def test_progress_is_shown_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    made = case({})
    fit(made.model, made.feed.images, made.feed.targets, epochs=2, verbose=2)
    shown = capsys.readouterr().out
    assert "Epoch 2/2" in shown
    assert f"{STEPS}/{STEPS}" in shown
    assert "loss: " in shown


@pytest.mark.parametrize("hook", ["on_train_batch_end", "on_train_batch_begin", "on_batch_end", "on_test_batch_end"])
def test_a_callback_that_wants_batches_is_named(hook: str) -> None:
    class Counter(keras.callbacks.Callback):
        pass

    setattr(Counter, hook, lambda self, batch, logs=None: None)
    made = case({})
    before = as_bytes(made.model)
    with pytest.raises(CannotCompile, match="Counter"):
        made.fused(1, [Counter()])
    assert as_bytes(made.model) == before
