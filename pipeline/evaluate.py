"""Evaluates every run on the test split, which no other stage reads. Reads data and runs, writes runs/evaluation."""

from bythebook.evaluation.evaluate import evaluate
from bythebook.evaluation.evaluated_run import Settings
from pipeline import fanout, results, stage
from pipeline.progress import Progress


def main() -> None:
    """Evaluates the saved weights of every suite."""
    params = stage.params()
    settings = Settings(params.evaluation.passes, params.evaluation.noise)
    with fanout.workers(params) as executor, Progress("evaluate") as progress:
        evaluate(
            results.suites(params),
            stage.STANDARDIZED,
            stage.TASKS,
            settings,
            executor,
            progress,
            stage.EVALUATED,
            stage.EVALUATION,
        )


if __name__ == "__main__":
    stage.run(main)
