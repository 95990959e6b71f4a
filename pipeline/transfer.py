"""Compares task B alone with task B on model A. Reads data and pipeline/transfers, writes runs/suites."""

from bythebook import transfer
from bythebook.runs.fanout import complete
from bythebook.runs.suite import Heading, write_suite
from pipeline import engines, fanout, stage


def main(name: str) -> None:
    """Trains model A and both arms on task B with every seed, on every task that the parameters name."""
    params = stage.params()
    protocol = transfer.read_protocol(stage.TRANSFERS / f"{name}.yaml", params.transfer.overrides)
    heading = Heading(f"transfer_{name}", f"transfer@{name}", params.dataset, protocol.question)
    tasks = [stage.TASKS / task for task in params.transfer.tasks]
    runs = transfer.plan(protocol, stage.standardized(params.dataset), tasks, params.seeds, engines.settings(params))
    with fanout.workers(params) as executor, fanout.watched(heading, runs) as observe:
        records = complete(runs, stage.MEMO, executor, observe)
    verdicts = transfer.verdicts(protocol, runs, records)
    write_suite(stage.SUITES / heading.suite, heading, runs, records, stage.MEMO, verdicts)


if __name__ == "__main__":
    stage.run(main)
