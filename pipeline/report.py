"""Writes the report. Reads data cards, tasks, runs and verdicts, writes reports/."""

from bythebook.report import write_report
from pipeline import results, stage


def main() -> None:
    """Shows everything that the other stages found; opens no image of the test split."""
    params = stage.params()
    tasks = [stage.TASKS / name / "task.json" for name in params.tasks]
    others = [name for name in params.datasets if name != params.dataset]
    data = [stage.CARDS / name for name in (params.dataset, *others)]
    suites = results.directories(params)
    write_report(suites, stage.EVALUATION, data, tasks, stage.REPORTS, params.mlflow_ui, stage.VERDICTS)


if __name__ == "__main__":
    stage.run(main)
