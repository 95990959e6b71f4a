"""Everything that runs, probes and benchmarks measured, by what was compared, by metric and by seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from statistics import fmean
from typing import Any

from bythebook.errors import unknown
from bythebook.records.suite import Entry, Suite

# What stands before the arms of measured latencies, as a suite's name stands before its recipes.
LATENCY = "latency"
Metric = Callable[[Entry, Mapping[str, Any]], float | None]
# What is a share of test images, or one less another share.
OF_TEST_IMAGES = ("test_accuracy", "test_error", "generalization_gap")
# What is a share of validation images, or a difference of two, and how a study calls their number.
OF_VALIDATION_IMAGES = {
    "validation_accuracy": "validation",
    "best_validation_accuracy": "validation",
    "lost_by_sharing": "source_validation",
}
# What lies between 0 and 1.
SHARES = (
    *("training_accuracy", "validation_accuracy", "best_validation_accuracy", "test_accuracy", "test_error"),
    *("test_ece", "test_error_auroc", "sparsity"),
)
# What the best of several recipes has most of.
CHOSEN_BY = "validation_accuracy"
FOUND_RATE, STEP_NOISE = "found_rate", "step_noise"


def _final(name: str) -> Metric:
    return lambda run, test: run.record.final_metrics.get(name)


def _test(name: str) -> Metric:
    return lambda run, test: test.get(name)


def _test_error(run: Entry, test: Mapping[str, Any]) -> float | None:
    return 1 - test["accuracy"] if "accuracy" in test else None


def _weights(name: str) -> Metric:
    return lambda run, test: test.get("weights", {}).get(name)


def _generalization_gap(run: Entry, test: Mapping[str, Any]) -> float | None:
    """Training accuracy of the final weights, without dropout, minus test accuracy."""
    seen = test.get("training_accuracy")
    return None if seen is None else float(seen - test["accuracy"])


def _found_rate(run: Entry, test: Mapping[str, Any]) -> float | None:
    """The learning rate that the run's range test found."""
    found = run.record.range_test
    return found.learning_rate if found else None


def _best(name: str, choose: Callable[..., float | None]) -> Metric:
    def best(run: Entry, test: Mapping[str, Any]) -> float | None:
        return choose((row.metrics[name] for row in run.record.epochs if name in row.metrics), default=None)

    return best


# What can be asked of a run that finished, from itself and from its figures on the test split.
METRICS: Mapping[str, Metric] = {
    "training_loss": _final("loss"),
    "training_accuracy": _final("accuracy"),
    "validation_loss": _final("val_loss"),
    "validation_accuracy": _final("val_accuracy"),
    "best_validation_loss": _best("val_loss", min),
    "best_validation_accuracy": _best("val_accuracy", max),
    "test_accuracy": _test("accuracy"),
    "test_error": _test_error,
    "test_loss": _test("loss"),
    "test_nll": _test("nll"),
    "test_brier": _test("brier"),
    "test_ece": _test("ece"),
    "test_error_auroc": _test("error_auroc"),
    "generalization_gap": _generalization_gap,
    "outputs_off_one": _test("outputs_off_one"),
    STEP_NOISE: _final("step_noise"),
    FOUND_RATE: _found_rate,
    "lost_by_sharing": lambda run, test: run.lost_by_sharing,
    "sparsity": _weights("sparsity"),
    "largest_weight": _weights("largest"),
    "largest_logit_difference": _test("largest_logit_difference"),
}


