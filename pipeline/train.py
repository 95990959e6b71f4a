"""Trains a suite of recipes. Reads data/standardized and pipeline/recipes/<suite>.yaml, writes runs/suites/<suite>."""

from bythebook.overrides import Overrides
from bythebook.records.suite import Heading
from bythebook.runs.fanout import complete, planned
from bythebook.runs.view import DataView
from bythebook.suite import read_declaration
from pipeline import fanout, restorable, results, stage
from pipeline.loop_settings import loop_settings


def main(name: str) -> None:
    """Trains every recipe of the suite with every seed; a suite that the budget leaves out has no runs."""
    params = stage.params()
    dataset = params.dataset_of(name)
    overrides = Overrides(params.overrides, f"{stage.PARAMS}: overrides")
    declaration = read_declaration(stage.RECIPES / f"{name}.yaml", overrides).shortened(params.chosen.epochs)
    heading = Heading(name, f"train@{name}", dataset, declaration.question)
    seeds = params.seeds if name in params.chosen_suites else []
    runs = planned(declaration, DataView.of(stage.standardized(dataset)), seeds, loop_settings(params))
    restorable.list_runs()
    with fanout.workers(params) as executor, fanout.watched(heading, runs) as observe:
        records = complete(runs, stage.MEMO, executor, observe)
    results.write(heading, runs, records)


if __name__ == "__main__":
    stage.run(main)
