"""A paragraph for a target that is missed: where the time goes and what the limit is, from what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any

from benchmarks.figures import Figure, Section, compile_share, cpu, of_contender, wall
from benchmarks.profile import epoch_parts, listed, stage_parts, start_up
from benchmarks.verdicts import Verdict


def why(verdict: Verdict, results: Mapping[str, Any]) -> str:
    """The paragraph of a missed target."""
    section = results["questions"][verdict.target.section]
    explain = {
        "epoch": _epoch,
        "floor": _floor,
        "suite": _of_suite,
        "search": _stage,
        "growth": _growth,
    }[section["kind"]]
    figure = verdict.figure
    assert figure is not None
    target = verdict.target
    missed = f"**{target.asks}**: {target.number(figure.median)}, the target is {target.wanted}."
    return f"{missed} {explain(verdict, section)}"


def _known(figure: Figure | None) -> float:
    assert figure is not None
    return figure.median


def _epoch(verdict: Verdict, section: Section) -> str:
    engine, fit = (_known(of_contender(section, name, cpu)) for name in ("engine", "fit"))
    text = f"`fit` takes {fit:.2f} CPU-s an epoch and the engine {engine:.2f}. "
    parts = epoch_parts(section)
    if not parts:
        return text
    limit = verdict.target.limit
    return text + (
        f"Of these: {listed(parts, 'CPU-s')}. The products alone, as XLA executes them, are "
        f"{parts[0].seconds / fit:.3f} x `fit`; the target leaves {limit * fit - parts[0].seconds:.2f} CPU-s for "
        "everything else."
    )


def _floor(verdict: Verdict, section: Section) -> str:
    engine, floor = (_known(of_contender(section, name, cpu)) for name in ("engine", "floor"))
    text = f"The products take {floor:.2f} CPU-s through BLAS, and the engine's epoch {engine:.2f}. "
    parts = epoch_parts(section)
    if not parts:
        return text
    return text + (
        f"Of these: {listed(parts, 'CPU-s')}. As XLA executes them, the products are {parts[0].seconds / floor:.2f} x "
        f"the floor, so that an engine that does nothing but products through XLA would have a share of "
        f"{floor / parts[0].seconds * 100:.0f} %."
    )


def _of_suite(verdict: Verdict, section: Section) -> str:
    named = {"compile": _compile, "tracking": _tracking, "memory": _memory}
    return named.get(verdict.target.name, _stage)(verdict, section)


def _stage(verdict: Verdict, section: Section) -> str:
    product, serial = (_known(of_contender(section, name, wall)) for name in ("product", "serial_fit"))
    used, needed = (_known(of_contender(section, name, cpu)) for name in ("product", "serial_fit"))
    parts = stage_parts(section, "product")
    where = f"Of these: {listed(parts, 's')}." if parts else "No run's times were kept."
    return (
        f"`fit` takes {serial:.1f} s ({needed:.1f} CPU-s) and the stage {product:.1f} s ({used:.1f} CPU-s, which its "
        f"{section['workers']} workers cannot do in less than {used / section['workers']:.1f} s). {where}"
    )


def _compile(verdict: Verdict, section: Section) -> str:
    runs = [run for answer in _answers(section, "product") for run in answer["runs"]]
    compiled = [run["compile_seconds"] for run in runs if run["compile_seconds"]]
    share = _known(of_contender(section, "product", compile_share(section)))
    return (
        f"{len(compiled)} of {len(runs)} runs compiled, for {median(compiled):.1f} s in the median and "
        f"{max(compiled):.1f} s at most: {share * 100:.1f} % of the time of {section['workers']} workers."
    )


def _tracking(verdict: Verdict, section: Section) -> str:
    walls = [_known(of_contender(section, name, wall)) for name in ("product", "untracked")]
    cpus = [_known(of_contender(section, name, cpu)) for name in ("product", "untracked")]
    figure = verdict.figure
    assert figure is not None
    return (
        f"With tracking the stage takes {walls[0]:.1f} s and {cpus[0]:.1f} CPU-s, without it {walls[1]:.1f} s and "
        f"{cpus[1]:.1f} CPU-s: {cpus[0] - cpus[1]:.1f} CPU-s that the workers' cores have to give. From one "
        f"repetition to another the share lies between {figure.low * 100:.1f} and {figure.high * 100:.1f} %."
    )


def _memory(verdict: Verdict, section: Section) -> str:
    highest = max((answer["memory"] for answer in _answers(section, "product")), key=lambda memory: memory["pss"])
    held = ", ".join(f"{size / 1e9:.2f}" for size in highest["processes"])
    return (
        f"At the highest moment the stage's process and its workers held {held} GB, shared pages divided among them; "
        f"counted in each of them it would be {highest['rss'] / 1e9:.2f} GB."
    )


def _growth(verdict: Verdict, section: Section) -> str:
    steps = sorted({answer["contender"] for answer in section["answers"]}, key=int)
    value = cpu if section["unit"] == "epoch" else wall
    costs = ", ".join(f"{_known(of_contender(section, step, value)):.2f} s at {step}" for step in steps)
    if section["unit"] == "epoch":
        each = ", ".join(
            f"{_known(of_contender(section, step, lambda answer: cpu(answer) / answer['images'])) * 1e6:.2f}"
            for step in steps
        )
        return f"Measurements: {costs}. An image costs {each} µs of CPU."
    starts = ", ".join(
        f"{median(start_up(answer) for answer in _answers(section, step) if answer['runs']):.1f} s" for step in steps
    )
    return f"Measurements: {costs}. Before the first run starts pass {starts}, which no number of workers shortens."


def _answers(section: Section, contender: str) -> list[dict[str, Any]]:
    return [answer for answer in section["answers"] if answer["contender"] == contender]
