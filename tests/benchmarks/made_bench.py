"""Results of a bench that never ran, small enough to know every number of the page by heart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MACHINE = {
    "processor": "Made Up 9000",
    "cores": 2,
    "memory_gb": 8.0,
    "caches": ["L2 unified 1024K"],
    "system": "Linux",
    "python": "3.11.7",
    "packages": {"tensorflow": "2.21.0", "torch": None},
    "blas": "scipy-openblas 0.3",
    "xla_flags": "--xla_cpu_prefer_vector_width=512",
}


def made_epochs(contender: str, seconds: Sequence[float], **more: Any) -> list[dict[str, Any]]:
    """One answer per repetition, whose two steady epochs take these CPU seconds and twice as long on the wall."""
    return [
        {
            "contender": contender,
            "repetition": repetition,
            "first": {"cpu": 9.0, "wall": 9.0},
            "steady": [{"cpu": value, "wall": value * 2}] * 2,
            "images": 1000,
            "logs": {"loss": [1.0, 0.5], "val_accuracy": [0.5, 0.875]},
            **more,
        }
        for repetition, value in enumerate(seconds)
    ]


def made_parts(product: float, update: float, gather: float) -> list[dict[str, Any]]:
    """The parts of a step: seconds of the products, and what the other two add."""
    steady = {
        "with_update": [{"cpu": product + update, "wall": 1.0}],
        "with_gather": [{"cpu": product + update + gather, "wall": 1.0}],
    }
    return made_epochs("parts", [product], **steady)


def made_stages(contender: str, walls: Sequence[float], compiling: float, gigabytes: float) -> list[dict[str, Any]]:
    """One answer per repetition of a stage with two runs, of which the first compiled."""
    return [
        {
            "contender": contender,
            "repetition": repetition,
            "process": {"began": 100.0, "wall": wall, "cpu": wall * 1.5},
            "memory": {"pss": gigabytes * 1e9, "rss": gigabytes * 2e9, "processes": [0.25e9, gigabytes * 1e9 - 0.25e9]},
            "runs": [
                {
                    "started": 103.0,
                    "seconds": wall / 2,
                    "cpu_seconds": wall / 2,
                    "compile_seconds": seconds,
                    "engine": "fused",
                    "epochs": 10,
                    "val_accuracy": 0.875,
                }
                for seconds in (compiling, 0.0)
            ],
        }
        for repetition, wall in enumerate(walls)
    ]


def made_section(kind: str, answers: Sequence[Mapping[str, Any]], **more: Any) -> dict[str, Any]:
    """A question's section of the results."""
    common = {"load": [0.0, 0.1, 0.2], "begun": "2000-01-01T00:00+00:00", "seconds": 1.0, "missing": {}, "epochs": 4}
    common["machine"] = MACHINE
    return {"kind": kind, "title": f"Made {kind}", "answers": list(answers), **common, **more}


def made_results(**questions: Any) -> dict[str, Any]:
    """Results with these sections."""
    return {"quick": False, "questions": questions}


def made_epoch_section(fit: Sequence[float], engine: Sequence[float]) -> dict[str, Any]:
    """The question about an epoch, with 30 % of a whole second of the engine's in products."""
    answers = [*made_epochs("fit", fit), *made_epochs("engine", engine), *made_parts(0.3, 0.1, 0.05)]
    return made_section("epoch", answers, net="model_a")


def made_suite_section(product: float, untracked: float, serial: float, compiling: float, gigabytes: float) -> Any:
    """The question about a suite, with these wall seconds, seconds of compiling and gigabytes."""
    answers = [
        *made_stages("product", [product] * 3, compiling, gigabytes),
        *made_stages("untracked", [untracked] * 3, compiling, gigabytes),
        {
            "contender": "serial_fit",
            "repetition": 0,
            "process": {"began": 0.0, "wall": serial, "cpu": serial},
            "runs": [],
        },
    ]
    return made_section("suite", answers, workers=2)
