"""Evaluates every run on the test split, which no other stage reads. Reads data and runs, writes runs/evaluation."""

from bythebook.evaluation.evaluate import evaluate
from bythebook.evaluation.evaluated_run import Settings
from pipeline import fanout, results, stage


def main() -> None:
    """Evaluates the saved weights of every suite."""
    params = stage.params()
    with fanout.workers(params) as executor:
        settings = Settings(params.evaluation.passes, params.evaluation.noise)
        evaluate(results.suites(params), stage.STANDARDIZED, stage.TASKS, settings, executor, stage.EVALUATION)


if __name__ == "__main__":
    stage.run(main)
