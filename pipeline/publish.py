"""Mirrors the run records into MLflow and registers the champion. Reads runs, writes reports/published.json."""

from bythebook.documents import read_json, write_json
from bythebook.runs.memo import Memo
from bythebook.runs.suite import read_suite
from bythebook.tracking import publish
from pipeline import registration, results, stage, tracked


def main() -> None:
    """Adds to MLflow what it lacks; by hand also before every stage has run."""
    directories = [directory for directory in results.directories(stage.params()) if directory.exists()]
    evaluation = stage.EVALUATION / "evaluation.json"
    measured = read_json(evaluation) if evaluation.exists() else None
    timings = Memo(stage.MEMO).timings
    done = publish(tracked.address(), directories, measured, tracked.context("publish"), timings)
    stage.log.info(
        "%(runs)d runs: %(new)d new in MLflow, %(completed)d completed, %(measured)d with new test results", done
    )
    if stage.CHAMPION.exists():
        registration.register(read_suite(stage.CHAMPION))
    # Only what is the same wherever it is published: how much was new differs from store to store.
    write_json(stage.REPORTS / "published.json", {"runs": done["runs"], "experiments": done["experiments"]})


if __name__ == "__main__":
    stage.run(main)
