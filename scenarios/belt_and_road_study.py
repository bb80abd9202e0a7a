"""The World Bank's Belt and Road shipping-time study on this network: its figures beside ours.

Run it:  uv run python scenarios/belt_and_road_study.py [FIGURE.png]
The method, its sources and the reasons for the differences: docs/belt-and-road-study.md
"""

import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

import sco_network as sco
from sco_network.analysis.country_pairs import country_pairs, keeping_modes, mean_change
from sco_network.analysis.hours import scaled_hours
from sco_network.output.ranges import draw_ranges, ranges_markdown
from sco_network.output.tables import markdown

MEMBERS = ["CHN", "RUS", "KAZ", "KGZ", "TJK", "UZB", "IND", "PAK", "IRN", "BLR"]
WEST_ASIA = ["CHN", "KAZ", "KGZ", "TJK", "TKM", "UZB", "IRN", "TUR"]
# Countries among which pairs are counted, and the study's bounds: modes kept, free choice.
GROUPS = {
    "All 19 countries": ([], -1.7, -3.2),  # of the study: all Belt and Road economies
    "SCO members": (MEMBERS, np.nan, np.nan),
    "China–Central Asia–West Asia": (WEST_ASIA, np.nan, -11.9),
    "China–Pakistan": (["CHN", "PAK"], np.nan, np.nan),
    "New Eurasian Land Bridge": (["CHN", "KAZ", "RUS", "BLR", "POL", "DEU"], np.nan, np.nan),
    "China–Mongolia–Russia": (["CHN", "MNG", "RUS"], np.nan, np.nan),
    "China–India (half of BCIM)": (["CHN", "IND"], np.nan, np.nan),
}
# Proposals whose project is in Reed and Trubetskoy's (2019) list of Belt and Road projects.
LISTED = {"cku-railway", "ml1-upgrade", "gwadar-rail", "khunjerab-railway", "middle-corridor"}
LISTED |= {"kkh-realignment", "five-nations-railway", "khaf-herat-mazar"}

network = sco.Network.load()
# All that is built. Cancelled proposals stay out, which leaves no two that exclude each other;
# "integrated-railways" builds nothing: halving border waits is the second question here.
proposals = [s for s in sco.scenarios() if s.content.kind in {"rail", "road", "port"}]
bundle = [s for s in proposals if s.content.status != "cancelled" and s.id != "integrated-railways"]
built = network.with_scenarios(*bundle)
listed = network.with_scenarios(*[s for s in bundle if s.id in LISTED])
no_pool = network.with_scenarios(*[s for s in bundle if s.id != "port-pool"])

size = network.assumptions["terminal.population"]
large = [n for n in network.nodes if n["node_type"] == "city" and (n["population"] or 0) >= size]
cities = [n["node_id"] for n in large]


def change(before: sco.Network, after: sco.Network, *modes: str) -> pd.DataFrame:
    """Return hours between every two countries in two networks, and the change in %."""
    used = modes or ("rail", "road", "sea")
    skims = (net.skim(terminals=cities, modes=used) for net in (before, after))
    return country_pairs(network, *skims)


def both(alter: Callable[[sco.Network], sco.Network]) -> pd.DataFrame:
    """Return the change where the network of today and the built one are altered alike."""
    return change(alter(network), alter(built))


def assuming(**values: float) -> Callable[[sco.Network], sco.Network]:
    """Return an alteration: other values of data/assumptions.yaml, with _ for the dot."""
    values = {key.replace("_", "."): value for key, value in values.items()}
    return lambda net: replace(net, assumptions=net.assumptions.with_values(values))


free = change(network, built)
today = network.skim(terminals=cities, modes=("rail", "road", "sea"))
kept = country_pairs(network, today, keeping_modes(network, built, cities))
eased = change(network, scaled_hours(built, borders=0.5))
runs = {
    "As above, free choice of mode": free,
    "Each pair keeps the modes it uses today": kept,
    "Railways and ports only, no lorries": change(network, built, "rail", "sea"),
    "By land only, no ships": change(network, built, "rail", "road"),
    "No hours at borders": both(lambda net: scaled_hours(net, borders=0)),
    "No hours at terminals, ports, gauge breaks": both(lambda net: scaled_hours(net, transfers=0)),
    "Trains and lorries run day and night": both(assuming(duty_rail=1, duty_road=1)),
    "Ships at 20 knots instead of 15": both(assuming(speed_sea=37)),
    "Only projects on the Belt and Road list": change(network, listed),
    "Without the pooled ports": change(network, no_pool),
    "Nothing built, border waits halved": change(network, scaled_hours(network, borders=0.5)),
}

rows = [
    (name, *(mean_change(frame, group) for frame in (kept, free, eased)), *published)
    for name, (group, *published) in GROUPS.items()
]
columns = ["label", "low", "high", "reform", "published_low", "published_high"]
table = pd.DataFrame(rows, columns=columns)
print(f"{len(bundle)} proposals, {len(cities)} cities, {len(free)} ordered pairs of countries\n")
REFORM = "border waits halved too"
print(ranges_markdown(table, REFORM))
head = ["Change, %", "All 19 countries", "SCO members", "China–Central Asia–West Asia"]
means = {n: [mean_change(f, group) for group in ([], MEMBERS, WEST_ASIA)] for n, f in runs.items()}
print("\n" + markdown(head, [(n, *(f"{v:.1f}" for v in values)) for n, values in means.items()]))
head = ["Pair of countries", "pairs of cities", "hours today", "hours after", "change, %"]
most = free[free["from"] < free["to"]].nsmallest(8, "percent_change").to_numpy().tolist()
cells = [(f"{a}–{b}", f"{n}", f"{x:.0f}", f"{y:.0f}", f"{p:.1f}") for a, b, n, x, y, p in most]
print("\n" + markdown(head, cells))

if len(sys.argv) > 1:
    title = f"{len(bundle)} projects shorten journeys by {-table['high'][0]:.0f} % on average; "
    title += f"with border waits halved, by {-table['reform'][0]:.0f} %"
    note = (
        "Mean over pairs of countries. Published: de Soyres, Mulabdic, Murray, Rocha and Ruta "
        "(2018), World Bank Policy Research Working Paper 8614, lower to upper bound.\n"
        f"Ours: sco_network, {len(cities)} cities of 19 countries, projects of scenarios/."
    )
    draw_ranges(table, title, note, REFORM).figure.savefig(sys.argv[1])
