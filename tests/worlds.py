"""Small networks with round numbers, used by all tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd

import sco_network as sco

# Two countries; east of the border the gauge is wider.
#
#   a ──rail 1520, 100 km── b ──rail 1520, 100 km── c ═border═ d ──rail 1676, 200 km── e
#   └───────────────────── road, 390 km ─────────────────────────────────────────────┘
#
# At d stands the break of gauge (10 h, 50 USD). Rail runs 50 km/h, road 39 km/h.
# The railway border c–d takes 20 h and 30 USD; the road border a–e takes 5 h and 60 USD.
NODES = """node_id,name,country,x_coord,y_coord,node_type,population,other_names,source_id,confidence,notes
a,Alpha,AAA,60.0,40.0,city,1000000,Old Alpha,survey,A,
b,Beta,AAA,61.0,40.0,city,500000,,survey,A,
c,Gamma Border,AAA,62.0,40.0,border,,,survey,A,
d,Delta Border,BBB,62.1,40.0,border,,,survey,A,
e,Epsilon,BBB,64.0,40.0,city,2000000,,survey,A,
"""
LINKS = """link_id,name,from_node_id,to_node_id,directed,mode,facility_type,length_km,free_speed_km_h,gauge_mm,tracks,electrified,capacity_value,capacity_unit,status,open_year,source_id,confidence,notes
ab,North line,a,b,false,rail,main,100,50,1520,,,,,operating,,survey,A,
bc,North line,b,c,false,rail,main,100,50,1520,,,,,operating,,survey,A,
cd,Border line,c,d,false,rail,main,10,50,1520,,,,,operating,,survey,A,
de,South line,d,e,false,rail,main,200,50,1676,,,,,operating,,survey,A,
ae,Highway,a,e,false,road,trunk,390,39,,,,,,operating,,survey,A,
"""
CROSSINGS = """crossing_id,name,from_node_id,to_node_id,mode,wait_h,fee_usd,status,source_id,confidence,notes
cd-rail,Gamma,c,d,rail,20,30,open,survey,A,
ae-road,Highway border,a,e,road,5,60,open,survey,A,
"""
TRANSFERS = """transfer_id,node_id,from_layer,to_layer,transfer_h,fee_usd,status,source_id,confidence,notes
d-gauge,d,rail-1520,rail-1676,10,50,open,survey,A,
a-yard,a,rail-1520,road,4,40,open,survey,A,
e-yard,e,rail-1676,road,4,40,open,survey,A,
"""
COUNTRIES = """country,name,sco_role,gauge_mm,population,gdp_busd,source_id,confidence,notes
AAA,Aland,member,1520,10000000,10,survey,A,
BBB,Beland,member,1676,20000000,20,survey,A,
"""
SOURCES = """source_id,title,publisher,year,url,licence
survey,A survey,Nobody,2025,https://example.org,CC0
"""
ASSUMPTIONS = """cost.rail: {low: 0.5, mode: 1, high: 2, unit: USD/TEU-km, source_id: survey}
cost.road: {low: 1, mode: 2, high: 3, unit: USD/TEU-km, source_id: survey}
value_of_time: {low: 5, mode: 10, high: 20, unit: USD/h, source_id: survey}
terminal.population: {low: 1, mode: 400000, high: 500000, unit: people, source_id: survey}
"""
FASTER_BORDER = """scenario: faster-border
title: A faster border
kind: border
status: in_planning
sources: [survey]
notes: Joint control.
change:
  crossings:
    - {where: {crossing_id: cd-rail}, wait_h: {existing: 20, set: 2}}
"""
SHORT_CUT = """scenario: short-cut
title: A direct railway
kind: rail
status: under_consideration
build_year: {low: 2030, mode: 2032, high: 2035}
capex_musd: 500
sources: [survey]
add:
  links:
    - {link_id: be, from_node_id: b, to_node_id: e, mode: rail, gauge_mm: 1520,
       length_km: {low: 255, mode: 260, high: 280}, free_speed_km_h: 52}
  crossings:
    - {crossing_id: be-rail, from_node_id: b, to_node_id: e, mode: rail, wait_h: 3, fee_usd: 10}
claims:
  - {text: "Alpha to Epsilon in half a day", from: a, to: e, by: time, before: 24, after: 12,
     unit: h, source_id: survey}
"""
ROAD_CLOSED = """scenario: road-closed
title: The highway border is shut
kind: closure
sources: [survey]
close:
  crossings: [ae-road]
"""
FILES = {
    "data/nodes.csv": NODES,
    "data/links.csv": LINKS,
    "data/crossings.csv": CROSSINGS,
    "data/transfers.csv": TRANSFERS,
    "data/countries.csv": COUNTRIES,
    "data/sources.csv": SOURCES,
    "data/assumptions.yaml": ASSUMPTIONS,
    "scenarios/faster-border.yaml": FASTER_BORDER,
    "scenarios/short-cut.yaml": SHORT_CUT,
    "scenarios/road-closed.yaml": ROAD_CLOSED,
}


def write_study(folder: Path, **changed: str) -> Path:
    """Write the small study into a folder; `data/links.csv` is changed by `links=...`."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(changed.get(path.stem.replace("-", "_"), text), encoding="utf-8")
    return folder


def small_network(folder: Path) -> sco.Network:
    return sco.Network.load(write_study(folder) / "data")


def line_network(*lengths: float, mode: str = "road") -> sco.Network:
    """A chain n0 – n1 – n2 … with the given lengths, km, on the equator."""
    n = len(lengths) + 1
    nodes = pd.DataFrame(
        {
            "node_id": [f"n{i}" for i in range(n)],
            "x_coord": [i * 0.001 for i in range(n)],
            "y_coord": 0.0,
        }
    )
    links = pd.DataFrame(
        {
            "link_id": [f"l{i}" for i in range(n - 1)],
            "from_node_id": [f"n{i}" for i in range(n - 1)],
            "to_node_id": [f"n{i + 1}" for i in range(n - 1)],
            "mode": mode,
            "length_km": lengths,
        }
    )
    return sco.Network.from_frames(nodes, links)


def sco_network(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line as users meet it."""
    return python("-m", "sco_network", *arguments, cwd=cwd)


def small_results(folder: Path) -> Path:
    """Compare all scenarios of the small study and return the folder of results."""
    study = write_study(folder)
    done = sco_network("run", "--jobs", "1", cwd=study)
    assert done.returncode == 0, done.stderr
    return study / "results"


def python(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=os.environ | {"COLUMNS": "160"},
    )
