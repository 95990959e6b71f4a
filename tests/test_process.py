"""Whether a process that something names still lives: its number alone does not say, nor does its machine's name."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bythebook import process
from bythebook.process import Process

CODE = "from bythebook.process import Process; print(Process.here(), flush=True); input()"


@pytest.fixture
def other() -> Iterator[subprocess.Popen[str]]:
    """Another process, which says how it is named and waits."""
    command = [sys.executable, "-c", CODE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def named(other: subprocess.Popen[str]) -> Process:
    assert other.stdout is not None
    return Process.of(other.stdout.readline().rstrip("\n"))


def test_the_text_form_says_everything() -> None:
    here = Process.here()
    assert Process.of(str(here)) == here == Process.here()
    assert here.pid == os.getpid() and str(here).startswith(f"{here.host}:{here.pid}:")


def test_a_process_has_ended_when_it_is_gone_or_only_waited_for(other: subprocess.Popen[str]) -> None:
    process = named(other)
    assert process.has_ended() is False
    other.kill()
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
    assert Path(f"/proc/{other.pid}").exists() and process.has_ended() is True
    other.wait()
    assert process.has_ended() is True


def test_a_number_that_came_again_is_another_process() -> None:
    here = Process.here()
    assert replace(here, start=str(int(here.start) - 1)).has_ended() is True


def test_of_another_place_nothing_is_known_even_if_the_machine_has_the_same_name(
    other: subprocess.Popen[str],
) -> None:
    process = named(other)
    other.kill()
    other.wait()
    assert replace(process, place=f"{process.place}, a container").has_ended() is None
    host, pid, start, _ = str(process).split(":", 3)
    assert Process.of(f"{host}:{pid}:{start}").has_ended() is None


def test_what_ran_before_this_machine_was_started_again_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, content in (("BOOT", "first start"), ("MACHINE", "an id")):
        (tmp_path / name).write_text(content)
        monkeypatch.setattr(process, name, tmp_path / name)
    (tmp_path / "container").symlink_to("pid:[4026532000]")
    (tmp_path / "outside").symlink_to(process.OUTSIDE)
    monkeypatch.setattr(process, "NUMBERS", tmp_path / "container")
    in_container = Process.here()
    monkeypatch.setattr(process, "NUMBERS", tmp_path / "outside")
    here = Process.here()
    assert here.has_ended() is False and in_container.has_ended() is None
    assert "an id" not in str(here) and Process.of(str(here)) == here
    (tmp_path / "BOOT").write_text("second start")
    assert here.has_ended() is True
    assert in_container.has_ended() is None
    assert replace(here, host="another").has_ended() is None
    (tmp_path / "MACHINE").write_text("another id")
    assert here.has_ended() is None
