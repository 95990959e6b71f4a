"""Made-up searches: a study as the search stage describes it, one by two objectives, and samplers compared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bythebook.statistics import interval, paired_difference, verdict

ACCURACY = {
    "name": "val_accuracy", "label": "validation accuracy", "direction": "maximize", "kind": "share",
    "about": "Validation accuracy.",
}  # fmt: skip
SIZE = {
    "name": "multiply_adds", "label": "multiply-adds of a prediction", "direction": "minimize", "kind": "count",
    "about": "Multiply-adds.",
}  # fmt: skip
SAMPLERS = {"grid": 0.86, "random": 0.868, "tpe": 0.875}


def made_trial(run: Any, number: int, state: str, params: Any, values: Any) -> dict[str, Any]:
    key = run["record"].key
    return {"number": number, "state": state, "params": params, "values": values, "enqueued": number == 0, "key": key}


def made_study(
    name: str,
    objectives: Sequence[dict[str, str]],
    trials: list[Any],
    best: int,
    pareto: Sequence[int],
    importance: Sequence[dict[str, float]],
) -> dict[str, Any]:
    """What the stage keeps of a study; the refits' gains are 0.4 of a point, or a tenth of the multiply-adds."""
    refits = {}
    for objective in objectives:
        searched = {side: trials[number]["values"][objective["name"]] for side, number in
                    (("guideline", 0), ("winner", best))}  # fmt: skip
        unit = 1 if objective["direction"] == "maximize" else -1
        step = 0.004 if objective["kind"] == "share" else 0.1 * searched["guideline"]
        before = [searched["guideline"] + step * shift for shift in (-0.1, 0.0, 0.1)]
        after = [value + unit * step * (1 + shift) for value, shift in zip(before, (-0.2, 0.1, 0.1), strict=True)]
        gain = paired_difference([unit * value for value in before], [unit * value for value in after])
        refits[objective["name"]] = {
            "searched": searched, "guideline": interval(before).as_json(),
            "winner": interval(after).as_json(), "gain": gain.as_json(), "verdict": verdict(gain),
            "luck": {"guideline": 0.0, "winner": unit * (searched["winner"] - after[1])},
        }  # fmt: skip
    return {
        "study": f"{name}-0f3c9a7d21be", "guideline": name, "space": {}, "trials": trials, "best": best,
        "objectives": list(objectives), "tolerance": 0.0, "sampler": "tpe", "pruner": "median", "pareto": list(pareto),
        "importance": {one["name"]: own for one, own in zip(objectives, importance, strict=True)},
        "confirmation": {
            "seeds": [0, 1, 2], "diverged": {"guideline": 0, "winner": 0}, "objectives": refits,
        },
    }  # fmt: skip


def made_searches(maker: Any) -> list[Path]:
    """A search by two objectives, and a comparison of samplers."""
    return [_several(maker), _samplers(maker)]


def _several(maker: Any) -> Path:
    runs, trials = [], []
    for number in range(12):
        units, level = int(4 * 2 ** (number % 6)), 0.86 + 0.005 * (number % 6) - (0.01 if number > 6 else 0)
        run = maker.run("search_low_latency", f"trial-{number:03d}", 42, level, 10)
        runs.append(run)
        values = {"val_accuracy": run["record"].final_metrics["val_accuracy"], "multiply_adds": float(794 * units)}
        params = {"n_units": units, "activation": ["relu", {"name": "leaky_relu"}][number % 2]}
        trials.append(made_trial(run, number, "complete", params, values))
    shares = {"n_units": 0.9, "activation": 0.1}
    extra = made_study("low_latency", [ACCURACY, SIZE], trials, 3, [0, 3, 5], [shares, shares])
    return maker.write("search_low_latency", "search@low_latency", "How small may it be?", runs, extra)


def _samplers(maker: Any) -> Path:
    runs = [maker.run("search_samplers", f"best_of_{name}", seed, level, 2) for name, level in SAMPLERS.items()
            for seed in range(3)]  # fmt: skip
    curves = {
        name: [[level - 0.05 / trial + 0.001 * seed for trial in range(1, 10)] for seed in range(3)]
        for name, level in SAMPLERS.items()
    }
    arms = {
        name: {"best": [own[-1] for own in found], "mean_best_so_far": [sum(own) / len(own) for own in found]}
        for name, found in curves.items()
    }
    extra = {
        "study": "samplers-1f3c9a7d21be", "guideline": "samplers", "space": {}, "objectives": [ACCURACY],
        "samplers": curves, "budget": 9, "measured": {"seeds": [0, 1, 2], "arms": arms},
    }  # fmt: skip
    return maker.write("search_samplers", "search@samplers", "Which sampler?", runs, extra)
