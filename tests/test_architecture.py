"""The walls of the house: who may import whom, and who may know what."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter

from source_code import ROOT, code_of, imported, library, modules, names, stages, strings, within

# From the ground up. A module imports from lower layers and from its own room; on the ground floor from any neighbour.
LAYERS = (
    (
        *(
            "catalogue",
            "closure",
            "code",
            "datasets",
            "docstrings",
            "documents",
            "errors",
            "files",
            "gate",
            "guidelines",
            "lazy",
        ),
        *(
            "lifetime",
            "locks",
            "metrics",
            "overrides",
            "passwords",
            "process",
            "recipe",
            "records",
            "sealed",
            "seeds",
            "shapes",
            "statistics",
        ),
        *("suite", "target", "validation"),
    ),
    ("techniques",),
    ("fused", "inference", "network"),
    ("training",),
    ("runs",),
    ("champion", "claims", "probes", "report", "search", "tracking", "transfer"),
    ("evaluation", "serving"),
)
GROUND = LAYERS[0]
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}

# The one place of each third party that would otherwise spread.
HOMES = {
    "mlflow": ("bythebook.tracking",),
    "optuna": ("bythebook.search",),
    "optuna_dashboard": ("bythebook.search",),
    "torch": ("bythebook.search",),
    "ray": ("bythebook.runs.cluster.executor",),
    "matplotlib": ("bythebook.report",),
    "jinja2": ("bythebook.report",),
    "ruamel": ("bythebook.documents", "pipeline.workspace"),
}
SETS_ENVIRONMENT = ("bythebook.training.determinism", "bythebook.tracking.library")
IMPORTS_BY_NAME = ("bythebook.lazy", "bythebook.tracking.library")
KNOWS_TEST_SPLIT = (
    "bythebook.datasets.standardize",  # makes it
    "bythebook.datasets.tasks",  # reads its digests for
    "bythebook.datasets.task_split",  # which keeps its duplicates out of the tasks
    "bythebook.datasets.splits",  # loads it for
    "bythebook.evaluation",  # which alone asks for it
    "bythebook.report",  # names it in tables, and cannot read data
)
LONGEST = 250


def room(name: str) -> str:
    return name.split(".")[1]


def rooms() -> list[str]:
    found = [name for name in library() if name != "bythebook"]
    assert found
    return found


def test_every_module_has_a_layer() -> None:
    assert {room(name) for name in rooms()} == set(LEVEL)


def test_layers_import_only_downward() -> None:
    inner = {name: {other for other in imported(name) if within(other, "bythebook")} for name in rooms()}
    pairs = {(name, other) for name, others in inner.items() for other in others - {"bythebook"}}
    assert len(pairs) > 500
    assert not {
        (name, other)
        for name, other in pairs
        if room(other) != room(name)
        and LEVEL[room(other)] >= LEVEL[room(name)]
        and not {room(other), room(name)} <= set(GROUND)
    }


def test_no_module_imports_itself_through_others() -> None:
    done: set[str] = set()
    circles: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            circles.append(" -> ".join([*path[path.index(name) :], name]))
        elif name not in done:
            for other in sorted(imported(name) & modules().keys()):
                # A package's __init__ gathers its modules, and they may name a sibling through the package.
                if not within(name, other):
                    visit(other, (*path, name))
            done.add(name)

    for name in modules():
        visit(name, ())
    assert done == modules().keys()
    assert not circles


def test_the_library_does_not_know_the_pipeline() -> None:
    uses = {(name, other) for name in library() for other in imported(name)}
    mentions = {(name, text) for name, path in library().items() for text in strings(path)}
    assert uses and mentions
    assert not {(name, other) for name, other in uses if within(other, "pipeline")}
    assert not {(name, text) for name, text in mentions if re.fullmatch(r"\S*params\.ya?ml", text)}


def test_the_library_does_not_print() -> None:
    used = {(name, text) for name, path in library().items() for text in names(path)}
    assert used
    assert not {(name, text) for name, text in used if text in ("print", "sys.stdout", "sys.stderr")}


def test_the_library_does_not_read_environment_variables() -> None:
    # Written or removed; a name that is removed has to be found first.
    allowed = {f"os.environ.{verb}" for verb in ("update", "setdefault", "pop", "keys")}
    used = {name: Counter(names(path)) for name, path in library().items()}
    assert not {(name, way) for name, found in used.items() for way in ("os.getenv", "getenv", "environ") if found[way]}
    touching = {name for name, found in used.items() if found["os.environ"]}
    assert touching
    assert not {name for name in touching if used[name]["os.environ"] != sum(used[name][verb] for verb in allowed)}
    assert not touching - set(SETS_ENVIRONMENT)


def test_imports_can_be_seen_in_the_source() -> None:
    by_name = re.compile(r"import_module$|__import__$|^LazyModule$")
    found = {(name, text) for name, path in modules().items() for text in names(path) if by_name.search(text)}
    assert found
    assert not {(name, text) for name, text in found if name not in IMPORTS_BY_NAME}


def test_each_third_party_has_one_home() -> None:
    users = {
        (party, name) for party in HOMES for name in modules() if any(within(one, party) for one in imported(name))
    }
    by_name = {(party, name) for party in HOMES for name in IMPORTS_BY_NAME if party in strings(modules()[name])}
    assert {party for party, _ in users | by_name} == HOMES.keys()
    assert not {(party, name) for party, name in users | by_name if not within(name, *HOMES[party])}


def test_technique_families_do_not_import_each_other() -> None:
    techniques = {name: path for name, path in library().items() if within(name, "bythebook.techniques")}
    families = {
        name
        for name, path in techniques.items()
        if imported(name) >= {"bythebook.catalogue"} and "technique" in names(path)
    }
    assert len(families) > 5
    members = techniques.keys() - {"bythebook.techniques"}
    assert not {(name, other) for name in members for other in imported(name) & families}


def test_below_the_line_and_in_the_register_there_is_no_tensorflow() -> None:
    below = [name for name in rooms() if room(name) in GROUND]
    assert not {name for name in below if any(within(other, "tensorflow", "keras") for other in imported(name))}
    looked_at = ", ".join([*below, "bythebook.techniques"])
    code = f"import sys, {looked_at}; print({{'tensorflow', 'keras'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_only_the_evaluation_asks_for_the_test_split() -> None:
    mention = {name for name, path in modules().items() if "test" in set(strings(path))}
    assert "bythebook.evaluation.evaluated_run" in mention
    assert not {name for name in mention if not within(name, *KNOWS_TEST_SPLIT)}


def test_only_the_evaluate_stage_runs_the_evaluation() -> None:
    assert {stage for stage in stages() if "bythebook.evaluation" in code_of(stage)} == {"evaluate"}


def test_the_report_cannot_read_data() -> None:
    report = [name for name in library() if within(name, "bythebook.report")]
    assert report
    assert not {name for name in report if any(within(other, "bythebook.datasets") for other in imported(name))}


def test_files_hold_one_idea() -> None:
    files = [*modules().values(), *(ROOT / "tests").rglob("*.py")]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert len(lengths) > 40
    assert not {path: length for path, length in lengths.items() if length > LONGEST}


def test_what_reads_results_knows_nothing_of_how_they_are_made() -> None:
    readers = [name for name in rooms() if room(name) in ("claims", "report", "tracking")]
    makers = {"inference", "network", "runs", "search", "techniques", "training"}
    reached = {reader: reach(reader) for reader in readers}
    assert len(readers) > 40 and "bythebook.records.run" in reached["bythebook.report.sections.suite"]
    offenders = {(reader, other) for reader, found in reached.items() for other in found if room(other) in makers}
    assert offenders == set()


def reach(name: str) -> set[str]:
    """The modules that a module imports, those that they import, and so on; of packages what they gather, too."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for other in (imported(waiting.pop()) & modules().keys()) - found - {"bythebook"}:
            if within(other, "bythebook"):
                found.add(other)
                waiting.append(other)
    return found
