"""The first screen: what was run, and what holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bythebook.report.sections.champion import ChampionSection
from bythebook.report.sections.claims import ClaimsSection
from bythebook.report.sections.search import SearchSection
from bythebook.report.sections.suite import SuiteSection
from bythebook.report.sections.transfer import TaskVerdict, TransferSection
from bythebook.report.sources import Sources
from bythebook.report.wording import listed, percent, percent_range, points, points_range, title


@dataclass(frozen=True)
class Tile:
    """One figure with what it means; ``target`` is the section that explains it."""

    figure: str
    caption: str
    detail: str
    target: str
    tone: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Headline:
    """What the first screen shows."""

    runs: str
    tiles: tuple[Tile, ...]
    findings: tuple[tuple[str, str, str], ...]


STATUSES = {"finished": "runs finished", "diverged": "diverged", "pruned": "pruned"}
TONES = {"supported": "good", "refuted": "bad", "inconclusive": ""}


def headline(
    sources: Sources,
    suites: Sequence[SuiteSection],
    transfers: Sequence[TransferSection],
    searches: Sequence[SearchSection],
    champion: ChampionSection | None,
    claims: ClaimsSection | None,
) -> Headline:
    """The first screen, from the sections below it."""
    counts = Counter(entry.record["status"] for suite in sources.suites for entry in suite.entries)
    runs = ", ".join(f"{counts[status]} {word}" for status, word in STATUSES.items() if counts[status])
    tiles = [_champion(champion)] if champion and champion.test else []
    tiles += [_transfer(task) for section in transfers for task in section.tasks]
    tiles += [_search(section) for section in searches if section.best_trial]
    tiles += [_claims(claims)] if claims else []
    findings = [(title(section.name), section.answer, section.anchor) for section in suites]
    return Headline(runs or "no runs", tuple(tiles), tuple(findings))


def _champion(section: ChampionSection) -> Tile:
    test = section.test or {}
    span = percent_range({"low": test["accuracy_low"], "high": test["accuracy_high"]})
    detail = f"{section.name}, chosen on validation; 95% interval {span}"
    return Tile(percent(test["accuracy"], 1), "Champion on the test split", detail, "champion")


def _transfer(task: TaskVerdict) -> Tile:
    caption = f"Transfer: {title(task.name)}"
    if task.difference is None:
        return Tile("–", caption, f"{task.headline}: no seed finished both arms", task.anchor)
    detail = f"{task.headline} on {task.split}"
    if task.difference["low"] is not None:
        detail += f"; 95% interval {points_range(task.difference)}"
    return Tile(points(task.difference["mean"]), caption, detail, task.anchor, TONES[task.verdict], "points")


def _search(section: SearchSection) -> Tile:
    """The gain that was left when winner and guideline were refitted, or what the best trial reached."""
    caption, best = f"Search: {title(section.guideline)}", section.best_trial or {}
    for confirmed in section.confirmed if section.moved else ():
        if confirmed.change and (confirmed.tone or confirmed is section.confirmed[-1]):
            figure, _, unit = confirmed.change.partition(" ")
            detail = f"{confirmed.objective.label}: {confirmed.winner} against the guideline's {confirmed.guideline}"
            detail += f", over {confirmed.seeds} seeds: {confirmed.outcome}"
            return Tile(figure, caption, detail, section.anchor, confirmed.tone, unit)
    first = section.objectives[0]
    who = "the best" if section.moved else "the guideline, which none beat,"
    detail = f"{first.label}: {who} of {len(section.trials)} trials"
    return Tile(first.text(best["values"][first.name]), caption, detail, section.anchor)


def _claims(section: ClaimsSection) -> Tile:
    counts = {verdict: number for verdict, number in section.counts.items() if verdict != "not judged"}
    detail = listed([f"{number} {verdict}" for verdict, number in counts.items()]) or "none judged"
    return Tile(f"{len(section.judged)}", "Claims judged", f"{detail}; {len(section.waiting)} wait", "claims")
