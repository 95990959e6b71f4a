"""A made-up project's results on disk, in the formats the stages write: what the report is made from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from made_records import made_hex
from made_runs import made_evaluation, made_record
from made_searches import ACCURACY, made_searches, made_study, made_trial
from made_studies import PROTOCOL, MadeStudy
from sklearn.datasets import load_digits

from bythebook.documents import write_json
from bythebook.records.study import StudyOutline, StudyTask
from bythebook.statistics import interval
from bythebook.transfer.findings import findings

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SUITES = {
    "initialization": {
        "glorot_normal": 0.872, "he_normal": 0.884, "he_uniform": 0.881, "lecun_normal": 0.876, "unit_normal": 0.31,
    },
    "activations": {
        "relu": 0.868, "leaky_relu": 0.866, "elu": 0.879, "selu": 0.884, "prelu": 0.871, "sigmoid": 0.795,
        "tanh": 0.852,
    },
}  # fmt: skip
DIVERGING = {"prelu": 1, "unit_normal": 0}  # every seed above this diverges
QUESTIONS = {
    "initialization": "Does the spread of the initial weights decide whether a deep net learns at all?",
    "activations": "Which activation function learns fastest in a deep net without batch normalization?",
}
TASKS = tuple(PROTOCOL.tasks)
PHASES = [
    {"name": "frozen", "first_epoch": 0, "epochs": 4},
    {"name": "fine_tuning", "first_epoch": 4, "epochs": 16},
]


@dataclass(frozen=True)
class Results:
    """Where everything lies, named as the report's arguments."""

    suites: list[Path]
    evaluation: Path
    data: list[Path]
    tasks: list[Path]
    mlflow_ui: str = "http://127.0.0.1:5000"

    def arguments(self, **changed: Any) -> dict[str, Any]:
        return {**vars(self), **changed}


def make_results(root: Path, classes: Sequence[str] = DIGITS, studies: Sequence[MadeStudy] = (PROTOCOL,)) -> Results:
    """Two suites with a diverged run, transfer studies, searches, a champion, and their evaluation."""
    maker = _Maker(root, list(classes))
    suites = [maker.train_suite(name) for name in SUITES]
    suites += [maker.study(study) for study in studies]
    suites += [maker.search(), maker.champion(), *made_searches(maker)]
    return Results(suites, maker.evaluation(), [maker.data()], maker.tasks())


