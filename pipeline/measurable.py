"""What claims and references can name, from everything that is declared."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from bythebook.claims.measurable import Measurable
from bythebook.claims.measurements import LATENCY
from bythebook.datasets.pairs import tasks_of
from bythebook.documents import read_json
from bythebook.errors import Problems, UserError
from bythebook.inference import folding, montecarlo
from bythebook.probes.registry import probes
from bythebook.search.guideline import Guideline
from bythebook.search.method import SAMPLER_METRICS
from bythebook.search.space import DEPTH, WIDTH
from bythebook.suite import SuiteDeclaration
from bythebook.transfer.declaration import Study
from bythebook.transfer.plan import names_of
from pipeline import stage
from pipeline.params import Params
from pipeline.tasks import choice

VARIANTS = {**dict.fromkeys(montecarlo.VARIANTS, "dropout"), **dict.fromkeys(folding.VARIANTS, "normalizer")}


def measurable(
    suites: Mapping[str, SuiteDeclaration],
    of_studies: Mapping[str, Mapping[str, Any]],
    searches: Mapping[str, Guideline],
    problems: Problems,
) -> Measurable:
    """Return what can be measured; what is wrong with the file of latencies is noted.

    Args:
        suites: those that can be read; of others, as of studies and searches, no arms are known but by their files.
        of_studies: the recipe of every arm of the studies that are run, as :func:`arms_of_studies` gives them.
    """
    recipes: dict[str, Mapping[str, Any]] = {
        f"{suite.name}/{arm.name}": arm.recipe for suite in suites.values() for arm in suite.arms
    }
    sides: dict[str, Collection[str]] = {
        f"{probe.name}/{side}": probe.metrics for probe in probes().values() for side in probe.sides
    }
    with problems.collecting():
        sides |= _latencies()
    for name, guideline in searches.items():
        if guideline.method.samplers:
            sides |= {f"search_{name}/{sampler}": SAMPLER_METRICS for sampler in guideline.method.samplers}
        else:
            recipes |= _handed_on(name, guideline)
    folders = ((stage.RECIPES, ""), (stage.TRANSFERS, "transfer_"), (stage.SEARCHES, "search_"))
    files = {f"{before}{path.stem}" for folder, before in folders for path in folder.glob("*.yaml")}
    return Measurable({**recipes, **of_studies}, sides, files | {LATENCY}, VARIANTS)


def arms_of_studies(
    params: Params, studies: Mapping[str, Study], classes: Mapping[str, tuple[str, ...]], problems: Problems
) -> dict[str, Mapping[str, object]]:
    """Return the recipe of every arm of the studies that are run; what is wrong with their tasks is noted."""
    found: dict[str, Mapping[str, object]] = {}
    for study in (studies[name] for name in params.transfers if name in studies):
        for name, task in tasks_of(study.cut, choice(params), classes, problems).items():
            arms = names_of(study, name, study.cut.labels or ((task.samples,) if task.samples else ()))
            found |= {f"transfer_{study.name}/{arm}": recipe for arm, recipe in arms.items()}
    return found


def _handed_on(name: str, guideline: Guideline) -> dict[str, Mapping[str, object]]:
    """Return what a search hands on; its winner may differ from the guideline in whatever is searched."""
    varied = {"hidden" if path in (DEPTH, WIDTH) else path.split(".")[0] for path in guideline.space}
    winner = {**guideline.base, **dict.fromkeys(varied, "whatever the search found")}
    return {f"search_{name}/guideline": guideline.base, f"search_{name}/winner": winner}


def _latencies() -> dict[str, Collection[str]]:
    """Return the metrics of every arm that was timed; nothing where nothing was."""
    if not stage.LATENCY.exists():
        return {}
    content = read_json(stage.LATENCY)
    arms = content.get("arms") if isinstance(content, Mapping) else None
    if not isinstance(arms, Mapping) or not all(isinstance(metrics, Mapping) for metrics in arms.values()):
        raise UserError(f"{stage.LATENCY}: arms: measured latencies are expected; `make latency` writes the file anew.")
    return {f"{LATENCY}/{arm}": list(metrics) for arm, metrics in arms.items()}
