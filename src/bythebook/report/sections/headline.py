"""The first screen: what was run, and what holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bythebook.report.formatting import listed, percent, span_of, title
from bythebook.report.sections.champion import ChampionSection
from bythebook.report.sections.claims import ClaimsSection
from bythebook.report.sections.findings import Answer
from bythebook.report.sections.search import SearchSection
from bythebook.report.sections.suite import SuiteSection
from bythebook.report.sections.transfer import StudySection
from bythebook.report.sources import Sources


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


def headline(
    sources: Sources,
    suites: Sequence[SuiteSection],
    transfers: Sequence[StudySection],
    searches: Sequence[SearchSection],
    champion: ChampionSection | None,
    claims: ClaimsSection | None,
) -> Headline:
    """The first screen, from the sections below it."""
    counts: Counter[str] = Counter(entry.record.status for suite in sources.suites for entry in suite.entries)
    runs = ", ".join(f"{counts[status]} {word}" for status, word in STATUSES.items() if counts[status])
    tiles = [_champion(champion)] if champion and champion.test else []
    tiles += [tile for section in transfers for tile in _study(section)]
    tiles += [_search(section) for section in searches if section.best_trial]
    tiles += [_claims(claims)] if claims else []
    findings = [(title(section.name), section.answer, section.anchor) for section in suites]
    findings += [(title(section.name), section.summary, section.anchor) for section in transfers]
    return Headline(runs or "no runs", tuple(tiles), tuple(findings))


def _champion(section: ChampionSection) -> Tile:
    test = section.test or {}
    span = span_of(test["accuracy_low"], test["accuracy_high"])
    detail = f"{section.name}, chosen on validation; 95% interval {span}"
    return Tile(percent(test["accuracy"], 1), "Champion on the test split", detail, "champion")


def _study(section: StudySection) -> Iterator[Tile]:
    """A tile for each answer of a study that has a number of its own."""
    for task in section.tasks:
        if task.answer.figure:
            yield _answer(f"{title(section.name)}: {title(task.name)}", task.answer, task.anchor)
    for pairs in section.pairs:
        yield _answer(title(section.name), pairs.answer, section.anchor)


def _answer(caption: str, answer: Answer, target: str) -> Tile:
    return Tile(answer.figure, caption, answer.detail, target, answer.tone, answer.unit)


def _search(section: SearchSection) -> Tile:
    """The gain that was left when winner and guideline were refitted, or what the best trial reached."""
    caption, best = f"Search: {title(section.guideline)}", section.best_trial
    for confirmed in section.confirmed if section.moved else ():
        if confirmed.change and (confirmed.tone or confirmed is section.confirmed[-1]):
            figure, _, unit = confirmed.change.partition(" ")
            detail = f"{confirmed.measure}: {confirmed.winner} against the guideline's {confirmed.guideline}"
            detail += f", over {confirmed.seeds} seeds: {confirmed.outcome}"
            return Tile(figure, caption, detail, section.anchor, confirmed.tone, unit)
    first = section.objectives[0]
    who = "the best" if section.moved else "the guideline, which none beat,"
    detail = f"{first.label}: {who} of {len(section.trials)} trials"
    return Tile(first.text(best.value(first.name) if best else None), caption, detail, section.anchor)


def _claims(section: ClaimsSection) -> Tile:
    counts = {verdict: number for verdict, number in section.counts.items() if verdict != "not judged"}
    detail = listed([f"{number} {verdict}" for verdict, number in counts.items()]) or "none judged"
    return Tile(f"{len(section.judged)}", "Claims judged", f"{detail}; {len(section.waiting)} wait", "claims")
