"""Verdicts of claims and measurements of probes in MLflow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from made_suites import made_record, write_suite_folder
from mlflow.entities import Run
from seen_store import Seen

from bythebook.documents import canonical_json, write_json
from bythebook.errors import UserError
from bythebook.tracking import Context, Document, publish
from bythebook.tracking.child import Child

VERDICTS = {"C-01": "supported", "C-16": "refuted", "C-17": "supported", "C-05": "inconclusive", "C-41": "not judged"}


def claims_file(folder: Path, verdicts: dict[str, str] | None = None) -> Path:
    claims = {name: {"statement": "it holds", "verdict": verdict} for name, verdict in (verdicts or VERDICTS).items()}
    write_json(folder / "claims.json", {"schema": 1, "level": 0.95, "claims": claims})
    return folder / "claims.json"


def probe_file(folder: Path, name: str = "symmetry", spread: float = 0.5) -> Path:
    arms = {"random": {"spread": [spread, 0.25]}, "equal": {"spread": [0.0, 0.0], "moved": [1.0, 2.0]}}
    content = {"probe": name, "question": "Do they differ?", "seeds": [0, 1], "arms": arms}
    write_json(folder / f"{name}.json", content)
    return folder / f"{name}.json"


@pytest.fixture
def documents(tmp_path: Path) -> list[Document]:
    probes = [Document.of_probe(probe_file(tmp_path, name)) for name in ("symmetry", "xor")]
    return [*probes, Document.of_claims(claims_file(tmp_path), ["digits", "mnist"])]


def published(address: str, context: Context, documents: list[Document]) -> dict[str, Any]:
    return publish(address, [], None, context, lambda key: None, documents=documents)


def content_of(seen: Seen, run: Run, file: str) -> bytes:
    assert [found.path for found in seen.client.list_artifacts(run.info.run_id)] == [file]
    return Path(seen.client.download_artifacts(run.info.run_id, file)).read_bytes()


def test_verdicts_are_counted_and_can_be_filtered(
    address: str, seen: Seen, context: Context, documents: list[Document], tmp_path: Path
) -> None:
    assert published(address, context, documents)["experiments"] == {"claims": 1, "probes": 2}
    (run,) = seen.runs("claims")
    assert run.data.metrics == {
        "claims.supported": 2,
        "claims.refuted": 1,
        "claims.inconclusive": 1,
        "claims.judged": 4,
    }
    assert (run.data.tags["claim.C-41"], run.data.tags["datasets"]) == ("not judged", "digits, mnist")
    assert (run.data.tags["dvc.stage"], run.data.tags["mlflow.source.git.commit"]) == ("claims", "c0ffee")
    assert "mlflow.parentRunId" not in run.data.tags
    assert (run.info.run_name, run.info.status) == ("claims", "FINISHED")
    assert content_of(seen, run, "claims.json") == (tmp_path / "claims.json").read_bytes()
    for verdict, count in (("refuted", 1), ("supported", 0)):
        condition = f"tags.`claim.C-16` = '{verdict}' and metrics.`claims.judged` > 3"
        assert len(seen.client.search_runs([run.info.experiment_id], condition)) == count


def test_a_probe_has_the_mean_of_every_metric(
    address: str, seen: Seen, context: Context, documents: list[Document], tmp_path: Path
) -> None:
    published(address, context, documents)
    runs = {run.info.run_name: run for run in seen.runs("probes")}
    assert set(runs) == {"symmetry", "xor"}
    run = runs["symmetry"]
    assert run.data.metrics == {"random.spread": 0.375, "equal.spread": 0.0, "equal.moved": 1.5}
    assert (run.data.tags["probe"], run.data.tags["seeds"]) == ("symmetry", "2")
    assert run.data.tags["mlflow.note.content"] == "Do they differ?"
    assert run.info.start_time == int((tmp_path / "symmetry.json").stat().st_mtime * 1000)
    assert content_of(seen, run, "symmetry.json") == (tmp_path / "symmetry.json").read_bytes()


def test_the_same_content_is_there_once_and_another_beside_it(
    address: str, seen: Seen, context: Context, documents: list[Document], tmp_path: Path
) -> None:
    assert published(address, context, documents)["documents"] == 3
    before = [run.to_dictionary() for name in ("claims", "probes") for run in seen.runs(name)]
    again = [Document.of_probe(probe_file(tmp_path)), Document.of_claims(claims_file(tmp_path), ["digits"])]
    counts = published(address, context, again)
    assert (counts["documents"], counts["duplicates"], counts["killed"]) == (0, 0, 0)
    assert [run.to_dictionary() for name in ("claims", "probes") for run in seen.runs(name)] == before
    changed = [
        Document.of_probe(probe_file(tmp_path, spread=0.75)),
        Document.of_claims(claims_file(tmp_path, VERDICTS | {"C-41": "refuted"}), ["digits"]),
    ]
    assert published(address, context, changed)["documents"] == 2
    assert {run.data.metrics["claims.refuted"] for run in seen.runs("claims")} == {1, 2}
    assert [run.info.run_name for run in seen.runs("probes")].count("symmetry") == 2


def test_the_digest_is_that_of_the_file(documents: list[Document], tmp_path: Path) -> None:
    assert documents[-1].text.encode() == canonical_json(documents[-1].content)
    assert len({document.key for document in documents}) == len(documents)


def test_it_stands_beside_runs_and_without_it_there_is_no_experiment(
    address: str, seen: Seen, context: Context, documents: list[Document], tmp_path: Path
) -> None:
    suite = write_suite_folder(tmp_path / "activations", {"relu": [made_record("relu", 0)]})
    publish(address, [suite], None, context, lambda key: None)
    assert seen.client.get_experiment_by_name("claims") is None
    counts = publish(address, [suite], None, context, lambda key: None, documents=documents)
    assert (counts["new"], counts["documents"]) == (0, 3)
    assert counts["experiments"] == {"digits/activations": 1, "claims": 1, "probes": 2}


@pytest.mark.parametrize("step", ["add_values", "add_file", "end"])
@pytest.mark.parametrize("done", [False, True])
def test_wherever_it_stops_the_next_one_goes_on(
    address: str, seen: Seen, context: Context, documents: list[Document], step: str, done: bool
) -> None:
    whole = getattr(Child, step)

    def cut_off(*arguments: object) -> None:
        if done:
            whole(*arguments)
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Child, step, cut_off)
        published(address, context, documents[-1:])
    published(address, context, documents[-1:])
    (run,) = seen.runs("claims")
    assert (run.info.status, run.data.metrics["claims.judged"]) == ("FINISHED", 4)
    assert content_of(seen, run, "claims.json")


def test_a_store_that_falls_silent_once_gets_each_document_once(
    address: str, seen: Seen, context: Context, documents: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, calls = Child.add_file, []

    def flaky(*arguments: Any) -> None:
        calls.append(arguments)
        if len(calls) == 2:
            raise ConnectionError("reset by peer")
        whole(*arguments)

    monkeypatch.setattr(Child, "add_file", flaky)
    counts = published(address, context, documents)
    assert len(calls) == 4
    assert len(seen.runs("probes")) == 2
    assert counts["documents"] == 3
    assert {run.info.status for run in seen.runs("probes")} == {"FINISHED"}


def test_two_computers_that_wrote_at_once_leave_one_run(
    address: str, seen: Seen, context: Context, documents: list[Document]
) -> None:
    published(address, context, documents)
    (kept,) = seen.runs("claims")
    seen.client.create_run(kept.info.experiment_id, tags={"bythebook.key": documents[-1].key})
    assert published(address, context, documents)["duplicates"] == 1
    assert [run.info.run_id for run in seen.runs("claims")] == [kept.info.run_id]


def test_a_server_that_does_not_answer_loses_nothing(
    address: str, seen: Seen, context: Context, documents: list[Document]
) -> None:
    with pytest.raises(UserError, match=r"does not answer.*make publish"):
        published("http://127.0.0.1:9", context, documents)
    assert published(address, context, documents)["documents"] == 3
    assert len(seen.runs("probes")) == 2


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"xor\.json: no such file"):
        Document.of_probe(tmp_path / "xor.json")
    (tmp_path / "claims.json").write_text("{")
    with pytest.raises(UserError, match=r"claims\.json: not JSON"):
        Document.of_claims(tmp_path / "claims.json", [])
