"""The group of commands that bring networks in from other formats: import osm, gmns and so on."""

from __future__ import annotations

import click


@click.group("import")
def import_group() -> None:
    """Bring a network in from another format, as a data folder."""
