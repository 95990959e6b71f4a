from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bythebook import transfer
from bythebook.documents import write_json
from bythebook.errors import UserError

PROTOCOL = """
question: Does it help?
strategy: {name: freeze_then_finetune, frozen_epochs: 1, fine_tuning_epochs: 2}
model_a: {hidden: [8], epochs: 9}
model_b: {output: sigmoid, loss: binary_crossentropy}
"""


def protocol(tmp_path: Path, text: str = PROTOCOL, **overrides: Any) -> transfer.Protocol:
    (tmp_path / "mine.yaml").write_text(text)
    return transfer.read_protocol(tmp_path / "mine.yaml", overrides)


def write_card(folder: Path) -> None:
    card = {"dataset": "digits", "training_digest": "d", "shape": [8, 8], "splits": {"train": {"images": 1297}}}
    write_json(folder / "card.json", card)


def write_task(folder: Path) -> None:
    write_json(folder / "task.json", {"digest": "e", "a": {"train": 1000}, "b": {"train": 200}})


def test_both_arms_on_b_have_the_same_recipe_data_and_epochs(tmp_path: Path) -> None:
    write_card(tmp_path)
    write_task(tmp_path / "t")
    runs = transfer.plan(protocol(tmp_path), tmp_path, [tmp_path / "t"], [0, 1])
    assert len(runs) == 6
    arms = {(run.tags["arm"], run.seed): run for run in runs}
    for seed in (0, 1):
        source, scratch, transferred = (arms[arm, seed] for arm in ("model_a", "scratch", "transferred"))
        assert scratch.recipe == transferred.recipe
        assert scratch.recipe["epochs"] == 3
        assert (scratch.view, scratch.source) == (transferred.view, None)
        assert transferred.source == source.key
        assert (source.view.side, scratch.view.side) == ("a", "b")
        assert source.view.digest != scratch.view.digest
        assert source.recipe["epochs"] == 9
        assert scratch.key != transferred.key


def test_the_verdict_pairs_seeds_and_leaves_out_what_diverged(tmp_path: Path) -> None:
    write_card(tmp_path)
    write_task(tmp_path / "t")
    declared = protocol(tmp_path)
    runs = transfer.plan(declared, tmp_path, [tmp_path / "t"], [0, 1, 2, 3])
    values = {"model_a": [0.5] * 4, "scratch": [0.80, 0.82, 0.81, 0.9], "transferred": [0.85, 0.86, 0.87, None]}
    records = {}
    for run in runs:
        value = values[run.tags["arm"]][run.seed]
        records[run.key] = {"status": "finished" if value else "diverged", "final": {"val_accuracy": value}}
    found = transfer.verdicts(declared, runs, records)["tasks"]["t"]
    assert found["seeds"] == [0, 1, 2]
    assert found["verdict"]["verdict"] == "supported"
    assert found["verdict"]["difference"]["mean"] == pytest.approx(0.05)
    assert found["verdict"]["scratch"]["n"] == 3


def test_no_pair_decides_nothing() -> None:
    assert transfer.compare("val_accuracy", {}, {})["verdict"] == "inconclusive"


def test_all_problems_of_a_protocol_come_together(tmp_path: Path) -> None:
    text = PROTOCOL.replace("frozen_epochs: 1", "frozen_epochs: 0").replace("epochs: 9", "epohcs: 9")
    with pytest.raises(UserError) as raised:
        protocol(tmp_path, text)
    said = "\n".join(raised.value.problems)
    assert "mine.yaml: strategy.frozen_epochs" in said
    assert "mine.yaml: model_a.epohcs" in said and "Did you mean 'epochs'" in said
    with pytest.raises(UserError, match="equal stacks"):
        protocol(tmp_path, PROTOCOL.replace("{output", "{hidden: [4], output"))
