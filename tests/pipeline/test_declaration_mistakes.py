"""Mistakes in what people declare, in the project's own files: each is told with its file, its place and a way out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from declared import made_project

from bythebook.claims.measurements import METRICS
from bythebook.datasets.registry import datasets
from bythebook.probes.registry import probes
from pipeline import cli, declarations

CLAIMS, REFERENCES, PARAMS = "pipeline/claims.yaml", "pipeline/references.yaml", "params.yaml"
TRANSFER = "pipeline/searches/transfer.yaml"
DEFAULT = "pipeline/searches/default_dnn.yaml"
ACCURATE, RECIPES = "pipeline/searches/accurate.yaml", "pipeline/recipes/activations.yaml"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the project's declarations, which is the current one."""
    return made_project(tmp_path, monkeypatch)


def changed(project: Path, path: str, *edits: tuple[str, str]) -> int:
    """Makes the first of every old text a new one; returns the line of the last of them."""
    content, line = (project / path).read_text(), 0
    for old, new in edits:
        assert old in content
        line = content.count("\n", 0, content.index(old)) + 1
        content = content.replace(old, new, 1)
    (project / path).write_text(content)
    return line


def test_nothing_is_wrong_with_what_the_project_declares(project: Path) -> None:
    _, wrong = declarations.look()
    assert wrong == []


