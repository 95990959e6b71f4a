"""Searches around a guideline. Reads data and pipeline/searches, writes runs/suites."""

from bythebook.overrides import Overrides
from bythebook.records.suite import Heading
from bythebook.search.guideline import read_guideline
from bythebook.search.outcome import study_name
from bythebook.search.planning import Planner
from bythebook.search.resources import Resources
from bythebook.search.search import search
from pipeline import fanout, optuna_settings, restorable, results, stage
from pipeline.loop_settings import loop_settings
from pipeline.tasks import tasks


def main(name: str) -> None:
    """Runs the guideline's study to its budget, going on where an earlier one was stopped, and confirms its winner.

    A search that the budget leaves out has no runs.
    """
    params = stage.params()
    overrides = Overrides(params.search.overrides, f"{stage.PARAMS}: search.overrides")
    guideline = read_guideline(stage.SEARCHES / f"{name}.yaml", overrides)
    settings = guideline.settings(params.chosen.trials, params.search.seed, params.search.in_flight)
    labels = tasks(params.tasks)[guideline.reuse.task].samples if guideline.reuse else None
    data, loops = stage.standardized(params.dataset), loop_settings(params)
    planner = Planner.of(guideline, data, stage.TASKS, labels, loops)
    heading = Heading(f"search_{name}", f"search@{name}", params.dataset, guideline.question)
    if name not in params.chosen_searches:
        results.write(heading, [], {})
        return
    restorable.list_runs()
    with fanout.workers(params) as executor, fanout.watched(heading, [], study_name(planner, settings)) as observe:
        resources = Resources(stage.MEMO, stage.TOLD, optuna_settings.address(params), executor, observe)
        outcome = search(planner, settings, params.seeds, resources)
    results.write(heading, outcome.runs, outcome.records, outcome.extra, outcome.files)


if __name__ == "__main__":
    stage.run(main)
