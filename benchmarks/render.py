"""``RESULTS.md`` out of ``results.json``: nothing is measured here, and no number stands in the text by itself."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks import tables
from benchmarks.contenders import CONTENDERS
from benchmarks.figures import Section
from benchmarks.verdicts import TARGETS, Verdict, verdicts
from benchmarks.why import why

Results = Mapping[str, Any]
INSTALL = '`.venv/bin/python -m pip install --no-build-isolation -e ".[bench]"`'
QUICK = (
    "**A glance, not a result**: little data, few epochs and few repetitions, to see that everything runs. Verdicts "
    "mean nothing here."
)
HOW = (
    "`make bench` writes this page. Every contender runs in a fresh process, in turns with the others (A B C A B C). "
    "Numbers are medians over n repetitions, with the smallest and largest value in brackets; an epoch is the median "
    "of a process's steady epochs, after the first one, which traces and compiles. CPU seconds are those of all "
    "threads and, for stages, of all processes. A ratio is that of two medians; its spread is that of the ratios "
    "within each turn."
)
STAGES = (
    "The product runs the stage as DVC starts it, from its first line of code to its last, in a fresh copy with an "
    "empty memo and nothing compiled, tracked into a SQLite file. `fit` trains the same recipes with the same seeds, "
    "epochs and validation images in one process with TensorFlow's own threads, its start included. Memory is the "
    "highest sum over the stage's process and its workers, shared pages counted once."
)


SEVERAL = (
    "Each question was measured on one machine, all its contenders in turns; what is measured on different machines is "
    "never compared."
)


def page(results: Results) -> str:
    """The whole page.

    Args:
        results: ``quick`` and ``questions`` by name, each with its ``machine``.
    """
    return "\n\n".join(_blocks(results)) + "\n"


def _blocks(results: Results) -> Iterator[str]:
    judged = verdicts(results)
    yield "# Benchmarks"
    if results["quick"]:
        yield QUICK
    yield HOW
    yield "## Targets"
    yield _verdict_table(judged)
    missed = [verdict for verdict in judged if verdict.reached is False]
    if missed:
        yield "### What was missed, and where the time goes"
        yield from (why(verdict, results) for verdict in missed)
    shown = dict.fromkeys(target.section for target in TARGETS if target.section in results["questions"])
    sections = [results["questions"][name] for name in shown]
    machines: list[Mapping[str, Any]] = []
    for section in sections:
        if section["machine"] not in machines:
            machines.append(section["machine"])
    yield "## Machines"
    if len(machines) > 1:
        yield SEVERAL
    yield _machines(machines)
    for section in sections:
        yield f"## {section['title']}"
        yield from _section(section, _letter(machines.index(section["machine"])))
    yield "## What the contenders do"
    yield _contenders(results)


def _verdict_table(judged: list[Verdict]) -> str:
    rows = []
    for verdict in judged:
        figure, target = verdict.figure, verdict.target
        measured = ["-"] * 3
        if figure:
            spread = f"{target.number(figure.low)} to {target.number(figure.high)}"
            measured = [target.number(figure.median), spread, str(figure.count)]
        rows.append([target.asks, target.wanted, *measured, verdict.word])
    return tables.table(["question", "target", "measured", "spread", "n", "verdict"], rows)


def _machines(machines: Sequence[Mapping[str, Any]]) -> str:
    columns = [_described(machine) for machine in machines]
    head = ["", *(_letter(number) for number in range(len(machines)))]
    rows = [[name, *(column[name] for column in columns)] for name in columns[0]] if columns else []
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])


def _letter(number: int) -> str:
    return string.ascii_uppercase[number]


def _described(machine: Mapping[str, Any]) -> dict[str, str]:
    packages = [f"{name} {version or 'not installed'}" for name, version in machine["packages"].items()]
    return {
        "processor": machine["processor"],
        "cores, memory": f"{machine['cores']}, {machine['memory_gb']} GiB",
        "caches": ", ".join(machine["caches"]) or "unknown",
        "system": machine["system"],
        "Python": machine["python"],
        "libraries": ", ".join(packages),
        "NumPy's BLAS": machine["blas"],
        "XLA flags of the engine": f"`{machine['xla_flags']}`" if machine["xla_flags"] else "none",
    }


def _section(section: Section, machine: str) -> Iterator[str]:
    load = ", ".join(f"{value:.2f}" for value in section["load"])
    yield f"Machine {machine}, begun {section['begun']}; load average before: {load}."
    kind = section["kind"]
    if kind in ("epoch", "floor"):
        yield tables.contenders(section)
        if section["missing"]:
            yield f"What is not installed is added by {INSTALL}."
    elif kind == "growth":
        yield tables.growth(section)
        yield f"![{section['title']}](plots/growth_{section['axis']}.png)"
    else:
        yield STAGES
        yield tables.sides(section)
        yield from _facts(section)
    shown = "" if kind == "growth" else tables.parts(section)
    if shown:
        yield shown


def _facts(section: Section) -> Iterator[str]:
    """What the runs of a stage were."""
    last = [answer for answer in section["answers"] if answer["contender"] == "product"][-1]
    engines = [run["engine"] or "unknown" for run in last["runs"]]
    ways = ", ".join(f"{engines.count(way)} {way}" for way in sorted(set(engines)))
    compiled = sum(run["compile_seconds"] or 0 for run in last["runs"])
    text = f"Runs kept by the last repetition: {len(engines)} (engine: {ways or '-'}), {compiled:.1f} s of compiling."
    if "trials" in last:
        text += (
            f" {last['trials']} trials were {last['trained']} different recipes of {last['shapes']} different sizes, "
            f"trained for {last['trained_epochs']} epochs in all; pruned ones are not kept. `fit` trained each for the "
            "same number of epochs."
        )
    yield text


def _contenders(results: Results) -> str:
    sections = [section for section in results["questions"].values() if section["kind"] in ("epoch", "floor")]
    used = {answer["contender"] for section in sections for answer in section["answers"]}
    lines = [f"- **{contender.title}**: {contender.does}" for name, contender in CONTENDERS.items() if name in used]
    about = (
        "All train in batches of 32 and, where a table is headed by an accuracy after epochs with validation, evaluate "
        "the validation images after each epoch: Keras `fit` in batches of 32, as it does unasked, the others in "
        "batches of 1000. `verbose=0` throughout."
    )
    return "\n\n".join([about, "\n".join(lines)])
