"""A whole search over widths and depths: the product, and the same trials one after another through ``fit``."""

from __future__ import annotations

from typing import Any

from benchmarks.measure import Cell, Settings, interleaved
from benchmarks.questions.serial import serially
from benchmarks.stages import budget, run_stage, scratch
from bythebook.records.suite import read_suite

NAME, MODULE = "default_dnn", "pipeline.search"
TRIALS, QUICK_TRIALS = 40, 4
WORKERS = 2


def measure(settings: Settings) -> dict[str, Any]:
    """The search around the default net, refits included; ``fit`` trains every net for the same number of epochs."""
    trials = QUICK_TRIALS if settings.quick else TRIALS
    overrides = {"epochs": 2} if settings.quick else {}
    params = {**budget(1, trials), "workers": WORKERS, "search": {"overrides": overrides}}
    trained: list[dict[str, Any]] = []

    def product() -> dict[str, Any]:
        with scratch(params) as folder:
            answer = run_stage(folder, MODULE, NAME)
            entries = read_suite(folder / "runs" / "suites" / f"search_{NAME}").entries
        # A recipe that is drawn again is not trained again, on neither side.
        records = {entry.key: entry.record for entry in entries}
        trained[:] = [
            {
                "recipe": record.recipe,
                "seed": record.identity.seed,
                "epochs": len(record.epochs),
            }
            for record in records.values()
            if record.epochs
        ]
        shapes = {(*run["recipe"]["hidden"], run["recipe"]["batch_size"]) for run in trained}
        return {
            **answer,
            "trials": sum(entry.name.startswith("trial-") for entry in entries),
            "trained": len(trained),
            "shapes": len(shapes),
            "trained_epochs": sum(run["epochs"] for run in trained),
        }

    cells = [
        Cell("product", product),
        Cell("serial_fit", lambda: serially(trained)),
    ]
    return {
        "kind": "search",
        "title": f"A search of {trials} trials around `{NAME}`",
        "workers": WORKERS,
        "answers": interleaved(cells, settings.repetitions),
    }
