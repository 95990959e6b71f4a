"""Transfer learning from task A to task B: the protocol, its runs and its verdict.

Both arms of a comparison have the same net, the same data of B, the same number of epochs and the same seeds; only the
origin of the lower layers differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from bythebook import catalogue, recipe, statistics
from bythebook import techniques as techniques  # fills the catalogue
from bythebook.documents import read_yaml
from bythebook.errors import Problems, UserError
from bythebook.runs.engines import AUTOMATIC, EngineSettings, with_engines
from bythebook.runs.run import Run, View
from bythebook.validation import validated

METRIC = "val_accuracy"
ARMS = {
    "model_a": "The source: trained on all of task A.",
    "scratch": "Task B alone, from its own initial weights.",
    "transferred": "Task B on copies of model A's lower layers.",
}


class ProtocolFile(BaseModel):
    """What a transfer file may hold."""

    model_config = recipe.STRICT
    question: str
    strategy: Any
    model_a: dict[str, Any]
    model_b: dict[str, Any]


@dataclass(frozen=True)
class Protocol:
    """A transfer protocol, resolved.

    Attributes:
        recipe_a: of the source.
        recipe_b: of both arms on task B; its epochs are those of the strategy's phases together.
    """

    name: str
    question: str
    strategy: dict[str, Any]
    recipe_a: dict[str, Any]
    recipe_b: dict[str, Any]


def read_protocol(path: Path, overrides: Mapping[str, Any] | None = None) -> Protocol:
    """Reads and resolves a transfer file; its stem is the protocol's name.

    Args:
        overrides: dotted recipe path to value, applied to both recipes.

    Raises:
        UserError: with every problem of the file.
    """
    where, content = path.name, read_yaml(path)
    if not isinstance(content, Mapping):
        raise UserError(f"{where}: a transfer file is a mapping with {', '.join(ProtocolFile.model_fields)}.")
    declared = validated(ProtocolFile, dict(content), where)
    problems = Problems()
    resolved: dict[str, Any] = {}
    parts = {
        "strategy": lambda: catalogue.resolve("strategy", declared.strategy, f"{where}: strategy"),
        "a": lambda: _recipe(declared.model_a, overrides, f"{where}: model_a"),
        "b": lambda: _recipe({**declared.model_a, **declared.model_b}, overrides, f"{where}: model_b"),
    }
    for part, resolve in parts.items():
        try:
            resolved[part] = resolve()
        except UserError as error:
            problems.extend(error)
    problems.raise_if_any()
    if resolved["a"]["hidden"] != resolved["b"]["hidden"]:
        raise UserError(f"{where}: model_b.hidden: lower layers can be copied only between equal stacks of layers.")
    strategy = catalogue.build("strategy", resolved["strategy"])
    try:
        strategy.reused_of(len(resolved["b"]["hidden"]))
    except UserError as error:
        raise UserError(f"{where}: strategy.{error}") from error
    recipe_b = {**resolved["b"], "epochs": strategy.epochs}
    return Protocol(path.stem, declared.question, resolved["strategy"], resolved["a"], recipe_b)


def plan(
    protocol: Protocol,
    standardized: Path,
    tasks: Sequence[Path],
    seeds: Sequence[int],
    engine: EngineSettings = AUTOMATIC,
) -> list[Run]:
    """Every run of the protocol: per task and seed model A, B from scratch, and B on A."""
    runs: list[Run] = []
    for task in tasks:
        view_a, view_b = (View.of(standardized, task, side) for side in ("a", "b"))
        # Model A's engine is part of its key, which the runs that stand on it name.
        sources = with_engines([_run("model_a", task, seed, protocol.recipe_a, view_a) for seed in seeds], engine)
        arms = [_run("scratch", task, seed, protocol.recipe_b, view_b) for seed in seeds]
        for source in sources:
            reuse = {"strategy": protocol.strategy, "source": source.key}
            arms.append(_run("transferred", task, source.seed, protocol.recipe_b, view_b, **reuse))
        runs += [*sources, *with_engines(arms, engine)]
    return sorted(runs, key=lambda run: run.name)


def verdicts(protocol: Protocol, runs: Sequence[Run], records: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """What the runs say on validation images, per task: both arms with intervals, their paired difference, a verdict.

    Seeds of which an arm has no result (it diverged) form no pair.
    """
    tasks: dict[str, Any] = {}
    for task in sorted({run.tags["task"] for run in runs}):
        values = {arm: _values(task, arm, runs, records) for arm in ARMS}
        seeds = sorted(values["scratch"].keys() & values["transferred"].keys())
        tasks[task] = {
            "seeds": seeds,
            "arms": {arm: f"{task}.{arm}" for arm in ARMS},
            "verdict": compare(METRIC, *({s: values[arm][s] for s in seeds} for arm in ("scratch", "transferred"))),
        }
    return {"strategy": protocol.name, "tasks": tasks}


def compare(metric: str, scratch: Mapping[int, float], transferred: Mapping[int, float]) -> dict[str, Any]:
    """Both arms with intervals and their paired difference, over the seeds they share; None where there are none."""
    before, after = ([values[seed] for seed in sorted(values)] for values in (scratch, transferred))
    if not before:
        return {"metric": metric, "scratch": None, "transferred": None, "difference": None, "verdict": "inconclusive"}
    difference = statistics.paired_difference(before, after)
    return {
        "metric": metric,
        "scratch": statistics.interval(before),
        "transferred": statistics.interval(after),
        "difference": difference,
        "verdict": statistics.verdict(difference),
    }


def _recipe(declared: Mapping[str, Any], overrides: Mapping[str, Any] | None, where: str) -> dict[str, Any]:
    resolved = recipe.resolve(declared, where)
    return recipe.with_overrides(resolved, overrides, where) if overrides else resolved


def _run(arm: str, task: Path, seed: int, declared: Mapping[str, Any], view: View, **reuse: Any) -> Run:
    tags = {"task": task.name, "arm": arm}
    return Run(f"{task.name}.{arm}", seed, declared, view, about=ARMS[arm], tags=tags, **reuse)


def _values(task: str, arm: str, runs: Sequence[Run], records: Mapping[str, dict[str, Any]]) -> dict[int, float]:
    chosen = [run for run in runs if run.tags["task"] == task and run.tags["arm"] == arm]
    return {run.seed: records[run.key]["final"][METRIC] for run in chosen if records[run.key]["status"] == "finished"}
