"""Divides the training and validation splits into A/B tasks. Reads data/standardized and studies, writes data/tasks."""

from bythebook.datasets.pairs import read_cut, write_tasks
from pipeline import stage, tasks


def main() -> None:
    """Writes index files and label maps of every declared task, and of what the transfer studies ask for."""
    params = stage.params()
    cuts = [read_cut(stage.TRANSFERS / f"{name}.yaml") for name in params.transfers]
    write_tasks(stage.standardized(params.dataset), stage.TASKS, tasks.choice(params), cuts)


if __name__ == "__main__":
    stage.run(main)
