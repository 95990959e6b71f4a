"""Divides the training and validation splits into A/B tasks. Reads data/standardized, writes data/tasks."""

from bythebook.datasets.tasks import Task, split_tasks
from pipeline import stage


def main() -> None:
    """Writes index files and label maps of every declared task."""
    params = stage.params()
    declared = {name: Task(tuple(task.classes), task.samples) for name, task in params.tasks.items()}
    split_tasks(stage.standardized(params.dataset), stage.TASKS, declared)


if __name__ == "__main__":
    stage.run(main)
