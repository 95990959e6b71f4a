"""Mirrors runs, probes and verdicts into MLflow, registers the champion. Reads them, writes reports/published.json."""

from bythebook.documents import canonical_json, read_json, write_json
from bythebook.records.suite import Suite, read_suite
from bythebook.runs.memo import Memo
from bythebook.search.recipe_file import RECIPES, STUDY
from bythebook.tracking import Document, publish
from pipeline import mlflow_settings, registration, results, stage, temporary
from pipeline.params import Params


def main() -> None:
    """Adds to MLflow what it lacks; by hand also before every stage has run."""
    params = stage.params()
    directories = [directory for directory in results.directories(params) if directory.exists()]
    evaluation = stage.EVALUATION / "evaluation.json"
    measured = read_json(evaluation) if evaluation.exists() else None
    timings = Memo(stage.MEMO).timings
    context = mlflow_settings.context("publish")
    documents = _documents(params)
    with temporary.own_folder():
        done = publish(
            mlflow_settings.address(), directories, measured, context, timings, documents=documents, files=_files
        )
        if stage.CHAMPION.exists():
            registration.register(read_suite(stage.CHAMPION))
    stage.log.info(
        "%(runs)d runs: %(new)d new in MLflow, %(completed)d completed, %(measured)d with new test results;"
        " %(documents)d new files of probes and verdicts",
        done,
    )
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


def _files(suite: Suite) -> dict[str, str]:
    """What a study found, its recipes and its pictures; matplotlib is imported where there are some to draw."""
    from bythebook.report import search_pictures

    written = (stage.SUITES / suite.suite / name for name in (RECIPES, STUDY))
    found = {path.name: path.read_text(encoding="utf-8") for path in written if path.is_file()}
    return {
        "study.json": canonical_json(suite.extra).decode(),
        **found,
        **(search_pictures(suite.search) if suite.search else {}),
    }


if __name__ == "__main__":
    stage.run(main)
