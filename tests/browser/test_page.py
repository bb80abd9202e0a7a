"""The explorer as a person meets it: a real browser, on the packaged network, without a net."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import CHROMIUM, DRIVER, Browser, Explorer, chromium, explorer
from worlds import NODES, sco_network, write_study

import sco_network as sco

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="no Chromium here: install chromium and chromium-driver"
)
ROOT = Path(__file__).parents[2]
RAIL = "from=tashkent&to=karachi&by=time&modes=rail"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("profile")) as started:
        started.size(1440, 900)
        yield started


@pytest.fixture(scope="module")
def served() -> Iterator[Explorer]:
    with explorer(ROOT) as running:
        yield running


@pytest.fixture(autouse=True)
def quiet(browser: Browser, served: Explorer) -> Iterator[None]:
    """No error on the console and no request to anyone else, whatever a test does."""
    browser.console(), browser.asked_for()
    yield
    assert browser.console() == []
    strangers = [
        u
        for u in browser.asked_for()
        if not u.startswith(("http://127.0.0.1:", "data:", "blob:", "about:"))
    ]
    assert strangers == []


def shown(browser: Browser) -> dict[str, list[float | None]]:
    """Measures on the page: before, after and percent, in full precision."""
    cells = browser.js(
        "return [...document.querySelectorAll('#measures tbody tr')].map(r => "
        "[r.dataset.metric, ...[...r.cells].slice(1).map(c => c.dataset.value)])"
    )
    return {name: [json.loads(v) for v in values] for name, *values in cells}


def pair(browser: Browser) -> list[float | None]:
    return [json.loads(browser.js(f"return document.querySelector('#headline .{side}').dataset.value")) for side in ("today", "then")]  # fmt: skip


def same_as(browser: Browser, comparison: sco.api._Comparison) -> None:
    expected = {name: (old, new) for name, _, old, new in comparison.cost_measures}
    found = shown(browser)
    assert set(found) == set(expected)
    for name, (old, new) in expected.items():
        assert found[name] == pytest.approx([old, new, 100 * (new - old) / old], rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("width", [1440, 390])
def test_clicks_give_the_numbers_of_the_python_api(
    browser: Browser, served: Explorer, base: sco.Network, width: int
) -> None:
    browser.size(width, 900 if width == 1440 else 844)
    browser.open(f"{served.url}#{RAIL}")
    assert pair(browser)[0] == pair(browser)[1]
    assert "None of" in browser.text("#pairs") or width == 390
    browser.click("#tick-uap-railway")
    browser.click("#tick-cku-railway")
    both = [sco.Scenario.load(name) for name in ("uap-railway", "cku-railway")]
    same_as(browser, sco.compare(base, both, by="time", modes=["rail"]))
    route = base.route("Tashkent", "Karachi", modes=["rail"], scenarios=both)
    assert pair(browser)[1] == pytest.approx(route.time_h, abs=1e-3)
    listed = browser.js("return [...document.querySelectorAll('#legs .then .link')].length")
    assert listed == len(route.legs)
    browser.click("#by input[value=cost]")
    same_as(browser, sco.compare(base, both, by="cost", modes=["rail"]))
    assert browser.js("return document.documentElement.scrollWidth <= innerWidth")
    browser.size(1440, 900)


def test_gains_on_the_page_are_what_ticking_would_add(browser: Browser, served: Explorer) -> None:
    browser.open(f"{served.url}#{RAIL}&with=uap-railway")
    told = float(
        browser.js(
            "return document.querySelector('[data-id=ml1-upgrade] .gain span').dataset.value"
        )
    )
    before = shown(browser)["efficiency"]
    browser.click("#tick-ml1-upgrade")
    after = shown(browser)["efficiency"]
    assert told == pytest.approx(after[2] - before[2], rel=1e-3)
    assert float(
        browser.js(
            "return document.querySelector('[data-id=ml1-upgrade] .gain span').dataset.value"
        )
    ) == pytest.approx(told, rel=1e-3)
    browser.js(
        "document.querySelector('#sort').value = 'gain'; document.querySelector('#sort').dispatchEvent(new Event('input'))"
    )
    order = browser.js(
        "return [...document.querySelectorAll('#proposals .gain span:first-child')].map(v => v.dataset.value).filter(v => v !== undefined).map(Number)"
    )
    assert order == sorted(order, reverse=True)


def test_a_slider_a_link_and_undo(browser: Browser, served: Explorer, base: sco.Network) -> None:
    browser.open(f"{served.url}#{RAIL}&with=uap-railway")
    slow = pair(browser)[1]
    browser.js("document.querySelector('.views [data-view=adjust]').click()")
    slider = "document.getElementById('s-wait:kharlachi-rail')"
    browser.act(
        f"{slider}.value = 6; {slider}.dispatchEvent(new Event('input')); {slider}.dispatchEvent(new Event('change'))"
    )
    assert pair(browser)[1] == pytest.approx(slow - 14, abs=1e-3)  # 20 hours became 6
    address = browser.js("return location.href")
    browser.click("#undo")
    assert pair(browser)[1] == slow
    browser.click("#undo") if not browser.js(
        "return document.querySelector('#undo').disabled"
    ) else None
    browser.click("#redo")
    quick = pair(browser)[1]
    assert quick == pytest.approx(slow - 14, abs=1e-3)
    measures = shown(browser)
    browser.open(address)
    assert (pair(browser)[1], shown(browser)) == (quick, measures)
    browser.click("#swap")
    assert pair(browser)[1] == pytest.approx(base.route("karachi", "tashkent", modes=["rail"], scenarios=[sco.Scenario.load("uap-railway")]).time_h - 14, abs=1e-3)  # fmt: skip


def test_what_is_saved_gives_the_same_numbers_on_the_command_line(
    browser: Browser, served: Explorer, tmp_path: Path
) -> None:
    browser.driver.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    browser.open(
        f"{served.url}#{RAIL}&with=uap-railway,ml1-upgrade&edit=wait:kharlachi-rail=6&edit=speed:rail:UZB=45&edit=line:uap-railway=60"
    )
    browser.js("document.querySelector('#save').click()")
    browser.wait("document.querySelector('#file-command').textContent")
    browser.js("document.querySelector('#download').click()")
    command = browser.text("#file-command").split()[1:]
    file = tmp_path / command[1]
    browser.wait("true")
    for _ in range(200):
        if file.exists():
            break
        browser.js("return new Promise(r => setTimeout(r, 20))")
    done = sco_network(*command, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (answer,) = json.loads(done.stdout)
    rows = {m["metric"]: m for m in answer["metrics"]}
    for name, (old, new, percent) in shown(browser).items():
        assert (old, new) == pytest.approx(
            (rows[name]["baseline"], rows[name]["scenario"]), rel=1e-6
        ), name
        assert percent == pytest.approx(rows[name]["percent_change"], rel=1e-4, abs=1e-6)


def test_the_answer_is_painted_soon(
    browser: Browser, served: Explorer, record_property: pytest.RecordProperty
) -> None:
    browser.open(f"{served.url}#{RAIL}")
    names = [
        "uap-railway",
        "cku-railway",
        "ml1-upgrade",
        "gwadar-rail",
        "zangezur",
        "rasht-astara",
        "hormuz-closed",
    ]
    times = [browser.click(f"#tick-{name}") for name in [*names, *names]]
    median = statistics.median(times)
    record_property("median_ms", median)
    print(f"from click to painted: median {median} ms, slowest {max(times)} ms")  # noqa: T201
    assert median < 1000  # 200 ms where nothing else runs


def test_keyboard_alone_reaches_and_ticks(browser: Browser, served: Explorer) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    browser.open(f"{served.url}#{RAIL}")
    browser.js("document.querySelector('#filter').focus()")
    ActionChains(browser.driver).send_keys("trans-afghan", Keys.TAB, Keys.TAB, Keys.TAB).perform()
    focused = browser.js("return document.activeElement.id")
    assert focused.startswith("tick-")
    turn = browser.js("return Number(document.body.dataset.turn)")
    ActionChains(browser.driver).send_keys(Keys.SPACE).perform()
    browser.wait(f"Number(document.body.dataset.turn) > {turn}")
    assert f"with={focused.removeprefix('tick-')}" in browser.js("return location.hash")
    assert "then" in browser.js(
        "return document.querySelector('#status').textContent"
    )  # read aloud
    ActionChains(browser.driver).key_down(Keys.CONTROL).send_keys("z").key_up(
        Keys.CONTROL
    ).perform()
    browser.wait("!location.hash.includes('with=')")


HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def test_names_are_text_whatever_they_say(browser: Browser, tmp_path: Path) -> None:
    study = write_study(tmp_path, nodes=NODES.replace("Alpha", HOSTILE).replace("Beta", "Ташкент كابل 喀什").replace(f"Old {HOSTILE}", "Old Alpha"))  # fmt: skip
    for path in (study / "scenarios").glob("*.yaml"):
        text = path.read_text()
        path.write_text(
            text.replace("A direct railway", f"'{HOSTILE}'").replace(
                "Joint control.", f"'{HOSTILE}'"
            )
        )
    with explorer(study) as running:
        browser.open(
            f"{running.url}#from=a&to=e&by=time&modes=rail,road&with=short-cut,faster-border"
        )
        browser.js("document.querySelector('[data-id=faster-border] button').click()")
        assert HOSTILE in browser.text("#card-body")
        assert HOSTILE in browser.text("#headline")
        assert browser.js("return document.querySelectorAll('img[src=x], main script').length") == 0
        assert pair(browser) == [15, 10]
        browser.js("document.querySelector('#card .close').click()")
        browser.enter("#origin", "c")
        browser.click("#modes input[value=rail]")
        assert "No route" in browser.text("#headline")
        assert (
            browser.js("return document.querySelector('#headline .then').dataset.value") == "null"
        )


def test_a_conflict_and_an_unknown_place_are_told(browser: Browser, served: Explorer) -> None:
    browser.open(f"{served.url}#{RAIL}&with=uap-railway")
    assert "conflicts with uap-railway" in browser.text("[data-id=uap-torkham] small")
    browser.click("#tick-uap-torkham")
    assert "'uap-torkham' conflicts with 'uap-railway'" in browser.text("#alert")
    assert not browser.js("return document.querySelector('#tick-uap-torkham').checked")
    browser.enter("#destination", "Karachy")
    assert "Did you mean 'Karachi'" in browser.text("#alert")
    browser.enter("#destination", "Karachi")
    assert pair(browser)[1] is not None
    refused = browser.console()  # the browser notes each refusal of the server, and nothing else
    assert refused
    assert all("422" in line for line in refused)
