"""The command: what it refuses, what it keeps, and processes that are measured from outside."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from made_bench import MACHINE, made_epoch_section, made_results, made_suite_section
from source_code import ROOT

from benchmarks import __main__ as command
from benchmarks.data import check
from benchmarks.measure import MeasurementError, Settings, spawn
from benchmarks.memory import Peak
from bythebook.documents import read_json, write_json
from bythebook.errors import UserError

BURNING = """
import sys, time
print("a word before the end", file=sys.stderr)
held = bytearray(80_000_000)
end = time.process_time() + 0.5
while time.process_time() < end:
    pass
time.sleep(1.0)
sys.exit(int(sys.argv[1]))
"""


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "benchmarks", *arguments], cwd=ROOT, capture_output=True, text=True)


@pytest.fixture
def burning(tmp_path: Path) -> Path:
    (tmp_path / "burning.py").write_text(BURNING)
    return tmp_path


def test_missing_data_are_named_with_the_command_that_makes_them(tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        check(tmp_path)
    assert len(refused.value.problems) == 2
    assert all("make repro" in problem for problem in refused.value.problems)


def test_an_unknown_question_is_refused_with_the_nearest() -> None:
    done = bench("--quick", "epoch_model_b")
    assert done.returncode == 1
    assert "Did you mean 'epoch_model_a'?" in done.stderr


def test_rendering_alone_measures_nothing(tmp_path: Path) -> None:
    write_json(tmp_path / command.RESULTS, made_results(epoch_model_a=made_epoch_section([10.0], [1.0])))
    command.render(tmp_path)
    assert "0.100 x" in (tmp_path / command.PAGE).read_text(encoding="utf-8")


def test_rendering_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        command.render(tmp_path)


def test_a_question_is_kept_beside_those_of_another_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, other = tmp_path / "results.json", {**MACHINE, "cores": 64}
    write_json(path, made_results(epoch_model_a=made_epoch_section([10.0], [1.0])))
    monkeypatch.setattr(command.machine, "described", lambda: other)
    monkeypatch.setitem(command.QUESTIONS, "suite", lambda settings: made_suite_section(8.0, 7.0, 100.0, 1.0, 2.0))
    command.measure(["suite"], Settings(), path)
    questions = read_json(path)["questions"]
    assert {name: question["machine"]["cores"] for name, question in questions.items()} == {
        "epoch_model_a": 2,
        "suite": 64,
    }
    command.render(tmp_path)
    text = (tmp_path / command.PAGE).read_text(encoding="utf-8")
    assert "| cores, memory | 2, 8.0 GiB | 64, 8.0 GiB |" in text
    assert text.count("Machine A, begun") == text.count("Machine B, begun") == 1


def test_a_glance_is_never_written_where_results_are_kept() -> None:
    assert command.QUICK != command.KEPT
    assert command.KEPT not in command.QUICK.parents


def test_a_process_is_measured_with_all_it_used(burning: Path) -> None:
    peak = Peak()
    used = spawn("burning", ["0"], {}, burning, peak.watch)
    assert used["cpu"] >= 0.5
    assert used["wall"] >= 1.5
    assert used["wall"] > used["cpu"]
    highest = peak.stop()
    assert 80e6 < highest["pss"] < 1e9
    assert sum(highest["processes"]) == highest["pss"]


def test_a_failing_process_is_shown_with_what_it_said(burning: Path) -> None:
    with pytest.raises(MeasurementError, match="(?s)ended with 3:.*a word before the end"):
        spawn("burning", ["3"], {}, burning)


def test_an_untracked_stage_has_an_observer_that_does_nothing(tmp_path: Path) -> None:
    (tmp_path / "seen.py").write_text(
        "import sys\n"
        "from pipeline import fanout\n"
        "if __name__ == '__main__':\n"
        "    with fanout.LiveTracker('address', None, None) as tracker:\n"
        "        tracker({'event': 'started'})\n"
        "    print(fanout.LiveTracker.__module__, *sys.argv[1:])\n"
    )
    start = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); "
    code = start + "from benchmarks import untracked; untracked.main('seen', 'x', 'y')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["benchmarks.untracked", "x", "y"]
