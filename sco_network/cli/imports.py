"""The group of commands that bring in networks of other formats."""

from __future__ import annotations

import click


@click.group("import")
def import_group() -> None:
    """Bring in a network from another format."""
