"""What MkDocs does beyond Markdown when it builds the site.

- The steps of every page are done (tools/walkthrough.py): `<!-- output -->` becomes what the block
  before it printed (`<!-- output: 12 … 3 -->` its first 12 and last 3 lines), and pictures that
  the steps drew become files of the site.
- Pages are made: the gallery of those pictures, the data dictionary, the commands, the Python
  reference, the notebooks, and the list of how-to pages.
"""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import click
import nbformat
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

sys.path.insert(0, str(Path(__file__).parent))

from data_dictionary import data_dictionary
from walkthrough import Done, PageError, Walk, steps, walk

import sco_network
import sco_network.cli

PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+\.(?:png|svg))\)")
OUTPUT = re.compile(r"<!-- output(?:: (\d+)(?: … (\d+))?)? -->\n?")
COMMENT = re.compile(r"<!-- (?:run|not run|slow): .*? -->\n?")
# What public calls return, beside the public names themselves.
RETURNED = (
    "output.comparison.Comparison",
    "output.claims.Claims",
    "routing.route.Route",
    "routing.route.Leg",
    "routing.skim.Skim",
    "analysis.rank.Ranking",
    "analysis.uncertainty.Uncertainty",
    "analysis.stress.Stress",
    "analysis.breakeven.Breakeven",
    "analysis.timeline.Timeline",
    "analysis.flows.Flows",
    "analysis.people.People",
    "model.differences.Differences",
)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages and pictures that are made."""
    shown = []
    for page in list(files.documentation_pages()):
        if not steps(page.content_string):
            continue
        done = _walked(page.src_uri, page.content_string)
        for words, name in PICTURE.findall(page.content_string):
            picture = done.picture(name)
            where = (PurePosixPath(page.src_uri).parent / name).as_posix()
            if picture is not None:
                files.append(File.generated(config, where, content=picture))
                shown.append((page.src_uri, words, where, _maker(done, name)))
    made = {
        "gallery.md": _gallery(shown),
        "reference/data.md": data_dictionary(),
        "reference/commands.md": _commands(),
        "reference/python.md": _python_reference(),
        "how-to/index.md": _how_to(files),
    }
    for name, content in made.items():
        files.append(File.generated(config, name, content=content))
    for notebook in [f for f in files if f.src_uri.endswith(".ipynb")]:
        files.remove(notebook)
        for name, content in _notebook(notebook):
            files.append(File.generated(config, name, content=content))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Put in what the steps of a page printed."""
    if page.file.generated_by or not steps(markdown):
        return markdown
    done = _walked(page.file.src_uri, page.file.content_string).done
    lines = page.file.content_string.splitlines()
    printed = iter(
        next(d.printed for d in reversed(done) if d.step.line <= number)
        for number, line in enumerate(lines)
        if OUTPUT.match(line)
    )
    markdown = OUTPUT.sub(lambda found: _output(next(printed), found[1], found[2]), markdown)
    return COMMENT.sub("", markdown)


def _walked(name: str, text: str) -> Walk:
    try:
        return walk(f"docs/{name}", text)
    except PageError as error:
        raise PluginError(str(error)) from error


def _output(text: str, first: str | None, last: str | None) -> str:
    lines = text.splitlines()
    if first and len(lines) > int(first) + int(last or 0):
        end = lines[len(lines) - int(last or 0) :]
        lines = [*lines[: int(first)], "…", *end]
    body = "\n".join(lines)
    return f"``` {{ .text .output }}\n{body}\n```\n"


def _maker(done: Walk, name: str) -> Done:
    return next(d for d in done.done if any(p.endswith(name) for p in d.pictures))


def _gallery(shown: list[tuple[str, str, str, Done]]) -> str:
    introduction = (
        "# Gallery\n\nEvery kind of picture that the package draws, on the packaged network, with "
        "what drew it; click on one to see it large. All were drawn when this site was built.\n"
    )
    parts = [introduction]
    for page, words, where, maker in shown:
        name = PurePosixPath(where).name
        lines = [x for x in maker.step.text.splitlines() if name in x or "--plot" not in x]
        code = maker.step.text.strip() if maker.step.language == "python" else "\n".join(lines)
        parts.append(
            f"## {words}\n\n[![{words}]({where})]({where})\n\n"
            f"```{maker.step.language}\n{code}\n```\n\n[Where it is explained]({page})\n"
        )
    return "\n".join(parts)


def _commands() -> str:
    parts = ["# Commands\n\n`sco-network COMMAND --help` prints the same in a terminal.\n"]
    for name, command in sorted(_all_commands(sco_network.cli.cli)):
        context = click.Context(command, info_name=f"sco-network {name}", max_content_width=92)
        parts.append(f"## {name}\n\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def _all_commands(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _all_commands(command, f"{before}{name} ")
        else:
            yield before + name, command


def _python_reference() -> str:
    names = sorted(sco_network.__all__, key=lambda name: (name[0].islower(), name))
    public = "\n".join(f"::: sco_network.{name}\n" for name in names)
    returned = "\n".join(f"::: sco_network.{name}\n" for name in RETURNED)
    return (
        "# Python\n\n`import sco_network as sco` gives these names. Everything is read only: a "
        "scenario makes a new network and never changes the old one.\n\n"
        f"## Public names\n\n{public}\n## What the calls return\n\n{returned}"
    )


def _how_to(files: Files) -> str:
    parts = ["# How to\n\nOne task a page. Each can be read by itself.\n"]
    for page in sorted(files.documentation_pages(), key=lambda p: p.src_uri):
        if page.src_uri.startswith("how-to/"):
            title = page.content_string.splitlines()[0].lstrip("# ")
            parts.append(f"- [{title}]({PurePosixPath(page.src_uri).name})")
    return "\n".join(parts) + "\n"


def _notebook(notebook: File) -> Iterator[tuple[str, str | bytes]]:
    """Return an executed notebook as a page, and its pictures."""
    stem = notebook.src_uri.removesuffix(".ipynb")
    read = nbformat.reads(notebook.content_string, as_version=4)
    parts = []
    for number, cell in enumerate(read.cells):
        code = cell.cell_type == "code"
        parts.append(f"```python\n{cell.source}\n```" if code else cell.source)
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if "image/png" in data:
                name = f"{PurePosixPath(stem).name}-{number}.png"
                yield (
                    (PurePosixPath(stem).parent / name).as_posix(),
                    base64.b64decode(data["image/png"]),
                )
                parts.append(f"![What the cell above draws]({name})")
            elif "text/html" in data:
                parts.append(f'<div class="cell" markdown="0">\n{data["text/html"]}\n</div>')
            else:
                text = data.get("text/plain", output.get("text", "")).rstrip()
                parts.append(f"``` {{ .text .output }}\n{text}\n```")
    yield f"{stem}.md", "\n\n".join(parts) + "\n"
