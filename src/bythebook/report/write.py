"""Writes the report's files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bythebook.documents import write_json
from bythebook.files import write_bytes
from bythebook.report import page
from bythebook.report.metrics import metrics
from bythebook.report.plots import plots
from bythebook.report.sources import read_sources
from bythebook.report.summary import markdown


def write_report(
    suites: Sequence[Path],
    evaluation: Path,
    data: Sequence[Path],
    tasks: Sequence[Path],
    output: Path,
    mlflow_ui: str,
    claims: Path | None = None,
) -> None:
    """Writes ``index.html``, ``summary.md``, ``metrics.json`` and ``plots/*.csv``; equal inputs give equal bytes.

    Args:
        suites: folders of suites, in the order they are to be shown; any stage's.
        evaluation: the folder of the evaluate stage.
        data: a folder for each dataset, with its card and, if they are to be shown, example images; first the one that
            tasks, searches and the champion are about.
        tasks: the ``task.json`` of each A/B task.
        output: the folder to write into; other files in it stay.
        mlflow_ui: the address of the MLflow UI that links lead to.
        claims: the claims stage's file of verdicts; None leaves them out.

    Raises:
        UserError: with every input that is missing or does not fit the others; nothing is written then.
        OSError: ``output`` cannot be written; each file is then the earlier one or the new one, never a part.
    """
    sources = read_sources(suites, evaluation, data, tasks, claims, mlflow_ui)
    shown = page.contents(sources)
    files = {"index.html": page.html(shown), "summary.md": markdown(shown)}
    files |= {f"plots/{name}": content for name, content in plots(sources).items()}
    for name, content in files.items():
        write_bytes(output / name, content)
    write_json(output / "metrics.json", metrics(sources))
