"""What a worker imports before its first run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
from pipeline import fanout
fanout.trainers()
print(*(name in sys.modules for name in ("keras", *fanout.UNUSED)))
import matplotlib, pandas, sklearn
with fanout.hidden("pandas", "json.tool"):
    import pandas
    try:
        import json.tool
    except ImportError as error:
        print(error.name)
import json.tool
"""


def test_workers_import_what_they_use_alone_and_may_import_the_rest_later(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False", "False", "False", "json.tool"]
