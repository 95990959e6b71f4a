"""Markdown tables of the results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import mean
from typing import Any

from benchmarks.contenders import CONTENDERS
from benchmarks.figures import Answer, Section, cpu, memory_gb, of_contender, ratio, wall
from benchmarks.profile import Part, epoch_parts, stage_parts

SIDES = {
    "product": "the product",
    "untracked": "the product, tracking switched off",
    "serial_fit": "Keras `fit`, one run after another",
}
ABSENT = "-"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose columns after the first are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def contenders(section: Section) -> str:
    """The table of a question about epochs, against ``fit`` where it was measured, else with the share of the floor."""
    rows = []
    for name in _names(section):
        used, waited = of_contender(section, name, cpu), of_contender(section, name, wall)
        assert used is not None and waited is not None
        first = of_contender(section, name, lambda answer: answer["first"]["cpu"])
        assert first is not None
        rows.append(
            [
                CONTENDERS[name].title,
                used.text(3),
                _compared(section, name),
                waited.text(3),
                first.text(2),
                _accuracy(section, name),
                str(used.count),
            ]
        )
    rows += [
        [CONTENDERS[name].title, f"not installed: {', '.join(packages)}", *[ABSENT] * 5]
        for name, packages in section["missing"].items()
    ]
    compared = "share of the floor" if section["kind"] == "floor" else "against `fit`"
    accuracy = f"accuracy after {section['epochs']} epochs"
    return table(
        ["contender", "CPU-s per epoch", compared, "wall s per epoch", "first epoch, CPU-s", accuracy, "n"], rows
    )


def sides(section: Section) -> str:
    """The table of a question about whole stages."""
    rows = []
    for name in _names(section):
        waited, used = of_contender(section, name, wall), of_contender(section, name, cpu)
        assert waited is not None and used is not None
        memory = of_contender(section, name, memory_gb)
        against = ratio(section, name, "serial_fit", wall)
        rows.append(
            [
                SIDES[name],
                waited.text(1),
                f"{against.median:.3f}" if against else ABSENT,
                used.text(1),
                memory.text(2) if memory else ABSENT,
                _last_accuracy(section, name),
                str(waited.count),
            ]
        )
    head = ["", "wall s", "against `fit`", "CPU-s", "memory, GB", "mean validation accuracy", "n"]
    return table(head, rows)


def growth(section: Section) -> str:
    """The table of a question about growth."""
    unit = "an epoch" if section["unit"] == "epoch" else "the stage"
    rows = []
    for name in sorted(_names(section), key=int):
        used, waited = of_contender(section, name, cpu), of_contender(section, name, wall)
        ratios = [ratio(section, name, "1", value) for value in (cpu, wall)]
        assert used is not None and waited is not None
        shown = [f"{found.median:.2f} x" if found else ABSENT for found in ratios]
        rows.append([name, used.text(2), shown[0], waited.text(2), shown[1], str(used.count)])
    return table([section["axis"], f"CPU-s of {unit}", "of one", f"wall s of {unit}", "of one", "n"], rows)


def parts(section: Section) -> str:
    """Where the engine's, or the product's, time goes; empty if that was not measured."""
    whole: list[Part] = (
        stage_parts(section, "product") if section["kind"] in ("suite", "search") else epoch_parts(section)
    )
    if not whole:
        return ""
    kind = "wall s" if section["kind"] in ("suite", "search") else "CPU-s"
    rows = [[part.name, f"{part.seconds:.3f}", f"{part.share * 100:.1f} %"] for part in whole]
    return table(["where it goes", kind, "share"], rows)


def _names(section: Section) -> list[str]:
    """The contenders in the order in which they were first measured."""
    return list(dict.fromkeys(answer["contender"] for answer in section["answers"]))


def _compared(section: Section, name: str) -> str:
    if section["kind"] == "floor":
        share = ratio(section, "floor", name, cpu)
        return f"{share.median * 100:.0f} %" if share else ABSENT
    against = ratio(section, name, "fit", cpu)
    return f"{against.median:.3f}" if against else ABSENT


def _accuracy(section: Section, name: str) -> str:
    """The last validation accuracy, or training accuracy where nothing was validated."""

    def last(answer: Answer) -> float | None:
        logs: dict[str, list[float]] = answer.get("logs", {})
        values = logs.get("val_accuracy") or logs.get("accuracy")
        return values[-1] if values else None

    found = of_contender(section, name, last)
    return f"{found.median:.3f}" if found else ABSENT


def _last_accuracy(section: Section, name: str) -> str:
    def averaged(answer: Answer) -> float | None:
        known: list[Any] = [run["val_accuracy"] for run in answer.get("runs", [])]
        known = [value for value in known if value is not None]
        return mean(known) if known else None

    found = of_contender(section, name, averaged)
    return f"{found.median:.4f}" if found else ABSENT
