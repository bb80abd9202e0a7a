"""The report as a person meets it: a real browser, no network, wide and narrow."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from servers import CHROMIUM, DRIVER, Browser, chromium
from worlds import small_results

import sco_network as sco

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="no Chromium here: install chromium and chromium-driver"
)
SIZES = {1440: 900, 390: 844}

# The lowest contrast of all words that are seen, with the words.
CONTRAST = """
const light = (c) => {
  const [r, g, b] = c.match(/[\\d.]+/g).slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = (e) => {
  for (; e; e = e.parentElement) {
    const c = getComputedStyle(e).backgroundColor;
    if (c !== "rgba(0, 0, 0, 0)") return c;
  }
  return "rgb(255, 255, 255)";
};
let worst = [99, ""];
const seen = new Set();
for (const e of document.querySelectorAll("body *")) {
  if (e.closest("svg, script, .unseen, .skip") || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
  const pair = [getComputedStyle(e).color, ground(e)];
  if (seen.has(String(pair))) continue;
  seen.add(String(pair));
  const [a, b] = pair.map(light).sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05);
  if (ratio < worst[0]) worst = [ratio, e.outerHTML.slice(0, 100)];
}
return worst;
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of all scenarios of the small study."""
    return small_results(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def uap(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of one proposal on the packaged network."""
    cmp = sco.compare(sco.Network.load(), sco.Scenario.load("uap-railway"))
    return cmp.report(tmp_path_factory.mktemp("uap") / "uap.html")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(autouse=True)
def quiet(browser: Browser) -> Iterator[None]:
    """No error on the console and no request but for the file, whatever a test does."""
    browser.console(), browser.asked_for()
    yield
    assert browser.console() == []
    strangers = [u for u in browser.asked_for() if not u.startswith(("file:", "data:", "about:"))]
    assert strangers == []


def show(browser: Browser, page: Path, width: int = 1440) -> None:
    browser.size(width, SIZES[width])
    browser.driver.get(page.as_uri())
    browser.wait("document.readyState === 'complete'")


def choose(browser: Browser, selector: str, value: str) -> None:
    browser.js(
        "const e = document.querySelector(arguments[0]); e.value = arguments[1];"
        "e.dispatchEvent(new Event('change'))",
        selector,
        value,
    )


def press(browser: Browser, selector: str, *keys: str) -> None:
    from selenium.webdriver.common.by import By

    browser.driver.find_element(By.CSS_SELECTOR, selector).send_keys(*keys)


def column(browser: Browser, table: str, number: int) -> list[Any]:
    """Return what a column is sorted by, from top to bottom."""
    found: list[Any] = browser.js(
        "return [...document.querySelectorAll(`${arguments[0]} tbody tr`)]"
        ".map((r) => r.cells[arguments[1]].dataset.value)",
        table,
        number,
    )
    return found


@pytest.mark.parametrize("width", SIZES)
def test_it_opens_and_fits(browser: Browser, uap: Path, width: int) -> None:
    show(browser, uap, width)
    assert browser.js("return document.documentElement.scrollWidth <= innerWidth")
    assert "Afghanistan–Pakistan" in browser.text("h1")
    assert browser.js("return document.querySelectorAll('#stage .links path').length") > 3000
    assert browser.js("return document.querySelectorAll('#map-words text').length") > 5


@pytest.mark.parametrize("width", SIZES)
def test_words_stand_out_from_their_ground(browser: Browser, results: Path, width: int) -> None:
    show(browser, results / "report.html", width)
    ratio, words = browser.js(CONTRAST)
    assert ratio >= 4.5, words


def test_numbers_on_the_page_are_those_of_the_tables(browser: Browser, results: Path) -> None:
    show(browser, results / "report.html")
    shown = {
        ("summary", 7): ("summary", "efficiency_percent"),
        ("summary", 9): ("summary", "market_access_percent"),
        ("claims-table", 4): ("claims", "verdict"),
        ("waits-table", 2): ("breakeven", "cut_percent"),
        ("ranking-table", 1): ("ranking", "shapley"),
        ("order-table", 3): ("building-order", "total"),
        ("programme-table", 6): ("programme", "lost_by_delay"),
    }
    for (table, number), (file, name) in shown.items():
        expected = pd.read_csv(results / f"{file}.csv")[name].tolist()
        found = column(browser, f"#{table}", number)
        if name != "verdict":
            found = [float(v) for v in found]
            expected = pytest.approx(expected, rel=1e-7, nan_ok=True)
        assert found == expected, file


def test_a_click_on_a_head_sorts(browser: Browser, results: Path) -> None:
    show(browser, results / "report.html")
    head = "#summary thead th:nth-child(8)"
    before = [float(v) for v in column(browser, "#summary", 7)]
    browser.js("document.querySelector(arguments[0]).click()", head)
    assert [float(v) for v in column(browser, "#summary", 7)] == sorted(before, reverse=True)
    press(browser, f"{head} button", "\ue007")  # Enter
    assert [float(v) for v in column(browser, "#summary", 7)] == sorted(before)
    assert browser.js("return document.querySelector(arguments[0]).ariaSort", head) == "ascending"


@pytest.mark.parametrize("width", SIZES)
def test_before_and_after(browser: Browser, uap: Path, width: int) -> None:
    show(browser, uap, width)
    lines = "return [...document.querySelectorAll('#overlay path')].map((p) => p.classList[0])"
    assert browser.js(lines) == []
    choose(browser, "#scenario", "p-uap-railway")
    after = browser.js(lines)
    assert after.count("added") == after.count("casing") > 3
    assert "way-after" in after
    browser.js("document.querySelector('[name=side][value=today]').click()")
    assert browser.js(lines) == ["way-before"]
    assert "The route that changes most" in browser.text("#about")


def test_a_link_tells_its_figures_and_source(
    browser: Browser, uap: Path, base: sco.Network
) -> None:
    show(browser, uap)
    choose(browser, "#scenario", "p-uap-railway")
    browser.js("document.querySelector('#links').focus()")
    options = browser.js(
        "return [...document.querySelectorAll('#links option')].map((o) => o.text)"
    )
    name = next(o for o in options if o.startswith("Kharlachi – Thall"))
    value = browser.js(
        "return [...document.querySelectorAll('#links option')].find((o) => o.text === arguments[0]).value",
        name,
    )
    choose(browser, "#links", value)
    after = base.with_scenarios(sco.Scenario.load("uap-railway"))
    link = after.links.row(int(value))
    said = browser.text("#about")
    assert "Kharlachi – Thall" in said
    assert f"{link['length_km']:.0f} km" in said
    assert after.tables["sources"].row(link["source_id"])["title"] in said
    browser.js("document.querySelector('[name=side][value=today]').click()")
    assert "Kharlachi" not in browser.text("#about")


def test_pointing_at_a_link_is_enough(browser: Browser, uap: Path) -> None:
    from selenium.webdriver.common.actions.action_builder import ActionBuilder

    show(browser, uap)
    choose(browser, "#scenario", "p-uap-railway")
    # the middle of a box is not on a slanting line: point at the middle of the line itself
    x, y = browser.js(
        "const stage = document.querySelector('#stage');"
        "stage.scrollIntoView({block: 'center', behavior: 'instant'});"
        "const line = document.querySelector('#overlay path.added');"
        "const at = line.getPointAtLength(line.getTotalLength() / 2).matrixTransform(line.getScreenCTM());"
        "return [at.x, at.y]"
    )
    pointer = ActionBuilder(browser.driver)
    pointer.pointer_action.move_to_location(round(x), round(y))
    pointer.perform()
    browser.wait("document.querySelector('#about h3')", 5)
    assert "Railway, 1" in browser.text("#about")


def test_keys_and_buttons_move_the_map(browser: Browser, uap: Path) -> None:
    show(browser, uap)
    view = "return document.querySelector('#stage').getAttribute('viewBox').split(' ').map(Number)"
    start = browser.js(view)
    press(browser, "#stage", "+")
    near = browser.js(view)
    assert near[2] < start[2]
    press(browser, "#stage", "\ue014")  # right
    assert browser.js(view)[0] > near[0]
    press(browser, "#stage", "0")
    assert browser.js(view) == pytest.approx(start)
    browser.js("document.querySelector('[data-zoom=\"1.667\"]').click()")
    assert browser.js(view)[2] > start[2]


def test_a_layer_can_be_hidden(browser: Browser, uap: Path) -> None:
    show(browser, uap)
    browser.js("document.querySelector('#layers [value=road]').click()")
    shown = "return getComputedStyle(document.querySelector('[data-layer=road]')).display"
    assert browser.js(shown) == "none"


def test_it_prints(browser: Browser, results: Path) -> None:
    show(browser, results / "report.html")
    printed = browser.driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    pdf = base64.b64decode(printed["data"])
    assert pdf.startswith(b"%PDF")
    sheets = pdf.count(b"/Type /Page\n") or pdf.count(b"/Type /Page")
    assert sheets > 8
    assert b"/MediaBox [0 0 841" in pdf  # wide tables lie on their side
