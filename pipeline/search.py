"""Searches around a guideline. Reads data/standardized and pipeline/searches, writes runs/suites."""

from bythebook.runs.suite import Heading, write_suite
from bythebook.runs.view import View
from bythebook.search.guideline import read_guideline
from bythebook.search.search import search, study_name
from bythebook.search.settings import SearchSettings
from bythebook.search.storage import sqlite_address
from pipeline import engines, fanout, stage


def main(name: str) -> None:
    """Runs the guideline's study to its budget, going on where an earlier one was stopped."""
    params = stage.params()
    settings = SearchSettings(trials=params.chosen.trials, **params.search.model_dump(exclude={"overrides"}))
    guideline = read_guideline(stage.SEARCHES / f"{name}.yaml", params.search.overrides)
    view = View.of(stage.standardized(params.dataset))
    heading = Heading(f"search_{name}", f"search@{name}", params.dataset, guideline.question)
    study = study_name(guideline, view, settings, engines.settings(params))
    with fanout.workers(params) as executor, fanout.watched(heading, [], study) as observe:
        outcome = search(
            guideline,
            view,
            settings,
            storage=sqlite_address(stage.STUDIES),
            memo=stage.MEMO,
            executor=executor,
            observe=observe,
            engine=engines.settings(params),
        )
    write_suite(stage.SUITES / heading.suite, heading, outcome.runs, outcome.records, stage.MEMO, outcome.extra)


if __name__ == "__main__":
    stage.run(main)
