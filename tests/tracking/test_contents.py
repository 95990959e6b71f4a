"""What MLflow shows of an epoch."""

from __future__ import annotations

from pathlib import Path

from made_records import changed
from made_suites import made_record, write_suite_folder
from seen_store import Seen

from bythebook.records.run import Epoch
from bythebook.tracking import Context, publish
from bythebook.tracking.contents import closing_metrics, epoch_metrics, parent_metrics

PLAIN = {"epoch": 3, "loss": 0.5, "learning_rate": 0.01}


def test_all_numbers_of_an_epoch_are_metrics() -> None:
    assert epoch_metrics(Epoch.of(PLAIN)) == {"loss": 0.5, "learning_rate": 0.01}
    assert epoch_metrics(Epoch.of({**PLAIN, "step_noise": 0.25}))["step_noise"] == 0.25


def test_layers_are_numbered_so_that_names_sort() -> None:
    layers = {"gradient_norm": [float(number) for number in range(100)], "dead_share": [0.0, None, 0.5]}
    found = epoch_metrics(Epoch.of({**PLAIN, "layers": layers}))
    gradients = [name for name in found if name.startswith("layers/gradient_norm/")]
    assert (gradients[0], gradients[-1]) == ("layers/gradient_norm/001", "layers/gradient_norm/100")
    assert gradients == sorted(gradients)
    assert found["layers/gradient_norm/012"] == 11.0
    dead = {name: value for name, value in found.items() if "dead" in name}
    assert dead == {"layers/dead_share/1": 0.0, "layers/dead_share/3": 0.5}


def test_a_net_that_reconstructs_pixels_has_no_accuracy_to_be_best_in() -> None:
    reached = made_record("relu", 0)
    restored = changed(made_record("relu", 1), best={"epoch": 1, "loss": 0.1, "val_loss": 0.2})
    assert reached.best is not None
    assert parent_metrics([reached, restored]) == {"best_val_accuracy": reached.best.metrics["val_accuracy"]}
    assert parent_metrics([restored]) == {}
    assert set(closing_metrics(restored, None)) == {"best_epoch", "best_val_loss"}


def test_mlflow_takes_the_names_and_shows_a_curve_for_each(
    address: str, seen: Seen, tmp_path: Path, context: Context
) -> None:
    plain = made_record("relu", 0).as_json()
    norms = [[0.1 * row["epoch"], None, *[1.0] * 18] for row in plain["epochs"]]
    rows = [{**row, "layers": {"gradient_norm": own}} for row, own in zip(plain["epochs"], norms, strict=True)]
    found = {"learning_rate": 0.02, "rates": [0.01, 0.1], "losses": [2.0, 1.0]}
    best = {**plain["best"], "step_noise": 0.1}
    record = changed(made_record("relu", 0), epochs=rows, range_test=found, best=best)
    suite = write_suite_folder(tmp_path / "depth", {"relu": [record]})
    publish(address, [suite], None, context, lambda key: None)
    seen.assert_complete([record])
    (run,) = seen.children().values()
    assert len([name for name in run.data.metrics if name.startswith("layers/")]) == 19
    assert seen.curve(run, "layers/gradient_norm/01") == [(epoch, own[0]) for epoch, own in enumerate(norms)]
    assert set(closing_metrics(record, None)) == {"best_epoch", "best_val_loss", "best_val_accuracy"}
