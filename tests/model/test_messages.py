"""What is wrong is said in one exact sentence, at its place, with what to write instead.

Each case is one mistake in the small study of `worlds`, and the lines that `validate` prints:
these and no others.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from worlds import write_study

import sco_network as sco
from sco_network.analysis.validate import validate_paths

# (file, text to replace or "" to append, new text) ... and the messages
NEW_SCENARIO = "scenario: new\nsources: [survey]\n"
EDIT = "change:\n  links:\n    - {where: {link_id: ab}, "
PIPE = "pipe,,a,b,false,gas,,100,,,,,%s,operating,,survey,A,\n"
GEOMETRY = '{"features": [{"properties": {"link_id": "%s"}, "geometry": {"coordinates": %s}}]}'

EDITS: dict[str, list[tuple[str, str, str]]] = {
    # ------------------------------------------------------------------ nodes.csv
    "an id with a space": [("data/nodes.csv", "a,Alpha", "a b,Alpha")],
    "a country in small letters": [("data/nodes.csv", "a,Alpha,AAA", "a,Alpha,Aaa")],
    "an unknown country": [("data/nodes.csv", "a,Alpha,AAA", "a,Alpha,AAB")],
    "longitude below −180": [("data/nodes.csv", "60.0,40.0", "-200,40.0")],
    "people below none": [("data/nodes.csv", "500000", "-1")],
    "a misspelt type": [("data/nodes.csv", "40.0,border,,,survey,A,\nd", "40.0,bordr,,,survey,A,\nd")],
    "a place without links": [("data/nodes.csv", "", "f,Phi,AAA,60.5,40.0,city,,,survey,A,\n")],
    "a place outside its country": [
        ("data/nodes.csv", "", "f,Phi,IND,60.5,40.25,city,,,survey,A,\n"),
        ("data/countries.csv", "", "IND,India,member,1676,1,1,survey,A,\n"),
        ("data/links.csv", "", "ef,,e,f,false,road,,400,,,,,,,operating,,survey,A,\n"),
        ("data/crossings.csv", "", "ef-road,,e,f,road,1,1,open,survey,A,\n"),
    ],
    "a column twice": [("data/nodes.csv", "other_names", "name")],
    "an unknown column without a likeness": [("data/nodes.csv", "other_names", "qqq")],
    # ------------------------------------------------------------------ links.csv
    "a detour too long": [("data/links.csv", "main,200,", "main,2000,")],
    "as long as the longest detour": [("data/links.csv", "main,200,", "main,396,")],
    "a railway too fast": [("data/links.csv", "100,50,1520", "100,201,1520")],
    "a road too slow": [("data/links.csv", "390,39,", "390,4.9,")],
    "speeds at both bounds": [("data/links.csv", "390,39,", "390,130,"), ("data/links.csv", "100,50,1520", "100,5,1520")],
    "a link twice": [("data/links.csv", "", "ba,,b,a,false,rail,main,101,50,1520,,,,,operating,,survey,A,\n")],
    "one way each is not twice": [
        ("data/links.csv", "ab,North line,a,b,false", "ab,North line,a,b,true"),
        ("data/links.csv", "", "ba,,b,a,true,rail,main,101,50,1520,,,,,operating,,survey,A,\n"),
    ],
    "a railway without gauge": [("data/links.csv", "200,50,1676", "200,50,"), ("data/transfers.csv", "rail-1676", "rail")],
    "an odd gauge out": [("data/links.csv", "bc,North line,b,c,false,rail,main,100,50,1520", "bc,North line,b,c,false,rail,main,100,50,1435")],
    "an island": [
        ("data/nodes.csv", "", "x,,AAA,50,40,city,,,survey,A,\ny,,AAA,50.1,40,city,,,survey,A,\n"),
        ("data/links.csv", "", "xy,,x,y,false,road,,20,,,,,,,operating,,survey,A,\n"),
    ],
    "a link to itself": [("data/links.csv", "ab,North line,a,b", "ab,North line,a,a")],
    "neither true nor false": [("data/links.csv", "ab,North line,a,b,false", "ab,North line,a,b,maybe")],
    "nine tracks": [("data/links.csv", "100,50,1520,,", "100,50,1520,9,")],
    "half a track": [("data/links.csv", "100,50,1520,,", "100,50,1520,1.5,")],
    "a gauge in words": [("data/links.csv", "100,50,1520", "100,50,wide")],
    "before railways": [("data/links.csv", "390,39,,,,,,operating,", "390,39,,,,,,operating,1700")],
    "a length without end": [("data/links.csv", "390,39,", "inf,39,")],
    "a pipe without capacity": [("data/links.csv", "", PIPE % ",")],
    "a pipe with another's unit": [("data/links.csv", "", PIPE % "5,mt_y")],
    "a pipe too large": [("data/links.csv", "", PIPE % "251,bcm_y")],
    "a pipe of nothing": [("data/links.csv", "", PIPE % "0,bcm_y")],
    "the largest pipe": [("data/links.csv", "", PIPE % "250,bcm_y")],
    "no source": [("data/links.csv", "ab,North line,a,b,false,rail,main,100,50,1520,,,,,operating,,survey,A", "ab,North line,a,b,false,rail,main,100,50,1520,,,,,operating,,,")],
    "an estimate unexplained": [("data/links.csv", "390,39,,,,,,operating,,survey,A", "390,39,,,,,,operating,,survey,D")],
    # ------------------------------------------------------------------ crossings, transfers
    "a closure unexplained": [("data/crossings.csv", "60,open,survey,A,", "60,closed,survey,A,")],
    "a crossing to nowhere": [("data/crossings.csv", "ae-road,Highway border,a,e", "ae-road,Highway border,a,z")],
    "a transfer to itself": [("data/transfers.csv", "a-yard,a,rail-1520,road", "a-yard,a,road,road")],
    "a transfer at no place": [("data/transfers.csv", "a-yard,a,", "a-yard,zz,")],
    "a transfer where nothing ends": [("data/transfers.csv", "a-yard,a,rail-1520,road", "a-yard,c,rail-1520,road")],
    "a layer misspelt": [("data/transfers.csv", "a-yard,a,rail-1520", "a-yard,a,rail-152")],
    # ------------------------------------------------------------------ the other tables
    "a source that nothing cites": [("data/sources.csv", "", "other,Another,Nobody,2025,https://example.org,CC0\n")],
    "a source cited in notes": [
        ("data/sources.csv", "", "other,Another,Nobody,2025,https://example.org,CC0\n"),
        ("data/links.csv", "390,39,,,,,,operating,,survey,A,", '390,39,,,,,,operating,,survey,A,"see survey, other; checked"'),
    ],
    "a source cited in a scenario": [
        ("data/sources.csv", "", "other,Another,Nobody,2025,https://example.org,CC0\n"),
        ("scenarios/road-closed.yaml", "[survey]", "[survey,other]"),
    ],
    "a country without name": [("data/countries.csv", "AAA,Aland", "AAA,")],
    "a benchmark to nowhere": [("data/benchmarks.csv", "", "benchmark_id,from_node_id,to_node_id,published_value,source_id,confidence\nx,a,zz,400,survey,A\n")],
    "a course of no link": [("data/geometry.geojson", "", GEOMETRY % ("zz", "[[60, 40], [61, 40]]"))],
    "a course to elsewhere": [("data/geometry.geojson", "", GEOMETRY % ("ab", "[[60, 40], [61.5, 40]]"))],
    "a course that fits": [("data/geometry.geojson", "", GEOMETRY % ("ab", "[[60, 40], [60.5, 41], [61.05, 40]]"))],
    # ------------------------------------------------------------------ assumptions.yaml
    "assumptions as a list": [("data/assumptions.yaml", None, "- a\n")],
    "assumptions without any": [("data/assumptions.yaml", None, "")],
    "an assumption nobody knows": [("data/assumptions.yaml", "", "qqq: {low: 1, mode: 1, high: 1, unit: h}\n")],
    "an assumption without unit": [("data/assumptions.yaml", "unit: USD/h, ", "")],
    "an assumption in words": [("data/assumptions.yaml", "mode: 10,", "mode: ten,")],
    "an assumption with one key more": [("data/assumptions.yaml", "unit: USD/h,", "unit: USD/h, sourceid: survey,")],
    "an assumption that is a number": [("data/assumptions.yaml", "", "duty.rail: 0.5\n")],
    "an assumption of no source": [("data/assumptions.yaml", "unit: USD/h, source_id: survey", "unit: USD/h, source_id: surwey")],
    "an assumption for one country": [("data/assumptions.yaml", "", "speed.rail.AAA: {low: 1, mode: 2, high: 3, unit: km/h, source_id: survey}\n")],
    # ------------------------------------------------------------------ files
    "no network at all": [("data/links.csv", None, None)],
    "tabs and spaces": [("scenarios/new.yaml", "", "scenario: new\n\tsources: [survey]\n")],
    "a key that is a list": [("scenarios/new.yaml", "", NEW_SCENARIO + "? [a]\n: b\n")],
    "nested too deeply": [("scenarios/new.yaml", "", NEW_SCENARIO + "add: " + "[" * 25 + "]" * 25 + "\n")],
    "a half line": [("data/transfers.csv", "a-yard,a,rail-1520,road,4,40,open,survey,A,", "a-yard,a,rail-1520")],
    # ------------------------------------------------------------------ scenarios
    "a name for nothing": [("scenarios/new.yaml", "", "title: New\n")],
    "a kind misspelt": [("scenarios/short-cut.yaml", "kind: rail", "kind: rial")],
    "a claim's key misspelt": [("scenarios/short-cut.yaml", "before: 24", "befor: 24")],
    "a claim in dollars of hours": [("scenarios/short-cut.yaml", "unit: h", "unit: USD")],
    "a percentage before": [("scenarios/short-cut.yaml", "unit: h", 'unit: "%"')],
    "a claim to nowhere": [("scenarios/short-cut.yaml", "to: e", "to: ee")],
    "a claim of no source": [("scenarios/short-cut.yaml", "unit: h, source_id: survey", "unit: h, source_id: surwey")],
    "a build year out of order": [("scenarios/short-cut.yaml", "low: 2030", "low: 2034")],
    "a cost in words": [("scenarios/short-cut.yaml", "capex_musd: 500", "capex_musd: lots")],
    "a year without high": [("scenarios/short-cut.yaml", ", high: 2035}", "}")],
    "a length out of order": [("scenarios/short-cut.yaml", "{low: 255, mode: 260", "{low: 265, mode: 260")],
    "a length without high": [("scenarios/short-cut.yaml", ", high: 280}", "}")],
    "a link added without ends": [("scenarios/short-cut.yaml", "from_node_id: b, to_node_id: e, mode: rail, gauge_mm", "mode: rail, gauge_mm")],
    "a link added twice": [("scenarios/short-cut.yaml", "  crossings:", "    - {link_id: be, from_node_id: a, to_node_id: b, mode: road, length_km: 120}\n  crossings:")],
    "a new place misspelt": [
        ("scenarios/new.yaml", "", NEW_SCENARIO + "add:\n  nodes:\n    - {node_id: phi, country: AAA, x_coord: 60.5, y_coord: 40}\n"
         "  links:\n    - {link_id: n1, from_node_id: a, to_node_id: phy, mode: road, length_km: 60}\n"),
    ],
    "what one adds is not changed": [
        ("scenarios/new.yaml", "", NEW_SCENARIO + "add:\n  links:\n    - {link_id: n1, from_node_id: a, to_node_id: b, mode: road, length_km: 120}\n"
         "change:\n  links:\n    - {where: {link_id: n1}, free_speed_km_h: {set: 50}}\n"),
    ],
    "a scale below nothing": [("scenarios/new.yaml", "", NEW_SCENARIO + EDIT + "free_speed_km_h: {scale: -2}}\n")],
    "a range of scales below nothing": [("scenarios/new.yaml", "", NEW_SCENARIO + EDIT + "free_speed_km_h: {scale: {low: -1, mode: 1, high: 2}}}\n")],
    "a change of an end": [("scenarios/new.yaml", "", NEW_SCENARIO + EDIT + "to_node_id: {set: c}}\n")],
    "a change misspelt": [("scenarios/new.yaml", "", NEW_SCENARIO + EDIT + "free_sped_km_h: {set: 60}}\n")],
    "a value without set": [("scenarios/new.yaml", "", NEW_SCENARIO + EDIT + "free_speed_km_h: 60}\n")],
    "set misspelt": [("scenarios/new.yaml", "", NEW_SCENARIO + EDIT + "free_speed_km_h: {set: 60, exsting: 50}}\n")],
    "a flag for a number": [("scenarios/new.yaml", "", NEW_SCENARIO + EDIT + "free_speed_km_h: {set: fast}}\n")],
    "no selection": [("scenarios/new.yaml", "", NEW_SCENARIO + "change:\n  links:\n    - {free_speed_km_h: {set: 60}}\n")],
    "an empty selection": [("scenarios/new.yaml", "", NEW_SCENARIO + "change:\n  links:\n    - {where: {}, free_speed_km_h: {set: 60}}\n")],
    "a selection by a column that is not": [("scenarios/new.yaml", "", NEW_SCENARIO + "change:\n  links:\n    - {where: {linkid: ab}, free_speed_km_h: {set: 60}}\n")],
    "a selection of nothing": [("scenarios/new.yaml", "", NEW_SCENARIO + "change:\n  crossings:\n    - {where: {mode: sea}, wait_h: {set: 60}}\n")],
    "a selection by a list of lists": [("scenarios/new.yaml", "", NEW_SCENARIO + "change:\n  links:\n    - {where: {link_id: [[ab]]}, free_speed_km_h: {set: 60}}\n")],
    "a selection by a mapping": [("scenarios/road-closed.yaml", "[ae-road]", "[{where: {country: {is: AAA}}}]")],
    "a list of ends": [
        ("scenarios/new.yaml", "", NEW_SCENARIO + "add:\n  links:\n    - {link_id: n1, from_node_id: [a], to_node_id: b, mode: road, length_km: 120}\n"),
    ],
    "one of two ids unknown": [("scenarios/new.yaml", "", NEW_SCENARIO + "change:\n  links:\n    - {where: {link_id: [ab, bd]}, free_speed_km_h: {set: 60}}\n")],
    "a closure of nothing": [("scenarios/road-closed.yaml", "ae-road", "ae-rod")],
    "a closure without where": [("scenarios/road-closed.yaml", "[ae-road]", "[{mode: road}]")],
    "existing nothing": [("scenarios/new.yaml", "", NEW_SCENARIO + EDIT + "capacity_value: {existing: 5, set: 6}}\n")],
    "nothing to scale": [("scenarios/new.yaml", "", NEW_SCENARIO + EDIT + "capacity_value: {scale: 2}}\n")],
    "nothing new": [("scenarios/new.yaml", "", NEW_SCENARIO + EDIT + "free_speed_km_h: {set: 50}}\n")],
    "an id for a flag": [("scenarios/new.yaml", "", NEW_SCENARIO + EDIT + "status: {set: closed}}\n")],
    "two values in one file": [("scenarios/new.yaml", "", NEW_SCENARIO + EDIT + "free_speed_km_h: {set: 60}}\n    - {where: {mode: rail}, free_speed_km_h: {set: 70}}\n")],
    "an unknown companion": [("scenarios/new.yaml", "", NEW_SCENARIO + "requires: [short-cutt]\n" + EDIT + "free_speed_km_h: {set: 60}}\n")],
    "conflict with one's companion": [("scenarios/new.yaml", "", NEW_SCENARIO + "requires: [short-cut]\nconflicts: [short-cut]\n" + EDIT + "free_speed_km_h: {set: 60}}\n")],
    "an unknown member": [("scenarios/new.yaml", "", NEW_SCENARIO + "includes: [short-cutt]\n")],
    "a member above": [("scenarios/new.yaml", "", NEW_SCENARIO + "includes: [new]\n")],
    "a long chain": [
        (f"scenarios/p{i}.yaml", "", f"scenario: p{i}\nsources: [survey]\nincludes: [{f'p{i + 1}' if i < 9 else 'short-cut'}]\n")
        for i in range(10)
    ],
    "a short line on the sphere": [
        ("scenarios/new.yaml", "", NEW_SCENARIO + EDIT + "length_km: {set: 50}}\n"),
    ],
    "a border without crossing": [
        ("scenarios/new.yaml", "", NEW_SCENARIO + "add:\n  links:\n    - {link_id: n1, from_node_id: b, to_node_id: d, mode: rail, gauge_mm: 1520, length_km: 120}\n"),
    ],
    # ---------------------------------------------------- the cause, without its echoes
    "a bad place, and another that is unknown": [("data/nodes.csv", "60.0,40.0", "-200,40.0"), ("data/links.csv", "b,c,false", "b,cc,false")],
    "a name with a comma": [("data/nodes.csv", "a,Alpha,", "a,Alpha, old,")],
    "a bad border": [("data/crossings.csv", "c,d,rail,20", "c,d,rail,-20")],
    "a bad source": [("data/sources.csv", "survey,A survey", "survey,")],
    "places without ids": [("data/nodes.csv", "node_id,name", "node,name")],
    "a new place that is wrong": [
        ("scenarios/new.yaml", "", NEW_SCENARIO + "add:\n  nodes:\n    - {node_id: phi, country: AAA, x_coord: 60.5, y_coord: 400}\n"
         "  links:\n    - {link_id: n1, from_node_id: a, to_node_id: phi, mode: road, length_km: 60}\n"),
    ],
    # ------------------------------------------------------------------ all at once
    "two bad rows": [("data/transfers.csv", "4,40,open", "-4,40,open"), ("data/transfers.csv", "4,40,open,survey,A,\n", "4,-40,open,survey,A,\n"), ("data/transfers.csv", "e-yard,e,rail-1676,road,4", "e-yard,e,rail-1676,road,-5")],
    "a bad row behind one that is there twice": [("data/transfers.csv", "", "a-yard,a,rail-1520,road,4,40,open,survey,A,\nx-yard,a,rail-1520,road,-4,40,open,survey,A,\n")],
    "three additions wrong": [
        ("scenarios/new.yaml", "", NEW_SCENARIO + "add:\n  links:\n    - {link_id: ab, from_node_id: a, to_node_id: b, mode: road, length_km: 120}\n"
         "    - {link_id: n1, from_node_id: a, to_node_id: b, mode: road, length_km: {low: 9, mode: 3, high: 4}}\n"
         "    - {link_id: n2, from_node_id: a, to_node_id: b, mode: road}\n"
         "    - {link_id: n3, from_node_id: a, to_node_id: b, mode: raod, length_km: 120}\n"),
    ],
    "two changes wrong": [("scenarios/new.yaml", "", NEW_SCENARIO + EDIT + "mode: {set: road}, gauge_mm: {set: 1}}\n    - {where: {mode: road}, length_km: 5}\n")],
    "two members missing": [("scenarios/new.yaml", "", NEW_SCENARIO + "includes: [qqq, new, short-cut, www]\n")],
    "two assumptions wrong": [("data/assumptions.yaml", "", "qqq.rail: {low: 1, mode: 1, high: 1, unit: h}\nduty.rali: {low: 1, mode: 1, high: 1}\n")],
    "two courses wrong": [("data/geometry.geojson", "", GEOMETRY.replace("]}", ", {0}]}").replace("{0}", GEOMETRY[14:-2]) % ("zz", "[[60, 40], [61, 40]]", "bc", "[[61, 40], [61, 40.1]]"))],
    "two crossings wrong": [("data/crossings.csv", "", "x1,,a,b,road,1,1,open,survey,A,\nx2,,b,c,road,1,1,open,survey,A,\n")],
    "two railways without gauge": [("data/links.csv", "100,50,1520", "100,50,"), ("data/links.csv", "100,50,1520", "100,50,"), ("data/transfers.csv", "a-yard,a,rail-1520", "a-yard,a,rail")],
    "an island named first": [
        ("data/nodes.csv", "", "x,,AAA,50,40,city,,,survey,A,\ny,,AAA,50.1,40,city,,,survey,A,\n"),
        ("data/links.csv", "ab,North", "xy,,x,y,false,road,,20,,,,,,,operating,,survey,A,\nab,North"),
    ],
    "conflicts one a line": [("scenarios/new.yaml", "", NEW_SCENARIO + "requires: [short-cut]\nconflicts:\n  - road-closed\n  - short-cut\n" + EDIT + "free_speed_km_h: {set: 60}}\n")],
    "a misspelt beginning": [("scenarios/new.yaml", "", NEW_SCENARIO + "add:\n  links:\n    - {link_id: n1, from_node_id: zz, to_node_id: b, mode: road, length_km: 120}\n")],
    "the last kind misspelt": [("scenarios/short-cut.yaml", "kind: rail", "kind: packge")],
    "another name than its file's": [("scenarios/short-cut.yaml", "scenario: short-cut", "scenario: short-cutt")],
    "a column missing": [("data/transfers.csv", "transfer_id,node_id", "transfer_id,node")],
    "a list for a number": [("scenarios/short-cut.yaml", "length_km: {low: 255, mode: 260, high: 280}", "length_km: [260]")],
    "a key without a likeness": [("scenarios/new.yaml", "", NEW_SCENARIO + "qqq: 1\n")],
    "a note of another kind": [("scenarios/new.yaml", "", NEW_SCENARIO + "notes: [a]\n")],
    "islands apart": [
        ("data/nodes.csv", "", "".join(f"{n},,AAA,{x},40,city,,,survey,A,\n" for n, x in zip("vwxy", (50, 50.1, 45, 45.1), strict=True))),
        ("data/links.csv", "", "".join(f"{a}{b},,{a},{b},false,road,,20,,,,,,,operating,,survey,A,\n" for a, b in ("vw", "xy"))),
    ],
}  # fmt: skip


def study_with(edits: list[tuple[str, str, str]], folder: Path) -> Path:
    study = write_study(folder)
    for name, old, new in edits:
        path = study / name
        if new is None:
            path.unlink()
            continue
        text = path.read_text() if path.exists() and old is not None else ""
        assert not old or old in text
        path.write_text(text.replace(old, new, 1) if old else text + new)
    return study


MESSAGES: dict[str, list[str]] = {
    "an id with a space": [
        "data/crossings.csv:3: unknown node 'a' in from_node_id.",
        "data/links.csv:2: unknown node 'a' in from_node_id.",
        "data/links.csv:6: unknown node 'a' in from_node_id.",
        "data/nodes.csv:2: 'a b' is not a valid id or code in node_id. Use small letters, digits and hyphens, such as tashkent-samarkand",
        "data/transfers.csv:3: unknown node 'a' in node_id.",
    ],
    "a country in small letters": [
        "data/nodes.csv:2: 'Aaa' is not a valid id or code in country. Use the three-letter ISO code in capitals, such as UZB",
    ],
    "an unknown country": [
        "data/links.csv:2: 'ab' joins two countries but has no crossing in to_node_id. Add a row to crossings.csv for a – b, mode rail",
        "data/nodes.csv:2: unknown country 'AAB' in country. Add it to countries.csv",
    ],
    "longitude below −180": [
        "data/nodes.csv:2: -200 is too small in x_coord. It must be at least -180",
    ],
    "people below none": [
        "data/nodes.csv:3: -1 is too small in population. It must be at least 0",
    ],
    "a misspelt type": [
        "data/nodes.csv:4: 'bordr' is not one of 'city', 'border', 'port', 'junction', 'field' or 'terminal' in node_type. Did you mean 'border'?",
    ],
    "a place without links": [
        "data/nodes.csv:7: no link ends at 'f' in node_id. Remove it",
    ],
    "a place outside its country": [
        "data/nodes.csv:7: 'f' at 40.25 N 60.5 E is not in IND in x_coord. Check x_coord (longitude), y_coord (latitude) and country",
    ],
    "a column twice": [
        "data/nodes.csv:1: the column appears twice in name. Remove one of them",
    ],
    "an unknown column without a likeness": [
        "data/nodes.csv:1: unknown column 'qqq' in qqq. The columns are node_id, name, country, x_coord, y_coord, node_type, population, other_names, source_id, confidence, notes",
    ],
    "a detour too long": [
        "data/links.csv:5: 'de' has 2000 km, the straight line only 162 km in length_km. Check the length and the coordinates of both ends",
    ],
    "as long as the longest detour": [],
    "a railway too fast": [
        "data/links.csv:2: 201 km/h is not a speed of rail freight in free_speed_km_h. Expected 5 to 200",
    ],
    "a road too slow": [
        "data/links.csv:6: 4.9 km/h is not a speed of road freight in free_speed_km_h. Expected 5 to 130",
    ],
    "speeds at both bounds": [],
    "a link twice": [
        "data/links.csv:7: 'ba' joins the same places in the same layer as 'ab' in link_id. Keep one, or put a node of its own on the second line",
    ],
    "one way each is not twice": [],
    "a railway without gauge": [
        "data/transfers.csv:4: no link of layer 'rail-1676' ends at 'e' in from_layer. Layers here: rail, road",
    ],
    "an odd gauge out": [
        "data/links.csv:3: 'bc' has another gauge than all lines at both its ends in gauge_mm. Check the gauge, or add the transfer where it changes",
    ],
    "an island": [
        "data/nodes.csv:7: 2 places around 'x' are cut off from the rest of the network in node_id. Add the missing link, or mark theirs as suspended",
    ],
    "a link to itself": [
        "data/links.csv:2: the link begins and ends at the same node.",
    ],
    "neither true nor false": [
        "data/links.csv:2: 'maybe' is neither true nor false in directed. Write true or false",
    ],
    "nine tracks": [
        "data/links.csv:2: 9 is too large in tracks. It must be at most 8",
    ],
    "half a track": [
        "data/links.csv:2: '1.5' is not a number in tracks. Write a plain number such as 12.5, without unit",
    ],
    "a gauge in words": [
        "data/links.csv:2: 'wide' is not a number in gauge_mm. Write a plain number such as 12.5, without unit",
    ],
    "before railways": [
        "data/links.csv:6: 1700 is too small in open_year. It must be at least 1800",
    ],
    "a length without end": [
        "data/links.csv:6: 'inf' is not a finite number in length_km. Leave the cell empty where it is not known",
    ],
    "a pipe without capacity": [
        "data/links.csv:7: a pipeline needs its capacity in capacity_value. Give capacity_value and capacity_unit bcm_y",
    ],
    "a pipe with another's unit": [
        "data/links.csv:7: a pipeline needs its capacity in capacity_value. Give capacity_value and capacity_unit bcm_y",
    ],
    "a pipe too large": [
        "data/links.csv:7: 251 bcm_y is not plausible in capacity_value. The largest systems carry about 250 bcm_y",
    ],
    "a pipe of nothing": [
        "data/links.csv:7: 0 bcm_y is not plausible in capacity_value. The largest systems carry about 250 bcm_y",
    ],
    "the largest pipe": [],
    "no source": [
        "data/links.csv:2: a value is required here in source_id. Say where from",
        "data/links.csv:2: a value is required here in confidence. Say where from",
    ],
    "an estimate unexplained": [
        "data/links.csv:6: an estimate (D) needs an explanation in notes. Write how the figure was estimated",
    ],
    "a closure unexplained": [
        "data/crossings.csv:3: a closed crossing needs a note in notes. Write since when it is closed and when that was checked",
        "scenarios/road-closed.yaml:1: every value is the one that the base has: the scenario changes nothing in change. Check the values to set",
    ],
    "a crossing to nowhere": [
        "data/crossings.csv:3: unknown node 'z' in to_node_id.",
    ],
    "a transfer to itself": [
        "data/transfers.csv:3: the transfer joins a layer to itself in to_layer.",
    ],
    "a transfer at no place": [
        "data/transfers.csv:3: unknown node 'zz' in node_id.",
    ],
    "a transfer where nothing ends": [
        "data/transfers.csv:3: no link of layer 'road' ends at 'c' in to_layer. Layers here: rail-1520",
    ],
    "a layer misspelt": [
        "data/transfers.csv:3: no link of layer 'rail-152' ends at 'a' in from_layer. Did you mean 'rail-1520'?",
    ],
    "a source that nothing cites": [
        "data/sources.csv:3: nothing cites 'other' in source_id. Remove it, or cite it where it belongs",
    ],
    "a source cited in notes": [],
    "a source cited in a scenario": [],
    "a country without name": [
        "data/countries.csv:2: a value is required here in name. Fill it in",
    ],
    "a benchmark to nowhere": [
        "data/benchmarks.csv:2: unknown node 'zz' in to_node_id.",
    ],
    "a course of no link": [
        "data/geometry.geojson: there is no link 'zz' in link_id. Remove it",
    ],
    "a course to elsewhere": [
        "data/geometry.geojson: the course ends 43 km from the place it leads to in ab. Draw it from from_node_id to to_node_id",
    ],
    "a course that fits": [],
    "assumptions as a list": [
        "data/assumptions.yaml:1: expected 'key: {low, mode, high, unit, source_id}'.",
    ],
    "assumptions without any": [
        "data/assumptions.yaml:1: the file is empty.",
    ],
    "an assumption nobody knows": [
        "data/assumptions.yaml:5: unknown assumption 'qqq' in qqq. Known keys: base.year, speed.rail, speed.road, speed.sea, speed.gas, speed.oil, duty.rail, duty.road, duty.sea, duty.gas, duty.oil, cost.rail, cost.road, cost.sea, cost.gas, cost.oil, border.wait_h.rail, border.wait_h.road, border.wait_h.sea, border.fee_usd.rail, border.fee_usd.road, border.fee_usd.sea, transfer.hours, transfer.fee_usd, value_of_time, market_access.theta, terminal.population",
    ],
    "an assumption without unit": [
        "data/assumptions.yaml:3: a value is required here in value_of_time.unit. Fill it in",
    ],
    "an assumption in words": [
        "data/assumptions.yaml:3: 'ten' is not a number in value_of_time.mode. Write a plain number such as 12.5, without unit",
    ],
    "an assumption with one key more": [
        "data/assumptions.yaml:3: unknown key 'sourceid' in value_of_time.sourceid. Did you mean 'source_id'?",
    ],
    "an assumption that is a number": [
        "data/assumptions.yaml:5: Input should be a valid dictionary or instance of Assumption (found 0.5) in duty.rail.",
    ],
    "an assumption of no source": [
        "data/assumptions.yaml:3: unknown source 'surwey' in value_of_time.source_id. Did you mean 'survey'?",
    ],
    "an assumption for one country": [],
    "no network at all": [
        "data: this is not a data folder: it needs nodes.csv and links.csv. Make one with 'sco-network init my-study'",
    ],
    "tabs and spaces": [
        "scenarios/new.yaml:2: this is not well-formed YAML (found a tab character that violates indentation). Check the indentation, the colons and the brackets",
    ],
    "a key that is a list": [
        "scenarios/new.yaml:1: the scenario 'new' changes nothing in scenario. Give it at least one of add, change, close or includes",
        "scenarios/new.yaml:3: a key must be a word.",
    ],
    "nested too deeply": [
        "scenarios/new.yaml:3: the file is nested too deeply.",
    ],
    "a half line": [
        "data/transfers.csv:3: the row has 3 fields, the header 10. A text with a comma needs quotes around it",
    ],
    "a name for nothing": [
        "scenarios/new.yaml:1: a value is required here in scenario. Fill it in",
    ],
    "a kind misspelt": [
        "scenarios/short-cut.yaml:3: 'rial' is not one of 'rail', 'road', 'pipeline', 'port', 'border', 'policy', 'closure' or 'package' in kind. Did you mean 'rail'?",
    ],
    "a claim's key misspelt": [
        "scenarios/short-cut.yaml:15: unknown key 'befor' in claims[0].befor. Did you mean 'before'?",
    ],
    "a claim in dollars of hours": [
        "scenarios/short-cut.yaml:15: time is counted in h, not USD; say what is measured with 'measure', or correct 'unit' in claims[0].",
    ],
    "a percentage before": [
        "scenarios/short-cut.yaml:15: 'before' and 'after' need a unit; a percentage is a 'change' in claims[0].",
    ],
    "a claim to nowhere": [
        "scenarios/short-cut.yaml:15: unknown node 'ee' in claims[0].to.",
    ],
    "a claim of no source": [
        "scenarios/short-cut.yaml:16: unknown source 'surwey' in claims. Did you mean 'survey'?",
    ],
    "a build year out of order": [
        "scenarios/short-cut.yaml:5: low 2034, mode 2032, high 2035 are not in rising order in build_year.",
    ],
    "a cost in words": [
        "scenarios/short-cut.yaml:6: 'lots' is not a number in capex_musd. Write a plain number such as 12.5, without unit",
    ],
    "a year without high": [
        "scenarios/short-cut.yaml:5: a value is required here in build_year.high. Fill it in",
    ],
    "a length out of order": [
        "scenarios/short-cut.yaml:11: low 265, mode 260, high 280 are not in rising order in add.links[0].length_km.",
    ],
    "a length without high": [
        "scenarios/short-cut.yaml:11: a value is required here in add.links[0].length_km.high. Fill it in",
    ],
    "a link added without ends": [
        "scenarios/short-cut.yaml:10: a value is required here in from_node_id. Fill it in",
        "scenarios/short-cut.yaml:10: a value is required here in to_node_id. Fill it in",
    ],
    "a link added twice": [
        "scenarios/short-cut.yaml:12: the id 'be' is added twice in add.links[1]. Give each row its own id",
    ],
    "a new place misspelt": [
        "scenarios/new.yaml:7: unknown node 'phy' in add.links[0].to_node_id.",
    ],
    "what one adds is not changed": [
        "scenarios/new.yaml:8: unknown link 'n1' in change.links[0].where. It is added by this scenario: write the value there",
    ],
    "a scale below nothing": [
        "scenarios/new.yaml:5: a scale cannot be negative in change.links[0].free_speed_km_h.",
    ],
    "a range of scales below nothing": [
        "scenarios/new.yaml:5: a scale cannot be negative in change.links[0].free_speed_km_h.",
    ],
    "a change of an end": [
        "scenarios/new.yaml:5: 'to_node_id' cannot be changed in change.links[0].to_node_id. What can be is name, directed, facility_type, length_km, free_speed_km_h, gauge_mm, tracks, electrified, capacity_value, capacity_unit, status, open_year, source_id, confidence, notes",
    ],
    "a change misspelt": [
        "scenarios/new.yaml:5: 'free_sped_km_h' cannot be changed in change.links[0].free_sped_km_h. Did you mean 'free_speed_km_h'?",
    ],
    "a value without set": [
        "scenarios/new.yaml:5: expected {set: value} in change.links[0].free_speed_km_h. Write free_speed_km_h: {set: 60}",
    ],
    "set misspelt": [
        "scenarios/new.yaml:5: unknown key 'exsting' in change.links[0].free_speed_km_h. Did you mean 'existing'?",
    ],
    "a flag for a number": [
        "scenarios/new.yaml:5: 'fast' is not a number in free_speed_km_h. Write a plain number such as 12.5, without unit",
    ],
    "no selection": [
        "scenarios/new.yaml:5: expected 'where: {column: value}' in change.links[0].where. Say which rows are meant",
    ],
    "an empty selection": [
        "scenarios/new.yaml:5: expected 'where: {column: value}' in change.links[0].where. Say which rows are meant",
    ],
    "a selection by a column that is not": [
        "scenarios/new.yaml:5: unknown column 'linkid' in change.links[0].where.linkid. Did you mean 'link_id'?",
    ],
    "a selection of nothing": [
        "scenarios/new.yaml:5: the selection matches no crossing of the base in change.crossings[0].where. None has mode: sea",
    ],
    "a selection by a list of lists": [
        "scenarios/new.yaml:5: '[['ab']]' is no value to select by in change.links[0].where.link_id. Write link_id: value, or link_id: [one, another]",
    ],
    "a selection by a mapping": [
        "scenarios/road-closed.yaml:6: '{'is': 'AAA'}' is no value to select by in close.crossings[0].country. Write country: value, or country: [one, another]",
    ],
    "a list of ends": [
        "scenarios/new.yaml:5: Input should be a valid string (found ['a']) in from_node_id.",
    ],
    "one of two ids unknown": [
        "scenarios/new.yaml:5: unknown link 'bd' in change.links[0].where.",
    ],
    "a closure of nothing": [
        "scenarios/road-closed.yaml:6: unknown crossing 'ae-rod' in close.crossings[0]. Did you mean 'ae-road'?",
    ],
    "a closure without where": [
        "scenarios/road-closed.yaml:6: expected 'where: {column: value}' in close.crossings[0]. Say which rows are meant",
    ],
    "existing nothing": [
        "scenarios/new.yaml:5: the base has nothing for 'ab', not 5 in change.links[0].capacity_value.existing. Leave 'existing' out, or check why the base moved",
    ],
    "nothing to scale": [
        "scenarios/new.yaml:5: 'ab' has no capacity_value to scale in change.links[0].capacity_value.scale. Use set, or choose rows that have a value",
    ],
    "nothing new": [
        "scenarios/new.yaml:4: every value is the one that the base has: the scenario changes nothing in change. Check the values to set",
    ],
    "an id for a flag": [
        "scenarios/new.yaml:5: 'closed' is not one of 'operating', 'suspended' or 'under_construction' in status.",
    ],
    "two values in one file": [
        "scenarios/new.yaml:6: ab.free_speed_km_h is set to 70.0 here, to 60.0 on line 5 in change.links[1].free_speed_km_h. Keep one of them",
    ],
    "an unknown companion": [
        "scenarios/new.yaml:3: unknown scenario 'short-cutt' in requires[0]. Did you mean 'short-cut'?",
    ],
    "conflict with one's companion": [
        "scenarios/new.yaml:4: 'new' conflicts with 'short-cut' (scenarios/short-cut.yaml:1) in conflicts[0]. Apply only one of them",
    ],
    "an unknown member": [
        "scenarios/new.yaml:3: unknown scenario 'short-cutt' in includes[0]. Did you mean 'short-cut'?",
    ],
    "a member above": [
        "scenarios/new.yaml:3: the includes form a cycle: new → new in includes. Break it",
    ],
    "a long chain": [
        "scenarios/p8.yaml:3: the includes are nested too deeply in includes.",
        "scenarios/p9.yaml:3: the includes are nested too deeply in includes.",
    ],
    "a short line on the sphere": [
        "scenarios/new.yaml:5: 'ab' has 50 km, less than the straight line of 85 km in change.links.0.length_km. Check the length and the coordinates of both ends",
    ],
    "a border without crossing": [
        "scenarios/new.yaml:5: 'n1' joins two countries but has no crossing in add.links.0.to_node_id. Add a row to crossings.csv for b – d, mode rail",
    ],
    "a bad place, and another that is unknown": [
        "data/links.csv:3: unknown node 'cc' in to_node_id.",
        "data/nodes.csv:2: -200 is too small in x_coord. It must be at least -180",
    ],
    "a name with a comma": [
        "data/nodes.csv:2: the row has 12 fields, the header 11. A text with a comma needs quotes around it",
    ],
    "a bad border": [
        "data/crossings.csv:2: -20 is too small in wait_h. It must be at least 0",
    ],
    "a bad source": [
        "data/sources.csv:2: a value is required here in title. Fill it in",
    ],
    "places without ids": [
        "data/nodes.csv:1: unknown column 'node' in node. Did you mean 'node_id'?",
        "data/nodes.csv:1: the column 'node_id' is missing in node_id. Add it",
    ],
    "a new place that is wrong": [
        "scenarios/new.yaml:5: 400 is too large in y_coord. It must be at most 90",
    ],
    "two bad rows": [
        "data/transfers.csv:3: -4 is too small in transfer_h. It must be at least 0",
        "data/transfers.csv:3: -40 is too small in fee_usd. It must be at least 0",
        "data/transfers.csv:4: -5 is too small in transfer_h. It must be at least 0",
    ],
    "a bad row behind one that is there twice": [
        "data/transfers.csv:5: the id 'a-yard' is already used on line 3 in transfer_id. Give each row an id of its own",
        "data/transfers.csv:6: -4 is too small in transfer_h. It must be at least 0",
    ],
    "three additions wrong": [
        "scenarios/new.yaml:5: the base already has link 'ab' in add.links[0]. Use 'change' for what exists, or another id",
        "scenarios/new.yaml:6: low 9, mode 3, high 4 are not in rising order in add.links[1].length_km.",
        "scenarios/new.yaml:7: a value is required here in length_km. Fill it in",
        "scenarios/new.yaml:8: 'raod' is not one of 'rail', 'road', 'sea', 'gas' or 'oil' in mode. Did you mean 'road'?",
    ],
    "two changes wrong": [
        "scenarios/new.yaml:5: 'mode' cannot be changed in change.links[0].mode. What can be is name, directed, facility_type, length_km, free_speed_km_h, gauge_mm, tracks, electrified, capacity_value, capacity_unit, status, open_year, source_id, confidence, notes",
        "scenarios/new.yaml:5: 1 mm is not a gauge in use; the known ones are 600, 750, 762, 1000, 1067, 1435, 1520, 1524, 1668, 1676 in gauge_mm.",
        "scenarios/new.yaml:6: expected {set: value} in change.links[1].length_km. Write length_km: {set: 5}",
    ],
    "two members missing": [
        "scenarios/new.yaml:3: unknown scenario 'qqq' in includes[0].",
        "scenarios/new.yaml:3: the includes form a cycle: new → new in includes. Break it",
        "scenarios/new.yaml:3: unknown scenario 'www' in includes[3].",
    ],
    "two assumptions wrong": [
        "data/assumptions.yaml:5: unknown assumption 'qqq.rail' in qqq.rail. Known keys: base.year, speed.rail, speed.road, speed.sea, speed.gas, speed.oil, duty.rail, duty.road, duty.sea, duty.gas, duty.oil, cost.rail, cost.road, cost.sea, cost.gas, cost.oil, border.wait_h.rail, border.wait_h.road, border.wait_h.sea, border.fee_usd.rail, border.fee_usd.road, border.fee_usd.sea, transfer.hours, transfer.fee_usd, value_of_time, market_access.theta, terminal.population",
        "data/assumptions.yaml:6: unknown assumption 'duty.rali' in duty.rali. Did you mean 'duty.rail' or 'duty.road' or 'duty.sea'?",
    ],
    "two courses wrong": [
        "data/geometry.geojson: there is no link 'zz' in link_id. Remove it",
        "data/geometry.geojson: the course ends 86 km from the place it leads to in bc. Draw it from from_node_id to to_node_id",
    ],
    "two crossings wrong": [
        "data/crossings.csv:4: no road link joins a and b, so nothing can cross here in from_node_id. Add the link, or correct the ends or the mode",
        "data/crossings.csv:5: no road link joins b and c, so nothing can cross here in from_node_id. Add the link, or correct the ends or the mode",
    ],
    "two railways without gauge": [
        "data/links.csv:2: a railway needs its gauge in gauge_mm. Write 1435, 1520 …",
        "data/links.csv:3: a railway needs its gauge in gauge_mm. Write 1435, 1520 …",
    ],
    "an island named first": [
        "data/nodes.csv:7: 2 places around 'x' are cut off from the rest of the network in node_id. Add the missing link, or mark theirs as suspended",
    ],
    "conflicts one a line": [
        "scenarios/new.yaml:6: 'new' conflicts with 'short-cut' (scenarios/short-cut.yaml:1) in conflicts[1]. Apply only one of them",
    ],
    "a misspelt beginning": [
        "scenarios/new.yaml:5: unknown node 'zz' in add.links[0].from_node_id.",
    ],
    "the last kind misspelt": [
        "scenarios/short-cut.yaml:3: 'packge' is not one of 'rail', 'road', 'pipeline', 'port', 'border', 'policy', 'closure' or 'package' in kind. Did you mean 'package'?",
    ],
    "another name than its file's": [
        "scenarios/short-cut.yaml:1: the scenario is called 'short-cutt', the file 'short-cut.yaml' in scenario. Give both the same name",
    ],
    "a column missing": [
        "data/transfers.csv:1: unknown column 'node' in node. Did you mean 'node_id'?",
        "data/transfers.csv:1: the column 'node_id' is missing in node_id. Add it",
    ],
    "a list for a number": [
        "scenarios/short-cut.yaml:10: '[260]' is not a number in length_km. Write a plain number such as 12.5, without unit",
    ],
    "a key without a likeness": [
        "scenarios/new.yaml:3: unknown key 'qqq' in qqq. The keys are scenario, title, kind, status, build_year, capex_musd, requires, conflicts, includes, sources, notes, add, change, close, claims",
    ],
    "a note of another kind": [
        "scenarios/new.yaml:3: Input should be a valid string (found ['a']) in notes.",
    ],
    "islands apart": [
        "data/nodes.csv:7: 2 places around 'v' are cut off from the rest of the network in node_id. Add the missing link, or mark theirs as suspended",
        "data/nodes.csv:9: 2 places around 'x' are cut off from the rest of the network in node_id. Add the missing link, or mark theirs as suspended",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_a_mistake_is_said_exactly(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(study_with(EDITS[name], tmp_path / "study"))
    found = validate_paths([Path("data"), Path("scenarios")], "data")
    assert [str(problem) for problem in found] == MESSAGES[name]


def test_a_course_that_is_corrected_is_read_anew(tmp_path: Path) -> None:
    study = study_with(EDITS["a course to elsewhere"], tmp_path / "study")
    network = sco.Network.load(study / "data")
    assert network.geometry["ab"][-1].tolist() == [61.5, 40]
    path = study / "data/geometry.geojson"
    path.write_text(GEOMETRY % ("ab", "[[60, 40], [61, 40]]"))
    os.utime(path, ns=(0, 1))
    assert sco.Network.load(study / "data").geometry["ab"][-1].tolist() == [61, 40]
