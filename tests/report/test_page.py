"""The page: one file that works from the disk and shows everything that was run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from made_results import SUITES, TASKS, Results, make_results
from parsed_page import Page, parse

from bythebook.documents import read_json
from bythebook.records.suite import read_suite
from bythebook.report import theme, write_report

HOSTILE = '<img src=x onerror="alert(1)"> $a_b$ | & \'"{{ 7 * 7 }}日本'


@pytest.fixture(scope="module")
def page(report: Path) -> Page:
    return parse(report / "index.html")


def test_the_page_needs_no_other_file_and_leads_to_the_runs(results: Results, report: Path, page: Page) -> None:
    text = (report / "index.html").read_text()
    sources = [attributes["src"] for _, attributes in page.tags if "src" in attributes]
    assert sources
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    targets = [attributes["href"] for _, attributes in page.tags if "href" in attributes]
    assert targets
    runs = [target for target in targets if target.startswith("http://127.0.0.1:5000/#/experiments?")]
    assert len(runs) == len(results.suites)
    assert all(target.startswith(("#", "data:")) for target in targets if target not in runs)
    assert not page.all("script")
    assert not page.all("iframe")
    assert "@import" not in text
    references = re.findall(r"url\(([^)]*)\)", text)
    assert references
    assert all(reference.startswith("#") for reference in references)


def test_the_page_is_well_formed_and_its_inner_links_lead_somewhere(page: Page) -> None:
    assert page.misnested == []
    ids = page.ids()
    assert [name for name, count in ids.items() if count > 1] == []
    links = [attributes["href"][1:] for _, attributes in page.tags if attributes.get("href", "").startswith("#")]
    assert len(links) > 50
    assert [link for link in links if link not in ids] == []


def test_every_picture_is_described_and_every_table_has_a_caption(page: Page) -> None:
    figures, images = page.all("svg"), page.all("img")
    assert len(figures) >= 15
    assert all(figure["role"] == "img" and figure["aria-label"] for figure in figures)
    assert len(images) >= 28
    assert all(image["alt"] for image in images)
    assert len(page.all("caption")) == len(page.all("table")) > 10
    assert len(page.all("h1")) == 1


def test_figures_take_every_colour_from_the_page(report: Path) -> None:
    text = (report / "index.html").read_text()
    figures = re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL)
    assert figures
    for figure in figures:
        assert "var(--" in figure
        assert re.findall(r"(?:fill|stroke): #\w+", figure) == []
    for name, (bright, dark) in theme.COLOURS.items():
        assert f"--{name}: {bright};" in text
        assert f"--{name}: {dark};" in text


def test_every_run_of_every_suite_appears(results: Results, page: Page) -> None:
    entries = [entry for folder in results.suites for entry in read_suite(folder).entries]
    assert len(entries) > 90
    missing = [entry.key for entry in entries if entry.key[:12] not in page.text or entry.name not in page.text]
    assert missing == []


def test_diverged_runs_are_shown_with_their_reason(page: Page) -> None:
    assert "1 diverged" in page.text
    assert "seed 2: loss became NaN in epoch 4" in page.text
    assert "4 diverged" in page.text


def test_test_figures_are_those_of_the_evaluation(results: Results, page: Page) -> None:
    evaluation = read_json(results.evaluation / "evaluation.json")
    recipes = {path: found for path, found in evaluation["recipes"].items() if path.split("/")[0] in SUITES}
    assert len(recipes) == sum(len(names) for names in SUITES.values())
    for found in recipes.values():
        assert f"{100 * found['accuracy']['mean']:.2f}%" in page.text
        assert f"{found['nll']['mean']:.3f}" in page.text


def test_the_transfer_verdicts_are_the_evaluations(results: Results, page: Page) -> None:
    verdicts = read_json(results.evaluation / "evaluation.json")["transfer"]
    arms = [arm for arm in verdicts["transfer_freeze_then_finetune"]["arms"] if "verdict" in arm]
    assert len(arms) == len(TASKS)
    words = {"supported": "Transfer helps", "refuted": "Transfer hurts", "inconclusive": "No clear difference"}
    for arm in arms:
        points = f"{100 * arm['difference']['mean']:+.2f}".replace("-", "−")
        assert f"{words[arm['verdict']]}: {points} points on test" in page.text
    assert "frozen (4 epochs), then fine tuning (16 epochs)" in page.text


def test_every_mistake_of_the_champion_is_shown(page: Page) -> None:
    taken = [image["alt"] for image in page.all("img") if "taken for" in image["alt"]]
    assert len(taken) == 18


def test_equal_inputs_give_equal_bytes(results: Results, report: Path, tmp_path: Path) -> None:
    write_report(**results.arguments(output=tmp_path))
    files = sorted(path.relative_to(report) for path in report.rglob("*") if path.is_file())
    assert len(files) == 7
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()) == files
    for file in files:
        assert (tmp_path / file).read_bytes() == (report / file).read_bytes(), file


def test_a_users_matplotlib_settings_change_nothing(
    results: Results, report: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import matplotlib

    monkeypatch.setitem(matplotlib.rcParams, "lines.marker", "s")
    monkeypatch.setitem(matplotlib.rcParams, "axes.facecolor", "red")
    write_report(**results.arguments(output=tmp_path))
    assert (tmp_path / "index.html").read_bytes() == (report / "index.html").read_bytes()


def test_nothing_written_depends_on_the_clock_or_on_where_it_lies(results: Results, report: Path) -> None:
    root = str(results.data[0].parents[2])
    for path in report.rglob("*.*"):
        text = path.read_text()
        assert root not in text
        assert not re.search(r"\b20\d\d-\d\d-\d\d\b", text), path


def test_a_hostile_class_name_is_text_everywhere(tmp_path: Path) -> None:
    results = make_results(tmp_path, [HOSTILE, *"123456789"])
    write_report(**results.arguments(output=tmp_path / "reports"))
    page = parse(tmp_path / "reports" / "index.html")
    assert "onerror" not in {name for _, attributes in page.tags for name in attributes}
    assert HOSTILE in page.text
    assert any(HOSTILE in image["alt"] for image in page.all("img"))
    figures = re.findall(r"<svg.*?</svg>", (tmp_path / "reports" / "index.html").read_text(), flags=re.DOTALL)
    assert any("&lt;img" in figure for figure in figures)
    summary = (tmp_path / "reports" / "summary.md").read_text()
    assert "<img" not in summary.replace("\\<img", "")
