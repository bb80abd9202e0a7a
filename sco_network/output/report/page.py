"""Pages that need no other file: templates, style and script in one, and a policy that says so."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from sco_network.model.folders import packaged
from sco_network.output import style

from .words import figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token
    from matplotlib.axes import Axes

ROOM = "sco_network"
FOLDER = "output/report/page"
NBSP = "\u00a0"
# A number stays on one line with its unit.
_UNITS = re.compile(r"(?<=\d) (?=(?:%|h|km|USD|bcm|Mt|million|billion|of)\b|%)")


@cache
def environment() -> Environment:
    """Return the templates' environment: everything is escaped, nothing is silently missing."""
    found = Environment(
        loader=PackageLoader(ROOM, FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    found.filters |= {
        "address": web_address,
        "exact": exact,
        "figure": figure,
        "prose": prose,
        "words": style.words,
    }
    return found


def render(template: str, **context: Any) -> str:
    """Return a page as one text: style and script inside, and a policy that admits no other.

    The policy names style and script by their hashes, so that nothing that a title or a note
    may smuggle in can run, and forbids every request.
    """
    look, script = stylesheet(), _asset("report.js")
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(look)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    page = environment().get_template(template)
    return page.render(style=Markup(look), script=Markup(script), policy=policy, **context)  # noqa: S704 - files of this package


def html_page(title: str, body: str) -> str:
    """Return a plain page around a body that is escaped already; it holds no script."""
    # the style attributes of drawn figures cannot be named by their hashes
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"
    page = environment().get_template("plain.html")
    return page.render(title=title, body=Markup(body), policy=policy, style=Markup(stylesheet()))  # noqa: S704


def html_figure(label: str, ax: Axes) -> str:
    """Return a figure as SVG, with words for those who cannot see it."""
    text = style.image(ax, "svg").decode("utf-8")
    drawn = text[text.index("<svg") :]
    return f'<figure role="img" aria-label="{html.escape(label)}">{drawn}</figure>'


@cache
def stylesheet() -> str:
    """Return the style of all pages, with the figures' colours as variables."""
    colours = {f"layer-{name}": value for name, value in style.LAYER_COLOURS.items()} | {
        name.lower(): getattr(style, name) for name in _COLOURS
    }
    variables = "".join(f"--{name}:{value};" for name, value in sorted(colours.items()))
    return f":root{{{variables}}}\n{_asset('report.css')}"


_COLOURS = ("ADDED", "UPGRADED", "CLOSED", "ROUTE", "LAND", "SEA", "LAKE", "BORDER", "INK")


@cache
def _asset(name: str) -> str:
    return resources.files(ROOM).joinpath(FOLDER, name).read_text("utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def data_block(data: Any) -> Markup:
    """Return data as JSON that cannot end the element it stands in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)  # noqa: S704 - escaped above


def web_address(url: str) -> str:
    """Return an address to link to; empty for anything but a page on the web.

    >>> web_address("https://example.org"), web_address("javascript:alert(1)")
    ('https://example.org', '')
    """
    return url if re.match(r"https?://", url or "", re.IGNORECASE) else ""


def exact(value: Any) -> str:
    """Return a value as the tables' files have it.

    >>> exact(0.12345678901), exact("holds"), exact(float("inf"))
    ('0.12345679', 'holds', 'inf')
    """
    return value if isinstance(value, str) else f"{value:.8g}"


def prose(text: str) -> str:
    """Return words in which no number is parted from its unit.

    >>> prose("falls by 1.3 % to 12 h") == f"falls by 1.3{NBSP}% to 12{NBSP}h"
    True
    """
    return _UNITS.sub(NBSP, text)


@cache
def methods() -> Markup:
    """Return the methods as the documentation has them, for a section of a page."""
    text = (packaged("docs") / "methods.md").read_text("utf-8")
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.add_render_rule("table_open", _open_table)
    reader.add_render_rule("table_close", _close_table)
    tokens = reader.parse(text)
    first = next((i for i, t in enumerate(tokens) if t.type == "heading_close"), -1)
    kept = tokens[first + 1 :]  # the page has its own title
    for token in kept:
        _fit(token)
    return Markup(reader.renderer.render(kept, reader.options, {}))  # noqa: S704 - raw HTML is off


def _open_table(_self: Any, tokens: Sequence[Token], index: int, *_: Any) -> str:
    """Return the beginning of a table that may be scrolled, named after the heading above it."""
    above = next((i for i in range(index, 0, -1) if tokens[i].type == "heading_close"), 1)
    name = html.escape(tokens[above - 1].content)
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{name}">'
        f'<table><caption class="unseen">{name}</caption>'
    )


def _close_table(*_: Any) -> str:
    return "</table></div>"


def _fit(token: Token) -> None:
    """Make a piece of the documentation fit into a page: headings lower, no way out but the web."""
    if token.type.startswith("heading"):
        token.tag = f"h{int(token.tag[1]) + 1}"
    if token.type == "th_open":
        token.attrSet("scope", "col")
    if "style" in token.attrs:  # the policy refuses it
        token.attrs = {k: v for k, v in token.attrs.items() if k != "style"}
        token.attrSet("class", "number")
    children: Sequence[Token] = token.children or ()
    for child in children:
        if child.type == "link_open" and not web_address(str(child.attrGet("href"))):
            child.tag, child.attrs = "span", {}
            _closing(children, child).tag = "span"


def _closing(children: Sequence[Token], opening: Token) -> Token:
    after = children[[child is opening for child in children].index(True) :]
    return next(child for child in after if child.type == "link_close")