@dataclass(frozen=True)
class Measurements:
    """The measurements of every arm: a recipe of a suite, or a side of a probe, named ``suite/recipe``.

    ``suite/recipe@mc`` is a recipe whose test figures are those of a variant that the evaluate stage made. An arm of a
    transfer study is ``suite/task.strategy.labels``. What a search found of itself stands as ``search_samplers/tpe``,
    measured as sides of a probe are.
    ``latency/arm`` is what a benchmark timed; its repetitions stand where others have seeds, as all arms of one
    repetition were timed in turns, so that what slowed one down slowed the others down too.

    Attributes:
        runs: every run of each recipe.
        tests: what the evaluate stage found, by ``suite/recipe/seed-0``.
        probes: arm to metric to seed to value; latencies are among them.
        studied: what transfer studies say of their tasks, by ``suite/task``.
    """

    runs: Mapping[str, Sequence[Entry]]
    tests: Mapping[str, Mapping[str, Any]]
    probes: Mapping[str, Mapping[str, Mapping[int, float]]]
    studied: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @staticmethod
    def of(
        suites: Sequence[Suite],
        evaluation: Mapping[str, Any],
        probes: Sequence[Mapping[str, Any]] = (),
        latency: Mapping[str, Any] | None = None,
    ) -> Measurements:
        """What suites, the evaluate stage, probes and the benchmark of latencies wrote."""
        runs = {f"{suite.suite}/{name}": entries for suite in suites for name, entries in suite.by_name().items()}
        told = [(probe["probe"], probe) for probe in probes]
        told += [(suite.suite, suite.extra["measured"]) for suite in suites if "measured" in suite.extra]
        sides = {
            f"{owner}/{name}": {
                metric: dict(zip(found["seeds"], values, strict=True)) for metric, values in metrics.items()
            }
            for owner, found in told
            for name, metrics in found["arms"].items()
        }
        timed = {
            f"{LATENCY}/{name}": {metric: dict(enumerate(values)) for metric, values in metrics.items()}
            for name, metrics in (latency["arms"] if latency else {}).items()
        }
        studied = {
            f"{suite.suite}/{task}": about for suite in suites for task, about in suite.extra.get("tasks", {}).items()
        }
        return Measurements(runs, evaluation["runs"], sides | timed, studied)

    @property
    def arms(self) -> set[str]:
        """Every arm that something was measured of."""
        return self.runs.keys() | self.probes.keys()

    def tasks(self, pattern: str) -> list[str]:
        """The tasks whose arm was measured, for a pattern such as ``transfer_all_pairs/*.frozen.200``."""
        before, _, behind = pattern.partition("*")
        return [arm[len(before) : len(arm) - len(behind)] for arm in self.runs if fnmatchcase(arm, pattern)]

    def missing(self, arm: str) -> str | None:
        """The suite or probe of an arm if it was not run, or its task if its suite was run on others; else None."""
        suite, _, name = arm.partition("/")
        if suite not in {known.partition("/")[0] for known in self.arms}:
            return suite
        task = f"{suite}/{name.partition('.')[0]}"
        is_there = "." not in name or "*" in name or any(known.startswith(f"{task}.") for known in self.runs)
        return None if is_there else task

    def step(self, arm: str, metric: str) -> float:
        """What a metric is counted in: a share of one image where it is one of so many, else 0."""
        name, images = arm.partition("@")[0], None
        if metric in OF_TEST_IMAGES:
            tests = (self._test(name, entry) for entry in self.runs.get(name, ()))
            images = next((found["images"] for found in tests if "images" in found), None)
        elif metric in OF_VALIDATION_IMAGES:
            images = self.studied.get(name.partition(".")[0], {}).get(OF_VALIDATION_IMAGES[metric])
        return 1 / images if images else 0.0

    def problem(self, arm: str, metric: str) -> str | None:
        """Why there is no such measurement, in a sentence; None if there is one."""
        name, _, variant = arm.partition("@")
        if "*" in name and self.tasks(name):
            return None if metric in METRICS else unknown("metric", metric, METRICS)
        if name not in self.arms:
            return unknown("recipe or probe", name, self.arms)
        known: Mapping[str, Any] = self.probes.get(name, METRICS)
        if metric not in known:
            return unknown("metric", metric, known)
        made = {key for entry in self.runs.get(name, ()) for key in self._test(name, entry).get("variants", {})}
        return unknown(f"variant of {name}", variant, made) if variant and variant not in made else None

    def by_seed(self, arm: str, metric: str, diverged: float | None = None) -> dict[int, float]:
        """Each seed's value; a run that diverged counts as ``diverged``, or not at all."""
        if arm in self.probes:
            return dict(self.probes[arm][metric])
        name, _, variant = arm.partition("@")
        found = {}
        for entry in self.runs[name]:
            if entry.record.is_finished:
                test = self._test(name, entry)
                value = METRICS[metric](entry, test.get("variants", {}).get(variant, {}) if variant else test)
                if value is not None:
                    found[entry.seed] = float(value)
            elif entry.record.status == "diverged" and diverged is not None:
                found[entry.seed] = diverged
        return found

    def _test(self, name: str, entry: Entry) -> Mapping[str, Any]:
        return self.tests.get(f"{name}/seed-{entry.seed}", {})

    def paired(self, arms: Sequence[str], metric: str, diverged: float | None = None) -> list[list[float]]:
        """Each arm's values, as :meth:`by_seed` gives them, over the seeds that all of them have, ascending.

        A seed with which all diverged says nothing of how they differ, and is left out.
        """
        values = [self.by_seed(arm, metric, diverged) for arm in arms]
        finished = set().union(*(self.by_seed(arm, metric) for arm in arms))
        seeds = sorted(finished.intersection(*values))
        return [[own[seed] for seed in seeds] for own in values]

    def best(self, arms: Sequence[str], diverged: float | None = None) -> str:
        """The arm with the highest mean validation accuracy; the only one of a single arm.

        A run that diverged counts as ``diverged``; where it does not count, the arms come first of which the largest
        share of runs finished, as the best of what survived flatters an arm.
        """
        if len(arms) == 1:
            return arms[0]
        ranks = {}
        for arm in arms:
            if found := self.by_seed(arm, CHOSEN_BY, diverged):
                lost = 0 if diverged is not None else self.stopped(arm)
                ranks[arm] = len(found) / (len(found) + lost), fmean(found.values())
        return max(ranks, key=lambda arm: ranks[arm], default=arms[0])

    def dataset(self, arm: str) -> str | None:
        """What an arm was trained on; None for a side of a probe."""
        entries = self.runs.get(arm.partition("@")[0])
        return str(entries[0].record.identity.data.dataset) if entries else None

    def epochs(self, arm: str) -> int | None:
        """How many epochs an arm's first run was trained for, over all phases; None for a side of a probe."""
        entries = self.runs.get(arm.partition("@")[0])
        return sum(phase.epochs for phase in entries[0].record.phases) if entries else None

    @property
    def recipes(self) -> dict[str, Mapping[str, Any]]:
        """The resolved recipe of every arm that is one."""
        return {arm: entries[0].record.recipe for arm, entries in self.runs.items()}

    def stopped(self, arm: str) -> int:
        """How many of an arm's runs did not finish."""
        return sum(not entry.record.is_finished for entry in self.runs.get(arm.partition("@")[0], ()))
