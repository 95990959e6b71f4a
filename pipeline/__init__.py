"""The stages: the only code that knows ``params.yaml`` and the project's folders."""

import sys
from pathlib import Path

# The library beside this folder and no other one: an environment may have been installed from another copy.
_SOURCE = Path(__file__).resolve().parent.parent / "src"
if _SOURCE.is_dir() and str(_SOURCE) not in sys.path[:1]:
    sys.path.insert(0, str(_SOURCE))

# After that line, so that it is the library beside this folder; and before anything that takes time.
from pipeline import startup  # noqa: E402

startup.begin()
