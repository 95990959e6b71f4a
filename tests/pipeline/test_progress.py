"""What a user sees of a stage: in a terminal, through a pipe, and what is left behind."""

from __future__ import annotations

import logging
import os
import pty
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from made_records import run_record

from bythebook.records.events import EpochEnded, Expected, RunEnded, RunsAnnounced, RunStarted
from bythebook.records.run import Epoch, Timings
from pipeline.progress import Progress
from pipeline.progress_state import Tally, duration

RUNS = {key: Expected(seconds, 4) for key, seconds in (("a", 30.0), ("b", 10.0), ("c", 10.0))}
STAGE = """
import logging, sys, time
sys.path.insert(0, sys.argv[1])
from test_progress import RUNS, epoch, finished, started
from bythebook.records.events import RunsAnnounced
from pipeline.progress import Progress
logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
try:
    with Progress("train@x", quiet_seconds=0.05) as progress:
        progress(RunsAnnounced(RUNS))
        for key in RUNS:
            progress(started(key)); progress(epoch(key, 0)); time.sleep(0.4)
            logging.getLogger("other").warning("a warning that is so long that no terminal of eighty columns "
                                               "can show it in a single line of its own")
            progress(epoch(key, 1)); time.sleep(0.4); progress(finished(key))
        if sys.argv[2] == "interrupted":
            raise KeyboardInterrupt
except KeyboardInterrupt:
    print("stopped", file=sys.stderr)
"""


def started(key: str) -> RunStarted:
    return RunStarted(key, f"net_{key}", 1, at=100.0)


def epoch(key: str, number: int) -> EpochEnded:
    row = {"epoch": number, "val_accuracy": 0.5 + number / 10, "learning_rate": 0.1}
    return EpochEnded(key, Epoch.of(row), at=100.0)


def finished(key: str, status: str = "finished", metric: str = "val_accuracy", value: float = 0.75) -> RunEnded:
    record = run_record(status=status, reason="it exploded", final={"epoch": 1, metric: value})
    timings = Timings(started=100.0, seconds=2.0, cpu_seconds=2.0, compile_seconds=0.5, epoch_ended=[])
    return RunEnded(key, record, timings)


def test_time_left_follows_what_is_expected_of_the_rest_and_not_their_number() -> None:
    tally = Tally()
    tally.take(RunsAnnounced(RUNS), 0)
    assert (tally.total, tally.share, tally.left(0)) == (3, 0, None)
    tally.take(started("a"), 100)
    assert tally.left(110) is None
    tally.take(epoch("a", 1), 115)
    assert tally.share == 15 / 50
    assert tally.left(115) == pytest.approx(15 * 35 / 15)
    tally.take(finished("a"), 130)
    assert tally.left(130) == pytest.approx(20)
    assert tally.place(130) == "1/3 (about 20 s left)"
    for key in ("b", "c"):
        tally.take(started(key), 130)
        tally.take(finished(key), 150)
    assert tally.place(150) == "3/3 (about 0 s left)"


def test_runs_of_later_rounds_count_as_long_as_those_that_are_known() -> None:
    tally = Tally()
    tally.take(RunsAnnounced({"a": RUNS["a"]}, later=3), 0)
    tally.take(started("a"), 0)
    tally.take(finished("a"), 10)
    assert (tally.total, tally.share, tally.left(10)) == (4, 0.25, pytest.approx(30))
    tally.take(RunsAnnounced({"b": RUNS["b"]}), 10)
    assert (tally.total, tally.share) == (2, 0.75)


def test_runs_that_nobody_announced_are_counted() -> None:
    tally = Tally()
    tally.take(started("a"), 0)
    tally.take(epoch("a", 2), 1)
    assert (tally.total, tally.share, str(tally.running["a"])) == (
        *(1, 0.0),
        "net_a seed 1: epoch 3/?, validation accuracy 0.7000",
    )


