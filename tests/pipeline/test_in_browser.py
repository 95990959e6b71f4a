"""The report in Chromium, on a phone and on a wide screen, light and dark: whole, readable, and free of errors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import chromium
import pytest
from copies import Copy
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.xdist_group("pipeline")

WIDTHS = {"phone": 360, "tablet": 820, "screen": 1400}
MLFLOW = "http://127.0.0.1:5000/#/experiments?workflowType=machine_learning&experimentSearchFilter="

# What sticks out of the window and cannot be scrolled to inside a box of its own.
OVERFLOWING = """() => [...document.querySelectorAll('main *, nav *, footer *')].filter(element => {
    const box = element.getBoundingClientRect();
    if (!box.width || box.right <= innerWidth + 1 && box.left >= -1) return false;
    if (element.closest('.skip')) return false;
    for (let above = element; above && above !== document.body; above = above.parentElement)
        if (['auto', 'scroll'].includes(getComputedStyle(above).overflowX)) return false;
    return true;
}).map(element => element.outerHTML.slice(0, 120))"""

# Text of a figure that its picture or its neighbour on the page cuts off.
CUT = """() => [...document.querySelectorAll('figure svg text')].filter(text => {
    const own = text.getBoundingClientRect(), card = text.closest('figure').getBoundingClientRect();
    return own.width && (own.left < card.left - 1 || own.right > card.right + 1
        || own.top < card.top - 1 || own.bottom > card.bottom + 1);
}).map(text => text.textContent)"""

# Words with less contrast to what lies behind them than WCAG 2.2 asks for (4.5, large ones 3).
FAINT = """() => {
    const channels = colour => {
        const [red, green, blue, alpha = 1] = colour.match(/[\\d.]+/g).map(Number);
        const scale = colour.startsWith('color(') ? 1 : 255;
        return [red / scale, green / scale, blue / scale, alpha];
    };
    const over = (front, back) => [0, 1, 2].map(at => front[at] * front[3] + back[at] * (1 - front[3]));
    const ground = element => element
        ? over(channels(getComputedStyle(element).backgroundColor), ground(element.parentElement)) : [1, 1, 1];
    const linear = value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    const luminance = ([red, green, blue]) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    const words = [...document.querySelectorAll('body *')].filter(element => element.getClientRects().length
        && !element.closest('[aria-hidden]')
        && [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim()));
    const faint = words.filter(element => {
        const style = getComputedStyle(element), behind = ground(element);
        const front = over(channels(element.closest('svg') ? style.fill : style.color), behind);
        const [dark, light] = [luminance(front), luminance(behind)].sort((one, other) => one - other);
        const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
        return (light + 0.05) / (dark + 0.05) < (large ? 3 : 4.5);
    });
    return [words.length, faint.map(element => element.outerHTML.slice(0, 160))];
}"""

BROKEN = """() => [...document.querySelectorAll('a[href^="#"]')].map(link => decodeURIComponent(link.hash.slice(1)))
    .filter(name => !document.getElementById(name)?.getClientRects().length)"""

UNSEEN = (
    """() => [...document.images].filter(image => !image.complete || !image.naturalWidth).map(image => image.alt)"""
)


@dataclass
class Visit:
    """A page as it was opened, with everything that went wrong and everything it asked for."""

    page: Page
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.opened() as browser:
        yield browser


def visit(browser: Browser, path: Path, width: int, scheme: Any) -> Visit:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    found = Visit(page)
    page.on("console", lambda message: found.errors.append(message.text))
    page.on("pageerror", lambda error: found.errors.append(str(error)))
    page.on("requestfailed", lambda request: found.errors.append(request.url[:200]))
    page.on("request", lambda request: found.requests.append(request.url[:200]))
    page.goto(path.as_uri())
    for closed in page.locator("details").all():
        closed.evaluate("details => { details.open = true; }")
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_the_report_is_whole_and_readable(finished: Copy, browser: Browser, width: int, scheme: str) -> None:
    found = visit(browser, finished.folder / "reports" / "index.html", width, scheme)
    page = found.page
    assert found.errors == []
    assert [url for url in found.requests[1:] if not url.startswith("data:")] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(OVERFLOWING) == []
    assert page.locator("figure svg text").count() > 100
    assert page.evaluate(CUT) == []
    looked_at, faint = page.evaluate(FAINT)
    assert looked_at > 300
    assert faint == []
    assert page.locator('a[href^="#"]').count() > 10
    assert page.evaluate(BROKEN) == []
    assert page.evaluate("document.images.length") >= 20
    assert page.evaluate(UNSEEN) == []
    page.close()


def test_the_colours_are_those_that_the_reader_prefers(finished: Copy, browser: Browser) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        page = visit(browser, finished.folder / "reports" / "index.html", 800, scheme).page
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        grounds.append(sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")) / 3)
        page.close()
    assert grounds[0] > 200 > 60 > grounds[1]


def test_every_suite_leads_to_its_runs_in_mlflow(finished: Copy, browser: Browser) -> None:
    page = visit(browser, finished.folder / "reports" / "index.html", 800, "light").page
    links = page.locator(f'a[href^="{MLFLOW}"]').evaluate_all("links => links.map(link => link.href)")
    assert len(links) == 6
    assert f"{MLFLOW}digits%2Finitialization" in links
    page.close()


def test_what_is_wrong_with_a_page_is_seen(browser: Browser, tmp_path: Path) -> None:
    wrong = """<main><div style="width: 2000px">wide</div><p style="color: #ccc; background: #fff">faint</p>
        <a href="#nowhere">nowhere</a><img alt="lost" src="lost.png">
        <figure><svg width="50"><text x="600" y="9">outside</text></svg></figure>
        <script>console.error("said"); undefined_name()</script></main>"""
    (tmp_path / "wrong.html").write_text(f"<!doctype html><body>{wrong}</body>")
    found = visit(browser, tmp_path / "wrong.html", 400, "light")
    assert "said" in found.errors and any("undefined_name" in error for error in found.errors)
    assert any("lost.png" in error for error in found.errors)
    assert any("wide" in part for part in found.page.evaluate(OVERFLOWING))
    assert found.page.evaluate(CUT) == ["outside"]
    assert any("faint" in part for part in found.page.evaluate(FAINT)[1])
    assert found.page.evaluate(BROKEN) == ["nowhere"]
    assert found.page.evaluate(UNSEEN) == ["lost"]
