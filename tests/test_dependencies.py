"""What the package brings along: nothing under a licence that binds its users' own work."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement

GPL = re.compile(r"(?<!L)(?<!Lesser )(A?GPL|General Public License)", re.IGNORECASE)


def brought_along() -> dict[str, str]:
    """Return every package that installing this one installs, with what it says of its licence."""
    found: dict[str, str] = {}
    waiting = ["sco-network"]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            package = distribution(name)
        except PackageNotFoundError:  # for another system
            continue
        about = package.metadata
        said = [about.get("License-Expression"), *(about.get_all("Classifier") or [])]
        found[name] = "; ".join(s for s in said if s and ("License" in s or s == said[0]))
        found[name] = found[name] or (about.get("License") or "").split("\n")[0]
        for line in package.requires or []:
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                waiting.append(re.sub(r"[-_.]+", "-", needed.name).lower())
    return found


def test_no_dependency_is_under_the_gpl_or_agpl() -> None:
    licences = brought_along()
    assert {"networkx", "osmnx", "shapely", "matplotlib"} <= set(licences)
    assert [name for name, said in licences.items() if not said] == []
    assert {name: said for name, said in licences.items() if GPL.search(said)} == {}
