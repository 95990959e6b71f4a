"""Trains a transfer study. Reads data and pipeline/transfers/<study>.yaml, writes runs/suites/transfer_<study>."""

from bythebook.overrides import Overrides
from bythebook.records.suite import Heading
from bythebook.runs.fanout import complete
from bythebook.transfer.declaration import read_study
from bythebook.transfer.plan import outline_of, plan, targets
from bythebook.transfer.verdicts import on_validation
from pipeline import fanout, restorable, results, stage, tasks
from pipeline.loop_settings import loop_settings


def main(name: str) -> None:
    """Trains every source and every arm on task B with every seed, on every task and label budget of the study."""
    params = stage.params()
    overrides = Overrides(params.transfer.overrides, f"{stage.PARAMS}: transfer.overrides")
    study = read_study(stage.TRANSFERS / f"{name}.yaml", overrides)
    data = stage.standardized(params.dataset)
    chosen = targets(study.cut, tasks.choice(params), data, stage.TASKS)
    runs = plan(study, data, chosen, params.seeds, loop_settings(params))
    heading = Heading(f"transfer_{name}", f"transfer@{name}", params.dataset, study.question)
    restorable.list_runs()
    with fanout.workers(params) as executor, fanout.watched(heading, runs) as observe:
        records = complete(runs, stage.MEMO, executor, observe)
    found = on_validation(outline_of(study, chosen, runs), runs, records)
    results.write(heading, runs, records, found.as_json())


if __name__ == "__main__":
    stage.run(main)
