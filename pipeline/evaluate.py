"""Evaluates every run on the test split, which no other stage reads. Reads data and runs, writes runs/evaluation."""

from bythebook.evaluation import evaluate
from pipeline import fanout, results, stage


def main() -> None:
    """Evaluates the saved weights of every suite."""
    params = stage.params()
    with fanout.workers(params) as executor:
        evaluate(results.suites(params), stage.STANDARDIZED, stage.TASKS, executor, stage.EVALUATION)


if __name__ == "__main__":
    stage.run(main)
