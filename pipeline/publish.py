"""Mirrors runs, probes and verdicts into MLflow, registers the champion. Reads them, writes reports/published.json."""

from bythebook.documents import read_json, write_json
from bythebook.runs.memo import Memo
from bythebook.runs.suite import read_suite
from bythebook.tracking import Document, publish
from pipeline import registration, results, stage, tracked
from pipeline.params import Params


def main() -> None:
    """Adds to MLflow what it lacks; by hand also before every stage has run."""
    params = stage.params()
    directories = [directory for directory in results.directories(params) if directory.exists()]
    evaluation = stage.EVALUATION / "evaluation.json"
    measured = read_json(evaluation) if evaluation.exists() else None
    timings = Memo(stage.MEMO).timings
    context = tracked.context("publish")
    done = publish(tracked.address(), directories, measured, context, timings, documents=_documents(params))
    stage.log.info(
        "%(runs)d runs: %(new)d new in MLflow, %(completed)d completed, %(measured)d with new test results;"
        " %(documents)d new files of probes and verdicts",
        done,
    )
    if stage.CHAMPION.exists():
        registration.register(read_suite(stage.CHAMPION))
    # Only what is the same wherever it is published: how much was new differs from store to store.
    write_json(stage.REPORTS / "published.json", {"runs": done["runs"], "experiments": done["experiments"]})


def _documents(params: Params) -> list[Document]:
    """What probes measured and how claims were judged, as far as those stages have run."""
    measured = [stage.PROBES / f"{name}.json" for name in params.probes]
    documents = [Document.of_probe(path) for path in measured if path.exists()]
    if stage.VERDICTS.exists():
        datasets = sorted({params.dataset, *(suite.dataset for suite in params.suites.values())})
        documents.append(Document.of_claims(stage.VERDICTS, datasets))
    return documents


if __name__ == "__main__":
    stage.run(main)
