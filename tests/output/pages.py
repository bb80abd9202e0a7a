"""What tests ask of a page of HTML."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

VOID = {"br", "hr", "img", "input", "link", "meta"}


@dataclass
class Page(HTMLParser):
    """A page's elements with their attributes and texts, in their order."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[str] = []

    @classmethod
    def read(cls, path: Path) -> Page:
        page = cls()
        page.feed(path.read_text(encoding="utf-8"))
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {k: v or "" for k, v in attrs}))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and self._open:
            self.texts.setdefault(self._open[-1], []).append(data)

    def all(self, *tags: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.elements if tag in tags]

    @property
    def ids(self) -> list[str]:
        return [a["id"] for _, a in self.elements if "id" in a]

    def loads(self) -> list[str]:
        """Everything that the page would fetch: what is not in it, nor a link to follow."""
        asked = [
            a[k] for _, a in self.elements for k in ("src", "srcset", "poster", "data") if k in a
        ]
        asked += [a.get("href", "") for a in self.all("link", "base", "use", "image")]
        asked += [a["xlink:href"] for _, a in self.elements if "xlink:href" in a]
        styles = " ".join(self.texts.get("style", []))
        asked += re.findall(r"@import[^;]*|url\([^)]*\)", styles)
        return [a for a in asked if a and not a.startswith(("#", "data:", "url(#"))]


def digest(text: str) -> str:
    """Return a text's hash as a policy names it."""
    raw = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(raw).decode('ascii')}'"
