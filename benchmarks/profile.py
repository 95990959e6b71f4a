"""Where the time goes: the parts of an epoch and of a stage, out of what was measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.figures import Answer, Section, cpu, of_contender


@dataclass(frozen=True)
class Part:
    """A part of a whole.

    Attributes:
        name: for readers.
        seconds: CPU seconds of an epoch, or wall seconds of a stage.
        share: of the whole.
    """

    name: str
    seconds: float
    share: float


def epoch_parts(section: Section) -> list[Part]:
    """The engine's CPU seconds of a steady epoch by part; empty if the engine or the parts were not measured.

    Products were timed alone in a compiled loop, update and gathering are what they added to it; dropout and
    normalization are the difference to the same net without them. The rest is what is left: activations, loss, metrics,
    validation where there is one, and calls.
    """
    whole, products = of_contender(section, "engine", cpu), of_contender(section, "parts", cpu)
    if whole is None or products is None:
        return []
    updated, gathered = (of_contender(section, "parts", _steady(name)) for name in ("with_update", "with_gather"))
    assert updated is not None and gathered is not None
    seconds = {
        "matrix products": products.median,
        "update of the weights": updated.median - products.median,
        "gathering the batches": gathered.median - updated.median,
    }
    bare = of_contender(section, "engine_bare", cpu)
    if bare is not None:
        seconds["dropout and normalization"] = whole.median - bare.median
    seconds["the rest"] = whole.median - sum(seconds.values())
    return [Part(name, value, value / whole.median) for name, value in seconds.items()]


def stage_parts(section: Section, contender: str) -> list[Part]:
    """A stage's wall seconds by part, the median over repetitions; empty if no run's times were kept.

    What runs take in several workers at once counts as their sum over the number of workers.
    """
    answers = [answer for answer in section["answers"] if answer["contender"] == contender and answer.get("runs")]
    if not answers:
        return []
    workers = section.get("workers") or int(contender)
    whole = median(answer["process"]["wall"] for answer in answers)
    seconds: dict[str, float] = {
        "before the first run starts": median(start_up(answer) for answer in answers),
        "training, without compiling": median(_over(answer, workers, _trained) for answer in answers),
        "compiling": median(_over(answer, workers, _compiled) for answer in answers),
    }
    # The memo keeps no pruned trial, so nothing tells its seconds from those of waiting.
    pruned = "pruned trials, " if section["kind"] == "search" else ""
    seconds[f"{pruned}waiting, keeping results and ending"] = whole - sum(seconds.values())
    return [Part(name, value, value / whole) for name, value in seconds.items()]


def start_up(answer: Answer) -> float:
    """Seconds from a stage's begin to the begin of its first run."""
    return float(answer["runs"][0]["started"] - answer["process"]["began"])


def listed(parts: list[Part], unit: str) -> str:
    """The parts as a phrase: ``matrix products 0.31 CPU-s (58 %), ...``."""
    return ", ".join(f"{part.name} {part.seconds:.2f} {unit} ({part.share * 100:.0f} %)" for part in parts)


def _steady(name: str) -> Callable[[Answer], float | None]:
    return lambda answer: median(span["cpu"] for span in answer[name])


def _over(answer: Answer, workers: int, seconds: Callable[[dict[str, Any]], float]) -> float:
    return sum(seconds(run) for run in answer["runs"]) / workers


def _compiled(run: dict[str, Any]) -> float:
    return float(run["compile_seconds"] or 0.0)


def _trained(run: dict[str, Any]) -> float:
    return float(run["seconds"]) - _compiled(run)
