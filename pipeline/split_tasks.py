"""Divides the training and validation splits into A/B tasks. Reads data/standardized, writes data/tasks."""

from bythebook.datasets.tasks import split_tasks
from pipeline import stage
from pipeline.tasks import tasks


def main() -> None:
    """Writes index files and label maps of every declared task."""
    params = stage.params()
    split_tasks(stage.standardized(params.dataset), stage.TASKS, tasks(params.tasks))


if __name__ == "__main__":
    stage.run(main)