def test_a_run_that_starts_again_begins_anew() -> None:
    tally = Tally()
    tally.take(RunsAnnounced(RUNS), 0)
    for event in (started("a"), epoch("a", 2), started("a")):
        tally.take(event, 0)
    assert (tally.share, tally.total, list(tally.running)) == (0, 3, ["a"])


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (3599, "59 min 59 s"), (7500, "2 h 05 min")],
)
def test_durations_are_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_end_says_how_much_went_into_compiling(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with Progress("train@x") as progress:
        progress(RunsAnnounced(RUNS))
        for key, status in (("a", "finished"), ("b", "diverged"), ("c", "pruned")):
            progress(started(key))
            progress(finished(key, status))
    lines = [re.sub(r"(?<![.\d])\d+ s", "N s", message) for message in caplog.messages]
    assert lines[0].endswith("net_a seed 1  reached validation accuracy 0.7500 in 2.0 s")
    assert lines[1].endswith("net_b seed 1  diverged: it exploded")
    assert lines[2].endswith("net_c seed 1  pruned at validation accuracy 0.7500 in 2.0 s")
    assert lines[3:] == ["train@x: 3 runs in N s; 25 % of the workers' time went into compiling"]


def test_a_net_without_accuracy_ends_with_its_loss(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with Progress("transfer@x") as progress:
        progress(started("a"))
        progress(finished("a", metric="val_loss", value=0.0125))
    assert caplog.messages[0].endswith("net_a seed 1  reached validation loss 0.0125 in 2.0 s")


def test_a_stage_that_trains_nothing_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    before = threading.active_count()
    with Progress("train@x") as progress:
        progress(RunsAnnounced({}))
    assert caplog.messages == [] and threading.active_count() == before


def command(end: str) -> list[str]:
    return [sys.executable, "-c", STAGE, str(Path(__file__).parent), end]


def test_through_a_pipe_there_are_plain_lines_and_signs_of_life() -> None:
    said = subprocess.run(command("well"), capture_output=True, text=True, check=True).stderr
    lines = said.splitlines()
    assert "\x1b" not in said and "\r" not in said
    assert sum("reached validation accuracy" in line for line in lines) == 3
    signs = [line for line in lines if "  running  " in line]
    assert any(line.endswith("net_b seed 1: epoch 1/4, validation accuracy 0.5000") for line in signs)
    assert lines[-1].startswith("train@x: 3 runs in ")


@pytest.mark.parametrize("end", ["well", "interrupted"])
def test_in_a_terminal_a_block_is_shown_and_only_lines_are_left(end: str) -> None:
    raw = in_a_terminal(command(end))
    # Before the end: what ran, how far, and the whole stage.
    for shown in ("net_b seed 1", "epoch 1/4", "epoch 2/4", "validation accuracy 0.6000", "1/3 runs", "so far"):
        assert shown in raw
    left = [line for line in screen(raw) if line]
    assert sum("reached validation accuracy" in line for line in left) == 3
    assert sum("can show it in a single line of its own" in line for line in left) == 3
    assert not [line for line in left if "━" in line or "epoch" in line]
    assert left[-1].startswith("train@x: 3 runs in" if end == "well" else "stopped")
    assert raw.count("\x1b[?25l") == raw.count("\x1b[?25h"), "the cursor is visible again"


def in_a_terminal(arguments: list[str]) -> str:
    """Everything that a command writes to its terminal of 80 columns."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "40"}
    process = subprocess.Popen(arguments, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    content = b""
    while True:
        try:
            content += os.read(ours, 65536)
        except OSError:
            break
    os.close(ours)
    assert process.wait() == 0, content.decode()
    return content.decode()


def screen(raw: str) -> list[str]:
    """The lines that stand on a terminal of endless width at the end of what was written to it."""
    lines, row = [""], 0
    for token in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", raw):
        if token == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif re.fullmatch(r"\x1b\[\d*A", token):
            row -= int(token[2:-1] or 1)
        elif token == "\x1b[2K":
            lines[row] = ""
        elif not token.startswith("\x1b") and token != "\r":
            lines[row] += token
    return lines
