"""What the command ``bythebook`` runs: :mod:`pipeline.cli` of the project in the current folder.

The environment may have been installed from another copy of the project, of which nothing else is imported before.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

PARAMS = "params.yaml"


def main() -> int:
    """Run the command and return its exit status; with another project's code, this process becomes that one's."""
    here = Path.cwd()
    if not (here / PARAMS).is_file():
        print(f"there is no project in {here}: it has no {PARAMS}. Change into a project's folder.", file=sys.stderr)
        return 1
    code = here / "pipeline"
    if code.is_dir() and not code.samefile(Path(__file__).parent):
        command = [sys.executable, "-m", "pipeline.cli", *sys.argv[1:]]
        # Python would put the current folder first by itself, unless PYTHONSAFEPATH is set.
        paths = [str(here), *filter(None, [os.environ.get("PYTHONPATH")])]
        os.execve(command[0], command, {**os.environ, "PYTHONPATH": os.pathsep.join(paths)})
    from pipeline import cli

    return cli.main()