class _Maker:
    def __init__(self, root: Path, classes: list[str]) -> None:
        self.root, self.classes = root, classes
        self.random = np.random.default_rng(42)
        self.tested: dict[str, dict[str, Any]] = {}
        self.compared: dict[str, Any] = {}
        self.best = ""
        digits = load_digits()
        self.images = (digits.images * 255 / 16).astype(np.uint8)
        self.labels = digits.target.astype(np.int64)

    def train_suite(self, suite: str) -> Path:
        runs = []
        for name, level in SUITES[suite].items():
            for seed in range(3):
                status = "diverged" if seed > DIVERGING.get(name, seed) else "finished"
                runs.append(self.run(suite, name, seed, level, 10, status))
        return self.write(suite, f"train@{suite}", QUESTIONS[suite], runs)

    def study(self, study: MadeStudy) -> Path:
        """A transfer study with what its runs found; those of task A are sources."""
        suite, runs = f"transfer_{study.name}", []
        for task, strategies in study.tasks.items():
            for seed in range(5):
                tags = {"source": "task_a", "task": task, "arm": "", "labels": ""}
                runs.append({**self.run(suite, f"{task}.model_a", seed, 0.92, 20), "tags": tags})
            for (strategy, levels), seed in product(strategies.items(), range(5)):
                for labels, level in zip(study.labels, levels, strict=True):
                    tags = {"source": "", "task": task, "arm": strategy, "labels": str(labels)}
                    phases = PHASES if strategy == "freeze_then_finetune" else None
                    name = f"{task}.{strategy}.{labels}"
                    runs.append({**self.run(suite, name, seed, level, 20, phases=phases), "tags": tags})
        tasks = {
            task: StudyTask(
                names=[self.classes[index] for index in classes],
                declared=task in study.declared,
                labels=list(study.labels),
                validation=1000,
                source_validation=1000,
            )
            for task, classes in study.classes.items()
        }
        strategies = list(next(iter(study.tasks.values())))
        outline = StudyOutline(name=study.name, strategies=strategies, tasks=tasks)
        found = []
        for accuracy in (
            lambda run: run["record"].final_metrics["val_accuracy"],
            lambda run: self.tested[f"{suite}/{run['name']}/seed-{run['seed']}"]["accuracy"],
        ):
            measured: dict[Any, dict[int, float]] = {}
            for run in (run for run in runs if run["tags"]["arm"]):
                arm = run["tags"]["task"], run["tags"]["arm"], int(run["tags"]["labels"])
                measured.setdefault(arm, {})[run["seed"]] = accuracy(run)
            found.append(findings(outline, "accuracy", measured, dict.fromkeys(study.tasks, 1000)).as_json())
        validation, self.compared[suite] = found
        extra = {**outline.as_json(), "validation": validation}
        return self.write(suite, f"transfer@{study.name}", study.question, runs, extra)

    def search(self) -> Path:
        runs, trials = [], []
        for number in range(20):
            params = {
                "optimizer.learning_rate": 0.01 if number == 0 else float(10 ** self.random.uniform(-3.5, -1)),
                "hidden": [100] * (5 if number == 0 else int(self.random.integers(2, 9))),
                "initializer": {"name": "he_normal"},
                "dropout": None if number % 3 else {"name": "dropout", "rate": 0.2},
                "batch_size": int(self.random.choice([32, 64, 128])) if number else 32,
            }
            level = 0.872 if number == 0 else 0.885 - 0.05 * abs(math.log10(params["optimizer.learning_rate"]) + 1.9)
            state = {4: "pruned", 7: "failed", 11: "pruned", 15: "pruned"}.get(number, "complete")
            status = {"complete": "finished", "failed": "diverged"}.get(state, state)
            run = self.run("search_default_dnn", f"trial-{number:03d}", 42, level, 10, status)
            runs.append(run)
            values = {"val_accuracy": run["record"].final_metrics["val_accuracy"]} if state == "complete" else None
            trials.append(made_trial(run, number, state, params, values))
        best = max((trial for trial in trials if trial["values"]), key=lambda trial: trial["values"]["val_accuracy"])
        self.best = f"search_default_dnn.trial-{best['number']:03d}"
        shares = {"optimizer.learning_rate": 0.71, "hidden": 0.17, "dropout": 0.08, "batch_size": 0.04}
        extra = made_study("default_dnn", [ACCURACY], trials, best["number"], [best["number"]], [shares])
        question = "How far does the default configuration for deep nets lie from the best one nearby?"
        return self.write("search_default_dnn", "search@default_dnn", question, runs, extra)

    def champion(self) -> Path:
        names = {self.best: 0.889, "activations.selu": 0.884, "initialization.he_normal": 0.883}
        runs = [self.run("champion", name, seed, level, 10) for name, level in names.items() for seed in range(5)]
        table = []
        for name in names:
            values = [row["record"].final_metrics["val_accuracy"] for row in runs if row["name"] == name]
            own = {"name": name, "suite": name.split(".")[0], "recipe": runs[0]["record"].recipe}
            table.append({**own, **interval(values).as_json(), "seeds": list(range(5)), "values": values})
        table.sort(key=lambda row: -row["mean"])
        best = table[0]
        extra = {
            "chosen": best["name"], "shortlist": table, "metric": "val_accuracy",
            "model_seed": int(np.argmax(best["values"])), "recipe": best["recipe"],
        }  # fmt: skip
        self.chosen = f"champion/{best['name']}/seed-{extra['model_seed']}"
        return self.write("champion", "champion", "Which recipe is best on the full task?", runs, extra)

    def evaluation(self) -> Path:
        recipes: dict[str, list[dict[str, Any]]] = {}
        for path, result in self.tested.items():
            recipes.setdefault(path.rsplit("/", 1)[0], []).append(result)
        champion = {"run": self.chosen, **self.tested[self.chosen]}
        averaged = {
            path: {
                name: interval([result[name] for result in results]).as_json()
                for name in ("accuracy", "loss", "nll", "ece")
            }
            for path, results in recipes.items()
        }
        folder = self.root / "runs" / "evaluation"
        found = {"runs": self.tested, "recipes": averaged, "transfer": self.compared, "champion": champion}
        write_json(folder / "evaluation.json", found)
        chosen = self.random.choice(len(self.images), 18, replace=False)
        np.savez(
            folder / "sample_errors.npz",
            images=self.images[chosen],
            truth=self.labels[chosen],
            predicted=(self.labels[chosen] + self.random.integers(1, 10, 18)) % 10,
            probability=np.sort(self.random.uniform(0.7, 1, 18))[::-1].astype(np.float32),
        )
        return folder

    def data(self) -> Path:
        counts = {"train": 1297, "validation": 200, "test": 300}
        splits = {}
        for name, total in counts.items():
            per_class = [total // 10 + (index < total % 10) for index in range(10)]
            splits[name] = {"images": total, "per_class": per_class, "digest": made_hex(name)}
        card = {
            "dataset": "digits", "classes": self.classes, "shape": [8, 8], "splits": splits,
            "duplicates": {
                "dropped": {"train": 1, "validation": 0, "test": 0},
                "within": {"train": 0, "validation": 0, "test": 0},
                "across": {"train-validation": 0, "train-test": 1, "validation-test": 0},
            },
            "largest_z": {"train": 11.3, "validation": 12.9}, "constant_pixels": 3,
            "training_digest": made_hex("training"),
        }  # fmt: skip
        folder = self.root / "data" / "cards" / "digits"
        write_json(folder / "card.json", card)
        np.save(folder / "images.npy", self.images[:1297])
        np.save(folder / "labels.npy", self.labels[:1297])
        return folder

    def tasks(self) -> list[Path]:
        paths = []
        for task in TASKS:
            path = self.root / "data" / "tasks" / task / "task.json"
            others = self.classes[:5] + self.classes[7:]
            a = {"classes": [0, 1, 2, 3, 4, 7, 8, 9], "names": others, "train": 1030, "validation": 160}
            b = {"classes": [5, 6], "names": self.classes[5:7], "train": 200, "validation": 40}
            write_json(path, {"name": task, "digest": made_hex(task), "a": a, "b": b, "label_map": {}, "checks": {}})
            paths.append(path)
        return paths

    def run(self, suite: str, name: str, seed: int, level: float, epochs: int, status: str = "finished",
            phases: Any = None) -> dict[str, Any]:  # fmt: skip
        """One run; a finished one is also evaluated."""
        key = made_hex(f"{suite}/{name}/{seed}")
        record = made_record(self.random, key, seed, level, epochs, status, phases)
        if status == "finished":
            accuracy = record.final_metrics["val_accuracy"] - 0.004
            evaluated = made_evaluation(self.random, accuracy, self.classes)
            self.tested[f"{suite}/{name}/seed-{seed}"] = {"key": key, **evaluated}
        about = "" if "trial" in name else f"What {name} is for, in a sentence."
        return {"name": name, "about": about, "seed": seed, "record": record}

    def write(self, suite: str, stage: str, question: str, runs: list[dict[str, Any]], extra: Any = None) -> Path:
        folder = self.root / "runs" / suite
        listed = []
        for run in runs:
            path = f"{run['name']}/seed-{run['seed']}"
            write_json(folder / path / "record.json", run["record"].as_json())
            own = {key: run[key] for key in ("name", "about", "seed")}
            listed.append({**own, "key": run["record"].key, "path": path, "tags": run.get("tags", {})})
        heading = {"schema": 1, "suite": suite, "stage": stage, "dataset": "digits", "question": question}
        write_json(folder / "suite.json", {**heading, "runs": listed, "extra": extra or {}})
        return folder
