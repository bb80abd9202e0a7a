"""The documentation keeps its word: commands run, the site is whole, every column is explained."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlparse

import pytest
from data_dictionary import data_dictionary
from walkthrough import PageError, steps, walk

import sco_network
from sco_network.model.rows import ALL_KINDS

ROOT = Path(__file__).parents[1]
PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
}
WITH_STEPS = [name for name, text in PAGES.items() if steps(text)]


LONG = ["README.md", "docs/how-to/share-a-report.md"]  # walked whole, with -m slow


@pytest.mark.parametrize("page", [page for page in WITH_STEPS if page not in LONG])
def test_every_command_of_a_page_does_what_the_page_says(page: str) -> None:
    assert walk(page, PAGES[page]).done


@pytest.mark.slow
@pytest.mark.parametrize("page", LONG)
def test_commands_that_take_minutes_work_as_well(page: str) -> None:
    assert walk(page, PAGES[page], everything=True).done


def test_every_command_is_shown_on_a_page() -> None:
    commands = "".join(step.text for page in WITH_STEPS for step in steps(PAGES[page]))
    named = set(re.findall(r"^sco-network ([a-z]+)", commands, re.MULTILINE))
    assert set(sco_network.cli.cli.commands) - named <= {"schema"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("```sh\nsco-network route Tashkent Madrid\n```", "Did you mean"),
        ("```sh\nsco-network route Tashkent Samarkand  # exit code 1: none\n```", "exit code 0 of"),
        ("```sh\nsco-network rout Tashkent Samarkand\n```", "rout"),
        ("<!-- not run: x -->\n\n```sh\nsco-network rank --seeds 3\n```", "No such option"),
        ("```sh\nsco-network rank --seeds 3\n```", "No such option"),
        ("```sh\nrm -r data\n```", "'rm' is unknown"),
        ("```python\n1 / 0\n```", "ZeroDivisionError"),
        ('```diff title="data/nodes.csv"\n-no such line\n+another\n```', "0 times, not once"),
    ],
)
def test_a_page_that_does_not_keep_its_word_is_found(text: str, complaint: str) -> None:
    with pytest.raises(PageError, match=complaint) as caught:
        walk("page.md", text)
    assert "page.md" in str(caught.value)


def test_a_page_can_show_a_file_a_change_and_an_expected_failure() -> None:
    text = """
```yaml title="scenarios/shut.yaml"
scenario: shut
close: {crossings: [torkham-road]}
```

```diff title="scenarios/shut.yaml"
-torkham-road
+torkham-roads
```

```sh
sco-network validate scenarios/shut.yaml   # exit code 1: misspelt
```
"""
    assert "Did you mean 'torkham-road'" in walk("page.md", text).done[-1].printed


def test_the_data_dictionary_explains_every_column_of_every_table() -> None:
    page = data_dictionary()
    for kind in ALL_KINDS.values():
        section = page.split(f"{{ #{kind.name} }}")[1].split("\n## ")[0]
        rows = re.findall(
            r"^\| \*{0,2}`(\w+)`\*{0,2} \| (.+) \| (\w+) \| (.+) \|$", section, re.MULTILINE
        )
        assert [row[0] for row in rows] == kind.columns()
        for column, unit, dtype, meaning in rows:
            assert (unit != "–") == (dtype == "number"), column
            assert len(meaning) >= 5, column


def test_the_data_dictionary_agrees_with_the_data_package() -> None:
    package = json.loads((ROOT / "data/datapackage.json").read_text(encoding="utf-8"))
    page = data_dictionary()
    for resource in package["resources"]:
        header = (ROOT / "data" / resource["path"]).read_text(encoding="utf-8").split("\n", 1)[0]
        described = {field["name"]: field for field in resource["schema"]["fields"]}
        assert set(header.strip().split(",")) <= set(described)
        assert all(field["description"] in page for field in described.values())


class _Asked(HTMLParser):
    """What a browser fetches for a page without being asked to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        fetched = ["src", "srcset", "data", "poster"] + (["href"] if tag == "link" else [])
        self.found += [given[a] or "" for a in fetched if a in given and a[:4] != "data"]
        self.found += re.findall(r"(?:url\(|@import )[\"']?([^\"')\s]+)", given.get("style") or "")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built strictly: a dead link or a missing picture is an error."""
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    target = tmp_path_factory.mktemp("site")
    config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(target))
    assert config.strict
    build(config)
    return target


def test_the_site_has_its_pages(site: Path) -> None:
    names = ["index", "tutorial", "gallery", "glossary", "methods", "performance"]
    names += ["how-to/index", "how-to/stress", "how-to/own-study", "notebooks/rank-and-what-if"]
    names += ["reference/data", "reference/commands", "reference/python"]
    for name in names:
        assert (site / f"{name}.html").stat().st_size > 5_000, name
    how_to = (site / "how-to/index.html").read_text(encoding="utf-8")
    for page in (ROOT / "docs/how-to").glob("*.md"):
        assert f"{page.stem}.html" in how_to


def test_pages_show_what_commands_print_and_draw(site: Path) -> None:
    tutorial = (site / "tutorial.html").read_text(encoding="utf-8")
    assert "250.1 h" not in PAGES["docs/tutorial.md"]
    assert "not in rising order" in tutorial
    assert "<!--" not in re.sub(r"(?s)<script.*?</script>", "", tutorial.split("<article")[1])
    gallery = (site / "gallery.html").read_text(encoding="utf-8")
    pictures = re.findall(r'<img alt="[^"]+" src="([^"]+)"', gallery)
    assert len(pictures) >= 15
    assert all((site / name).stat().st_size > 10_000 for name in pictures)


def test_the_reference_has_every_public_name_with_its_types(site: Path) -> None:
    page = (site / "reference/python.html").read_text(encoding="utf-8")
    for name in sco_network.__all__:
        assert f'id="sco_network.{name}"' in page, name
    assert "modes" in page
    assert "Iterable" in page


def test_the_site_asks_nothing_of_other_hosts(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        asked = _Asked()
        asked.feed(page.read_text(encoding="utf-8"))
        assert asked.found
        assert [url for url in asked.found if urlparse(url).netloc] == [], page
    for sheet in site.rglob("*.css"):
        urls = re.findall(
            r"(?:url\(|@import )[\"']?([^\"')\s]+)", sheet.read_text(encoding="utf-8")
        )
        assert [url for url in urls if urlparse(url).netloc] == [], sheet
