"""The summary in Markdown, with tables whose columns stand in line: it reads well in a terminal too."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bythebook.report.arms import Arm, number
from bythebook.report.formatting import decimal, percent, percent_range, points, points_range, transfer_word, worth
from bythebook.report.page import templates
from bythebook.report.sections.claims import ClaimsSection
from bythebook.report.sections.samplers import SamplersSection
from bythebook.report.sections.search import SearchSection
from bythebook.report.sections.transfer import TaskPart


class Markdown(str):
    """Text that is Markdown already and is not escaped again."""


def markdown(shown: Mapping[str, Any]) -> bytes:
    """The summary of what :func:`bythebook.report.page.contents` found."""
    environment = templates(finalize=escaped)
    for part in (results_table, task_table, search_table, samplers_table, claims_table):
        environment.globals[part.__name__] = part
    text = environment.get_template("summary.md.j2").render(**shown)
    # Parts that are left out leave their blank lines behind.
    return re.sub(r"\n{3,}", "\n\n", text).encode()


def escaped(shown: Any) -> Any:
    """Text in which nothing is taken for Markdown or HTML; anything else as it is."""
    if not isinstance(shown, str) or isinstance(shown, Markdown):
        return shown
    return re.sub(r"([\\`*\[\]<>|#~])", r"\\\1", re.sub(r"\s+", " ", shown))


def results_table(order: Sequence[Arm]) -> Markdown:
    """The recipes of a suite, best first."""
    header = ("recipe", "seeds", "validation", "95% interval", "test", "95% interval", "NLL", "ECE", "stopped")
    rows = []
    for arm in order:
        test = arm.test
        rows.append(
            (
                arm.name,
                str(len(arm.finished)),
                percent(number(arm.validation)),
                percent_range(arm.validation),
                percent(test.accuracy.mean if test else None),
                percent_range(test.accuracy if test else None),
                decimal(test.nll.mean if test else None),
                decimal(test.ece.mean if test else None),
                ", ".join(sorted(f"{entry.record.status} {entry.seed}" for entry in arm.stopped)) or "–",
            )
        )
    return _table(header, rows)


def task_table(task: TaskPart) -> Markdown:
    """Every strategy on one task of a study; with several numbers of labels the error for each of them."""
    if len(task.budgets) > 1:
        return _errors(task)
    header = ("strategy", "labels", "accuracy", "points", "95% interval", "error ratio", "transfer")
    rows = []
    for arm, _ in task.arms:
        difference = arm.difference
        rows.append(
            (
                arm.strategy,
                f"{arm.labels:,}",
                percent(number(arm.accuracy)),
                points(number(difference)),
                points_range(difference) if difference else "–",
                decimal(arm.error_ratio, 2),
                transfer_word(arm.verdict),
            )
        )
    return _table(header, rows)


def _errors(task: TaskPart) -> Markdown:
    """The mean error of every strategy, and what its labels are worth, by number of labels."""
    header = ("error (and labels from scratch that it is worth)", *(f"{labels:,} labels" for labels in task.budgets))
    cells: dict[str, list[str]] = {}
    for arm, equal in task.arms:
        accuracy = number(arm.accuracy)
        error = percent(None if accuracy is None else 1 - accuracy)
        cells.setdefault(arm.strategy, []).append(f"{error} ({worth(equal)})" if equal else error)
    return _table(header, [(name, *row) for name, row in cells.items()])


def search_table(section: SearchSection) -> Markdown:
    """The best trial beside the guideline."""
    best, guideline = section.best_trial, section.guideline_trial
    rows = []
    for objective in section.objectives:
        sides = ((side and side.values) or {} for side in (guideline, best))
        rows.append((objective.label, *(objective.text(values.get(objective.name)) for values in sides)))
    rows += [(f"refitted: {part.measure}", part.guideline, part.winner) for part in section.confirmed]
    rows += [(setting.name, setting.guideline, setting.best) for setting in section.settings]
    return _table(("setting", "guideline", f"best (trial {best.number if best else '–'})"), rows)


def samplers_table(section: SamplersSection) -> Markdown:
    """Every sampler of a comparison."""
    header = ("sampler", "best in the end", "95% interval", "best so far", "95% interval")
    rows = [(own.name, own.best, own.best_interval, own.mean, own.mean_interval) for own in section.samplers]
    return _table(header, rows)


def claims_table(section: ClaimsSection) -> Markdown:
    """Every claim that was judged, a line for each of its comparisons."""
    header = ("claim", "verdict", "compared", "effect", "95% interval", "n", "p")
    rows = [
        (row.statement, row.verdict, part.what, part.effect, part.interval, str(part.n), part.p)
        for row in section.judged
        for part in row.comparisons
    ]
    return _table(header, rows)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Markdown:
    """The first column stands left, all others right."""
    cells = [[escaped(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    rule = ["-" * width if column == 0 else "-" * (width - 1) + ":" for column, width in enumerate(widths)]
    lines = [_padded(cells[0], widths), rule, *(_padded(row, widths) for row in cells[1:])]
    return Markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *others = zip(row, widths, strict=True)
    return [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
