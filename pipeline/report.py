"""Writes the report. Reads data cards, tasks, training images, runs and verdicts, writes reports/."""

from bythebook.report import write_report
from pipeline import results, stage


def main() -> None:
    """Shows everything that the other stages found; opens no image of the test split."""
    params = stage.params()
    tasks = [stage.TASKS / name / "task.json" for name in params.tasks]
    card, train = stage.STANDARDIZED / "card.json", stage.STANDARDIZED / "train"
    write_report(results.directories(params), stage.EVALUATION, card, tasks, stage.REPORTS, train, stage.VERDICTS)


if __name__ == "__main__":
    stage.run(main)
