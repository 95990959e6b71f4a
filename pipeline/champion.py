"""Chooses the champion and registers it. Reads runs and data/standardized, writes runs/champion."""

from bythebook import champion
from bythebook.errors import UserError
from bythebook.records.suite import Heading, read_suite
from bythebook.runs.fanout import complete
from bythebook.runs.suite import write_suite
from bythebook.runs.view import DataView
from pipeline import fanout, registration, restorable, results, stage, temporary
from pipeline.loop_settings import loop_settings

QUESTION = "Which net does best on validation images, refitted over several seeds?"


def main() -> None:
    """Refits the shortlist, chooses by validation accuracy, and registers the winner in MLflow."""
    params = stage.params()
    heading = Heading("champion", "champion", params.dataset, QUESTION)
    candidates = champion.shortlist(results.candidates(params), params.dataset, params.champion.shortlist)
    runs = champion.plan(
        candidates, DataView.of(stage.standardized(params.dataset)), params.seeds, loop_settings(params)
    )
    restorable.list_runs()
    with fanout.workers(params) as executor, fanout.watched(heading, runs) as observe:
        records = complete(runs, stage.MEMO, executor, observe)
    write_suite(
        stage.CHAMPION, heading, runs, records, stage.MEMO, champion.choose(candidates, runs, records).as_json()
    )
    try:
        with temporary.own_folder():
            registration.register(read_suite(stage.CHAMPION))
    except UserError as error:
        stage.log.warning("the champion is chosen, but not registered: %s", error)


if __name__ == "__main__":
    stage.run(main)
