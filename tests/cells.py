"""What a reader sees of an HTML table."""

from __future__ import annotations

import re


def text_of(html: str) -> list[str]:
    """Return the words of an HTML table, cell by cell."""
    return [text.strip() for text in re.split(r"<[^>]+>", html) if text.strip()]
