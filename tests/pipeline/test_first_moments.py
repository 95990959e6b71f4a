"""A stage that is ended in its first moments: no orphan that goes on, no traceback, and nobody has to wait by hand."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from copies import wait_for
from source_code import ROOT, modules

from bythebook.process import Process
from pipeline import code, startup

# Starts a module, says its number, and waits.
PARENT = """
import subprocess, sys, time
stage = subprocess.Popen([sys.executable, "-m", *sys.argv[1:]], stderr=sys.stdout)
print(stage.pid, flush=True)
sys.stdin.read()
"""
# A stage: it says that it runs, and takes its time to end.
SLOW = """
import sys, time
from pathlib import Path

def main():
    try:
        print("runs", file=sys.stderr, flush=True)
        time.sleep(60)
    except KeyboardInterrupt:
        time.sleep(1)
        Path("ended").touch()
        raise

if __name__ == "__main__":
    from pipeline import stage

    stage.run(main)
"""


@contextmanager
def parent(*arguments: str, where: Path = ROOT, variables: Mapping[str, str] | None = None) -> Iterator[tuple]:
    """A process that has just started a module, and that module's process."""
    environment = {**os.environ, "PYTHONPATH": f"{where}{os.pathsep}{ROOT}", **(variables or {})}
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT, *arguments],
        **{"cwd": where, "env": environment, "text": True, "start_new_session": True},
        **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE},
    )
    with process:
        assert process.stdout is not None
        below = psutil.Process(int(process.stdout.readline()))
        try:
            yield process, below
        finally:
            process.kill()
            if below.is_running():
                below.kill()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with one stage, and the startup of the real ones."""
    package = tmp_path / "pipeline"
    package.mkdir()
    for name in ("__init__", "startup", "stage", "project", "params", "params_data", "params_file"):
        package.joinpath(f"{name}.py").write_bytes((ROOT / "pipeline" / f"{name}.py").read_bytes())
    package.joinpath("slow.py").write_text(SLOW)
    (tmp_path / "src").symlink_to(ROOT / "src")
    return tmp_path


def ended(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def catches_sigterm(process: psutil.Process) -> bool:
    """Whether it has got as far as to have a handler; its imports take much longer than a look."""
    (caught,) = re.findall(r"^SigCgt:\s*(\w+)", Path(f"/proc/{process.pid}/status").read_text(), flags=re.MULTILINE)
    return bool(int(caught, 16) & 1 << (signal.SIGTERM - 1))


def test_a_stage_whose_dvc_has_died_before_it_could_ask_ends_at_once() -> None:
    with parent("pipeline.search", "default_dnn", variables={startup.BELOW_DVC: "search"}) as (dvc, stage):
        dvc.kill()
        wait_for(lambda: ended(stage), 20)
        assert dvc.stdout.read() == "\nsearch: stopped.\n"


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_stage_that_is_stopped_while_it_imports_says_so_in_one_line(sent: signal.Signals) -> None:
    with parent("pipeline.search", "default_dnn") as (started, stage):
        wait_for(lambda: catches_sigterm(stage), 20)
        stage.send_signal(sent)
        wait_for(lambda: ended(stage), 20)
        started.kill()
        assert started.stdout.read() == "\nsearch: stopped.\n"


def test_the_next_start_waits_for_one_that_is_ending(project: Path) -> None:
    with parent("pipeline.slow", where=project) as (killed, first):
        assert killed.stdout.readline() == "runs\n"
        lock = (project / ".work" / "locks" / "slow").read_text().splitlines()
        assert [Process.of(line).pid for line in lock] == [first.pid, killed.pid]
        killed.kill()
        with parent("pipeline.slow", where=project) as (_, second):
            wait_for(lambda: ended(first), 30)
            assert (project / "ended").exists()
            held = project / ".work" / "locks" / "slow"
            wait_for(lambda: held.read_text().split(":")[1:2] == [str(second.pid)], 20)


def test_only_what_looks_things_up_or_starts_others_is_free_of_its_parent() -> None:
    own = {name.removeprefix("pipeline.") for name in modules() if name.startswith("pipeline.")}
    run = {name for name in own if '\nif __name__ == "__main__":\n' in (ROOT / "pipeline" / f"{name}.py").read_text()}
    assert len(run) > 10
    # A stage that is over in a moment does without what the others share.
    assert run - set(code.stages(ROOT / "pipeline")) == {*startup.FREE, "libraries"}