@pytest.mark.parametrize(
    ("path", "old", "new", "parts"),
    [
        (CLAIMS, "by: test_accuracy", "by: test_acuracy", ["C-03.comparisons.0: unknown metric", "'test_accuracy'?"]),
        (CLAIMS, "by: step_milli", "by: step_mili", ["metric of latency/elu", "Did you mean 'step_milliseconds'?"]),
        (CLAIMS, "by: solved", "by: solvd", ["C-01.comparisons.0: unknown metric of xor/relu 'solvd'", "'solved'?"]),
        (CLAIMS, "of: xor/relu", "of: xor/rleu", ["C-01.comparisons.0: unknown side 'xor/rleu'", "'xor/relu'?"]),
        (CLAIMS, "of: xor/relu", "of: xr/relu", ["C-01.comparisons.0: unknown suite,", "Did you mean 'xor'?"]),
        (CLAIMS, "latency/dropout", "latency/droput", ["unknown side 'latency/droput'", "'latency/dropout'?"]),
        (CLAIMS, "factor: [dropout", "factor: [droput", ["factor.0: unknown key of a recipe 'droput'", "'dropout'?"]),
        (CLAIMS, "_20@mc", "_20@md", ["unknown variant of regularization/dropout_20 'md'", "Did you mean 'mc'?"]),
        (CLAIMS, "normalization/after@half", "activations/elu@half", ["activations/elu has no variant 'half'"]),
        (CLAIMS, "diverged: 0.1", "diverged: 10", ["'diverged': a number from 0 to 1 is expected", "given 10"]),
        (CLAIMS, "by: mean_best_so_far", "by: mean_best", ["metric of search_samplers/tpe", "'mean_best_so_far'?"]),
        (CLAIMS, "*.freeze_then_finetune.200", "*.freeze_then_finetun.200", ["C-08.comparisons.0: unknown recipe"]),
        (REFERENCES, "dataset: fashion_mnist", "dataset: fashion_mnis", ["leaky_relu.dataset: unknown dataset"]),
        (REFERENCES, "0.8396", "83.96", ["reported.notebook of the 2nd edition: a number from 0 to 1", "given 83.96"]),
        (REFERENCES, "0.8396", ".nan", ["leaky_relu.reported.notebook", "input should be a finite number"]),
        (REFERENCES, "epochs: 10", "epochs: 1" + "0" * 400, ["references.yaml, line LINE, column 11", "64 bits"]),
        (REFERENCES, "activations/leaky_relu", "activations/leakyrelu", ["'activations/leaky_relu'?"]),
        (PARAMS, "{seeds: 5,", "{seeds: 1" + "0" * 400 + ",", ["params.yaml, line LINE", "64 bits; allowed: -2^63"]),
        (PARAMS, "{seeds: 5,", "{seeds: 5000,", ["budgets.standard.seeds", "less than or equal to 1000; given 5000"]),
        (PARAMS, "noise: 1.0", "noise: .inf", ["evaluation.noise: input should be a finite number, greater than 0"]),
        (PARAMS, "validation: 5000", "validation: .inf", ["validation: a number of images, or a share", "given inf"]),
        (PARAMS, "epochs: 0.2", "epochs: .nan", ["budgets.quick.epochs", "greater than 0, at most 1; given nan"]),
        (PARAMS, "seed: 42", "seed: 2024-02-30", ["params.yaml, line LINE, column 11: 2024-02-30 is a date"]),
        (RECIPES, "question:", "question: !foo", ["line LINE, column 11: unknown tag '!foo'"]),
        (TRANSFER, "      - from_scratch\n", "      - null\n", ["transfer.yaml: space.strategy", "strategy"]),
        (TRANSFER, "      - from_scratch\n", "      - .nan\n", ["transfer.yaml: space.strategy", "nan"]),
        (TRANSFER, "      - from_scratch\n", "      - {null: 1}\n", ["transfer.yaml, line LINE, column 10: a key is"]),
        (TRANSFER, "      - from_scratch\n", "      - ? [a]\n        : 1\n", ["line LINE, column 11", "a sequence"]),
        (TRANSFER, "high: 5\n", "high: 1000000000000\n", ["space.strategy.reused", "2147483647; given 1000000000000"]),
        (ACCURATE, "n_hidden: {low: 2,", "n_hidden: {low: 0,", ["must be whole numbers from 1 to 1000"]),
        (DEFAULT, "n_hidden: [4, 5,", "n_hidden: [.inf, 5,", ["normalizer[0].when: n_hidden: the space never"]),
        ("benchmarks/latency.json", '"arms"', '"arm"', ["benchmarks/latency.json: arms", "make latency"]),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place_and_the_nearest_name(
    project: Path, path: str, old: str, new: str, parts: Sequence[str]
) -> None:
    line = changed(project, path, (old, new))
    _, wrong = declarations.look()
    assert wrong and all(Path(path).name in sentence for sentence in wrong)
    assert [part for part in parts if part.replace("LINE", str(line)) not in "\n".join(wrong)] == []


def test_mistakes_of_all_kinds_are_told_in_one_pass(project: Path) -> None:
    changed(
        project,
        PARAMS,
        ("dataset: fashion_mnist #", "dataset: fashion_mnis #"),
        ("workers: 2", "workers: .inf"),
        ("budget: standard", "budget: standad"),
        ("min_deviation: 0.01", "min_deviation: 2"),
        ("  ladder: {dataset: mnist}", "  ladder: {dataset: mnst}"),
        ("probes: [batch_norm", "probes: [batch_nrm"),
        ("tasks: [sandal_vs_shirt", "tasks: [sandal_vs_shrt"),
        ("samples: 200", "samples: 0"),
    )
    changed(project, "pipeline/recipes/depth.yaml", ("activation: ", "activaton: "))
    changed(project, CLAIMS, ("by: solved", "by: solvd"), ("kind: level", "kind: levl"))
    changed(project, REFERENCES, ("0.8396", "83.96"), ("activations/prelu", "activations/preluu"))
    _, wrong = declarations.look()
    told = [
        *("dataset: unknown dataset 'fashion_mnis'", "workers: input should", "budget: unknown budget 'standad'"),
        *("standardize.min_deviation: input should", "suites.ladder.dataset: unknown dataset 'mnst'"),
        *("probes: unknown probe 'batch_nrm'", "transfer.tasks: unknown task 'sandal_vs_shrt'"),
        *("tasks.sandal_vs_shirt.samples: input should", "unknown key 'activaton'", "'solvd'", "'levl'"),
        *("given 83.96", "unknown recipe 'activations/preluu'"),
    ]
    assert [part for part in told if not any(part in sentence for sentence in wrong)] == []
    # What cannot be used is not called unknown where other parts name it.
    assert not [sentence for sentence in wrong if "unknown task 'sandal_vs_shirt'" in sentence]


def test_looking_things_up_goes_on_beside_mistakes(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed(project, PARAMS, ("workers: 2", "workers: -1"), ("budget: standard", "budget: standad"))
    assert cli.main(["list"]) == 0 and "activations.relu" in capsys.readouterr().out
    assert cli.main(["show", "activations.relu"]) == 0 and "name: relu" in capsys.readouterr().out
    (project / PARAMS).write_text("workers: [")
    (project / "pipeline/recipes/depth.yaml").write_text("recipes: 3")
    assert cli.main(["list"]) == 0
    listed = capsys.readouterr().out
    assert "activations.relu" in listed and "C-55" in listed and "depth." not in listed
    assert cli.main(["check"]) == 1
    assert "params.yaml, line 1" in capsys.readouterr().err


@pytest.fixture
def loop(project: Path) -> Iterator[Path]:
    path = project / "pipeline" / "recipes" / "loop.yaml"
    path.symlink_to(path)
    yield path
    path.unlink()


def test_a_folder_or_a_loop_of_links_in_place_of_a_file(project: Path, loop: Path) -> None:
    (project / REFERENCES).unlink()
    (project / REFERENCES).mkdir()
    _, wrong = declarations.look()
    assert sorted(wrong) == [
        "pipeline/recipes/loop.yaml: cannot be read: Too many levels of symbolic links.",
        "pipeline/references.yaml: cannot be read: Is a directory.",
    ]


def test_a_claim_about_a_task_that_is_not_there_waits_and_is_told(project: Path) -> None:
    old = "more: transfer_strategies/sandal_vs_shirt.from_scratch.200"
    changed(project, CLAIMS, (old, old.replace("shirt", "shrt")))
    said = dict(declarations.advice(declarations.read()))
    assert said["claims.yaml: C-07"] == "cannot be judged: there is no task transfer_strategies/sandal_vs_shrt here."


def test_every_probe_every_timed_arm_and_every_metric_can_be_named(project: Path) -> None:
    known = declarations.read().measurable
    assert math.prod(map(len, (probes(), METRICS, datasets()))) > 0
    for probe in probes().values():
        assert not [said for side in probe.sides for said in known.problems(f"{probe.name}/{side}", probe.metrics[0])]
    assert list(known.problems("latency/relu", "step_milliseconds")) == []
    without = {"found_rate", "step_noise"}  # only some recipes have them
    assert not [said for metric in METRICS.keys() - without for said in known.problems("activations/relu", metric)]
    assert len([said for metric in without for said in known.problems("activations/relu", metric)]) == 2
