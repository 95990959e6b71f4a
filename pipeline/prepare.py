"""What `make repro` looks after before DVC starts: ``python -m pipeline.prepare``.

It brings the list of what DVC watches up to date, and looks at the two files that DVC writes in place, so that a DVC
which was killed may have left a part of them.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Literal

import psutil
import yaml
from pydantic import BaseModel, Field, ValidationError

from bythebook.documents import read_yaml
from bythebook.errors import UserError
from pipeline import stage, startup, watchlist

LOCK, IN_USE = Path("dvc.lock"), Path(".dvc/tmp/rwlock")
KEPT = "What has run since is not run again: DVC's run cache and .work/memo have it."
# That a DVC which lives may need to finish writing.
LOOKS, PAUSE_SECONDS = 5, 0.1


class _Data(BaseModel):
    path: str
    hash: str = ""
    md5: str | int | float = ""
    size: int = 0
    nfiles: int = 0


class _Stage(BaseModel):
    cmd: str | list[str]
    deps: list[_Data] = []
    params: dict[str, dict[str, Any]] = {}
    outs: list[_Data] = []


class _Lock(BaseModel):
    version: Literal["2.0"] = Field(alias="schema")
    stages: dict[str, _Stage] = {}


def main() -> int:
    """Prepare the project's folder and return the exit status."""
    startup.until_interrupted()
    try:
        watchlist.write(read_yaml(stage.PARAMS), stage.WATCHED)
        mend(Path.cwd())
    except (UserError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return startup.STOPPED
    return 0


def mend(project: Path) -> None:
    """Make sure that DVC can read what it has left in a project's folder, and remove what nobody needs.

    Raises:
        UserError: a file is damaged and only the user can say what is to become of it; says what can be done.
    """
    _check_lock(project / LOCK)
    _free(project / IN_USE, project)


def _check_lock(path: Path) -> None:
    if not path.exists():
        return
    try:
        # With libyaml, where there is one: the file has thousands of lines, and DVC is about to read them, too.
        content = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        _Lock.model_validate(content)
    except yaml.MarkedYAMLError as error:
        where = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UserError(f"{path.name}{where}: not YAML ({error.problem}). {_way_out(path)}") from None
    except yaml.YAMLError as error:
        raise UserError(f"{path.name}: not YAML ({str(error).splitlines()[0]}). {_way_out(path)}") from None
    except ValidationError as error:
        at = "".join(f", at {'.'.join(map(str, one['loc']))}" for one in error.errors()[:1] if one["loc"])
        raise UserError(f"{path.name}{at}: damaged, not what DVC writes. {_way_out(path)}") from None


def _way_out(path: Path) -> str:
    command = ["git", "cat-file", "-e", f"HEAD:./{path.name}"]
    if shutil.which("git") and subprocess.run(command, cwd=path.parent, capture_output=True).returncode == 0:
        return f"`git checkout HEAD {path.name}` restores the committed one. {KEPT}"
    return f"Remove it. {KEPT}"


def _free(path: Path, project: Path) -> None:
    """Remove DVC's list of the files that are in use if it is damaged, unless a DVC lives that may use it."""
    for _ in range(LOOKS):
        if not path.exists() or _is_readable(path):
            return
        time.sleep(PAUSE_SECONDS)
    living = [process.pid for process in psutil.process_iter(["cmdline"]) if _is_dvc(process, project)]
    if living:
        raise UserError(f"{path}: damaged, and DVC still runs in process {living[0]}; wait for it or stop it.")
    path.unlink()
    print(f"repro: removed {path}, which a killed DVC has left damaged; no DVC uses it", file=sys.stderr)


def _is_readable(path: Path) -> bool:
    try:
        content = json.loads(path.read_bytes())
    except ValueError:
        return False
    return isinstance(content, dict) and all(isinstance(part, dict) for part in content.values())


def _is_dvc(process: psutil.Process, project: Path) -> bool:
    """Return whether a process is a DVC that may work in the project's folder."""
    command = process.info["cmdline"] or []
    if "dvc" not in [Path(part).name for part in command[:3]]:
        return False
    try:
        return Path(process.cwd()).is_relative_to(project.resolve())
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


if __name__ == "__main__":
    sys.exit(main())
