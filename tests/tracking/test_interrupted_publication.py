from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import publishing
import pytest
from made_suites import made_record, write_suite_folder
from seen_store import Seen

from bythebook.tracking import Context, publish
from bythebook.tracking.child import Child

RECORDS = {"relu": [made_record("relu", seed) for seed in range(40)]}


def test_a_killed_publication_is_completed(address: str, seen: Seen, context: Context, tmp_path: Path) -> None:
    suite = write_suite_folder(tmp_path / "activations", RECORDS)
    command = [sys.executable, publishing.__file__, address, str(suite)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(9):
            assert process.stdout.readline()
        process.kill()
    counts = publish(address, [suite], None, context, lambda key: None)
    assert 0 < counts["new"] < 40
    seen.assert_complete(RECORDS["relu"])
    assert len(seen.parents()) == 1
    assert publish(address, [suite], None, context, lambda key: None)["completed"] == 0


STEPS = ("describe", "add_epochs", "add_values", "add_tags", "end")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("done", [False, True])
def test_wherever_it_stops_the_next_one_goes_on(
    address: str, seen: Seen, context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, done: bool
) -> None:
    suite = write_suite_folder(tmp_path / "activations", {"relu": RECORDS["relu"][:1]})
    whole = getattr(Child, step)

    def cut_off(*arguments: object) -> None:
        if done:
            whole(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Child, step, cut_off)
        publish(address, [suite], None, context, lambda key: None)
    publish(address, [suite], None, context, lambda key: None)
    seen.assert_complete(RECORDS["relu"][:1])
    assert len(seen.parents()) == 1
