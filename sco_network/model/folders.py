"""Where data and scenarios are looked for."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def packaged(name: str) -> Path:
    """Return the folder that travels with the package: `data` or `scenarios`.

    An installed wheel carries both inside the package; a checkout has them beside it.
    """
    inside = _PACKAGE / "_packaged" / name
    return inside if inside.exists() else _PACKAGE.parent / name


def data_folder(given: str | Path | None = None) -> Path:
    """Return the folder given, else a study's `data/` here, else the packaged data."""
    if given is not None:
        return Path(given)
    here = Path("data")
    return here if (here / "nodes.csv").exists() else packaged("data")


def scenario_folder(given: str | Path | None = None) -> Path:
    """Return the folder given, else a study's `scenarios/` here, else the packaged ones.

    The packaged ones are of no use to a study with data of its own, though it have none yet.
    """
    if given is not None:
        return Path(given)
    here = Path("scenarios")
    own = any(here.glob("*.yaml")) or (Path("data") / "nodes.csv").exists()
    return here if own else packaged("scenarios")
