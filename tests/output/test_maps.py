"""What figures say and show: names that fit, units, sources, disputed boundaries, any continent."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner
from matplotlib.colors import to_rgb
from matplotlib.text import Annotation, Text
from PIL import Image
from worlds import sco_network, small_network, write_study

import sco_network as sco
from sco_network.analysis.flows import flows
from sco_network.cli import cli
from sco_network.output import lettering, style
from sco_network.output.changes import Changes
from sco_network.output.flow_maps import draw_flows
from sco_network.output.ground import EURASIA, GROUND, Ground, check_basemap, ground_for
from sco_network.output.links import great_circles
from sco_network.output.names import write_name
from sco_network.output.style import image, whole_figure
from sco_network.output.weighing import draw_ranking, draw_stress, draw_uncertainty

BASEMAP = Path(sco.__file__).parent / "basemap/basemap.geojson"
CITIES = [
    ("sao-paulo", "São Paulo", -46.6, -23.5),
    ("manaus", "Manaus", -60.0, -3.1),
    ("lima", "Lima", -77.0, -12.0),
]


def network_of(places: Iterable[tuple[str, str, float, float]], mode: str = "rail") -> sco.Network:
    """Places in a row, each linked to the next."""
    nodes = pd.DataFrame(list(places), columns=["node_id", "name", "x_coord", "y_coord"])
    nodes["population"] = 1e6
    ids = nodes["node_id"].tolist()
    links = pd.DataFrame({"from_node_id": ids[:-1], "to_node_id": ids[1:]})
    links["link_id"] = [f"l{i}" for i in range(len(links))]
    links["mode"], links["length_km"] = mode, 100.0
    return sco.Network.from_frames(nodes, links)


def names_on(ax: Any) -> list[Text]:
    """The names of places and countries and the numbers of routes, as they are drawn."""
    whole_figure(ax).draw_without_rendering()
    return [text for text in ax.texts if text.get_text()]


def words_of(ax: Any) -> str:
    figure = whole_figure(ax)
    return " ".join(text.get_text().replace("\n", " ") for text in figure.findobj(Text))


def legend_of(ax: Any) -> list[str]:
    return [text.get_text() for legend in ax.figure.legends for text in legend.get_texts()]


# --- names that fit ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def uap(base: sco.Network) -> Any:
    return sco.compare(base, sco.Scenario.load("uap-railway", base.folder.parent / "scenarios"))


@pytest.mark.parametrize("kind", ["network", "map", "access"])
def test_no_name_touches_another_or_the_frame(kind: str, base: sco.Network, uap: Any) -> None:
    ax = {"network": base.plot, "map": uap.plot_map, "access": uap.plot_access}[kind]()
    names = names_on(ax)
    assert len(names) > 15
    boxes = [(t.get_text(), t.get_window_extent().padded(-1)) for t in names]
    touching = [(a, b) for (a, x), (b, y) in combinations(boxes, 2) if x.overlaps(y)]
    assert touching == []
    frame = ax.get_window_extent()
    assert all(frame.contains(b.x0, b.y0) and frame.contains(b.x1, b.y1) for _, b in boxes)


def test_a_map_names_countries_the_ends_of_routes_and_what_is_new(uap: Any) -> None:
    ax = uap.plot_map()
    names = {text.get_text() for text in names_on(ax)}
    assert names >= {"AFGHANISTAN", "PAKISTAN", "UZBEKISTAN", "Mazar-i-Sharif", "Kohat", "1"}
    legend = legend_of(ax)
    assert legend[:2] == ["New line (in planning)", "Best route with it (1)"]
    assert "Railway, 1520 mm" in legend


def test_no_country_is_named_where_the_nearest_boundary_is_disputed(uap: Any) -> None:
    ax = uap.plot_map()
    lines = {k: shapely.union_all(GROUND.parts[k].shapes) for k in ("border", "disputed")}
    for text in names_on(ax):
        if text.get_text().isupper() and not isinstance(text, Annotation):
            point = shapely.Point(text.get_position())
            near = {kind: shapely.distance(line, point) for kind, line in lines.items()}
            assert near["disputed"] > min(250, near["border"]), text.get_text()


@pytest.mark.parametrize("dpi", [72, 200])
@pytest.mark.parametrize(("side", "words"), [(-1, "Gyp"), (1, "Ürümqi – 喀什")])
def test_a_name_stands_in_its_box_at_any_resolution(dpi: int, side: int, words: str) -> None:
    figure = style.new_figure(4, 3)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set_axis_off()
    size, at = 16, ax.transData.transform((0.5, 0.5))
    wide, high = lettering.text_size(figure, words, size)
    middle = at + np.array([side * (wide / 2 + 10), 30])
    write_name(ax, words, (0.5, 0.5), np.concatenate([middle, middle]), size=size)
    (name,) = ax.texts
    buffer = io.BytesIO()
    whole_figure(ax).savefig(buffer, format="png", dpi=dpi)
    ink = np.asarray(Image.open(buffer).convert("L"))[::-1] < 128
    ink[: len(ink) // 3] = False  # where it may say which letters no font has
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    scale = dpi / figure.dpi
    half = np.array([wide, high]) / 2
    low, up = (middle - half) * scale, (middle + half) * scale
    assert columns[0] == pytest.approx(low[0], abs=7 * scale)
    assert columns[-1] == pytest.approx(up[0], abs=7 * scale)
    assert low[1] - 1 <= rows[0] < rows[-1] <= up[1] + 1
    assert name.get_window_extent().y0 == pytest.approx(middle[1] - high / 2, abs=3)


@pytest.mark.parametrize("kind", ["png", "svg"])
@pytest.mark.parametrize("words", ["", " ", "First\n\nthird", "Last\n"])
def test_titles_may_have_empty_lines(words: str, kind: str) -> None:
    figure, box = style.titled_figure(4, 2, "Title", words, words)
    assert len(image(figure.add_axes(box), kind)) > 1000


def test_land_that_two_countries_claim_has_no_hole(tmp_path: Path) -> None:
    squares = [
        [[-64, -14], [-54, -14], [-54, -4], [-64, -4], [-64, -14]],
        [[-58, -12], [-58, -6], [-50, -6], [-50, -12], [-58, -12]],  # turns the other way
    ]
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [s]}}
        for s in squares
    ]
    path = tmp_path / "claims.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    net = network_of(CITIES)
    ax = net.plot(basemap=str(path))
    x, y = ax.transData.transform(ground_for(net).project(np.array([[-56.0, -8.0]])))[0]
    figure = whole_figure(ax)
    figure.canvas.draw()
    seen = np.asarray(figure.canvas.buffer_rgba())[::-1][int(y), int(x), :3] / 255
    assert seen == pytest.approx(to_rgb(style.LAND), abs=0.02)


# --- units, years, sources ---------------------------------------------------------------------


@pytest.fixture
def drawn(study: Path) -> dict[str, Any]:
    net = sco.Network.load(study / "data")
    faster, short, closed = (
        sco.Scenario.load(n, study / "scenarios")
        for n in ("faster-border", "short-cut", "road-closed")
    )
    cut, proposals = sco.compare(net, short), [faster, short]
    return {
        "network": net.plot(),
        "map": cut.plot_map(),
        "access": cut.plot_access(),
        "countries": cut.plot_countries(),
        "routes": cut.plot_routes(),
        "ranking": draw_ranking(sco.rank(net, proposals, jobs=1)),
        "uncertainty": draw_uncertainty(sco.uncertainty(net, proposals, draws=10, jobs=1)),
        "stress": draw_stress(sco.stress(net, proposals, closures=[closed])),
    }


def test_every_figure_has_title_unit_year_and_source(drawn: dict[str, Any]) -> None:
    units = {"network": "km", "map": "h", "routes": "hours"}
    for name, ax in drawn.items():
        text = words_of(ax)
        assert "2026" in text, name
        assert "sources.csv" in text, name
        assert units.get(name, "%") in text, name
        titles = [t for t in ax.figure.artists if t.get_weight() == "bold"]
        assert len(titles) == 1, name
        on_a_map = name in {"network", "map", "access"}
        assert (style.BORDER_NOTE in text) == on_a_map, name
        assert ("Natural Earth" in text) == on_a_map, name


def test_figures_name_the_publishers_of_a_scenario(drawn: dict[str, Any]) -> None:
    for name in ("map", "access", "countries", "routes"):
        assert "Scenario: Nobody 2025." in words_of(drawn[name])


def test_no_words_of_the_frame_leave_the_figure_or_touch(drawn: dict[str, Any]) -> None:
    for name, ax in drawn.items():
        figure = whole_figure(ax)
        figure.draw_without_rendering()
        boxes = [t.get_window_extent() for t in figure.artists]
        assert all(b.x0 >= 0 and b.x1 <= figure.bbox.x1 for b in boxes), name
        assert not any(a.overlaps(b) for a, b in combinations(boxes, 2)), name


def test_figures_fit_into_axes_that_one_gives(small: sco.Network, study: Path) -> None:
    cut = sco.compare(small, sco.Scenario.load("short-cut", study / "scenarios"))
    for draw in (small.plot, cut.plot_map, cut.plot_access, cut.plot_routes, cut.plot_countries):
        mine = style.new_figure(6, 4).add_axes((0.1, 0.1, 0.8, 0.8))
        assert draw(ax=mine) is mine
        assert image(mine, "png")


def test_layers_can_be_told_apart_in_grey() -> None:
    layers = [layer for layer in style.LAYER_COLOURS if layer != "rail"]
    for a, b in combinations(layers, 2):
        light = [np.dot(to_rgb(style.LAYER_COLOURS[x]), (0.299, 0.587, 0.114)) for x in (a, b)]
        wide = sorted(style.LAYER_WIDTHS[x] for x in (a, b))
        dashes = {str(style.LAYER_LINES.get(x, "-")) for x in (a, b)}
        different = abs(light[0] - light[1]) > 0.08, wide[1] / wide[0] > 1.25, len(dashes) == 2
        assert any(different), (a, b)


# --- the base map ------------------------------------------------------------------------------


def test_the_base_map_is_small_and_dashes_what_is_disputed() -> None:
    assert BASEMAP.stat().st_size < 700_000
    found = json.loads(BASEMAP.read_text(encoding="utf-8"))["features"]
    kinds: dict[str, set[str]] = {}
    for feature in found:
        kinds.setdefault(feature["properties"]["kind"], set()).add(
            feature["properties"].get("pair")
        )
    assert set(kinds) == {"country", "lake", "border", "disputed"}
    always = {"CHN-IND", "BTN-CHN", "IND-XSG", "PAK-XSG", "CHN-XSG", "ISR-SYR", "SRB-XKX"}
    assert always <= kinds["disputed"]
    assert always.isdisjoint(kinds["border"])
    # the Line of Control and the neck of Crimea are dashed, the rest of the two borders is not
    assert {"IND-PAK", "RUS-UKR"} <= kinds["disputed"] & kinds["border"]
    assert "KAZ-RUS" in kinds["border"] - kinds["disputed"]
    unnamed = {f["properties"].get("country") for f in found if f["properties"].get("name") == ""}
    assert {"TWN", "XKX", "ESH"} <= unnamed


def test_the_base_map_is_valid_and_russia_is_in_one_piece() -> None:
    found = json.loads(BASEMAP.read_text(encoding="utf-8"))["features"]
    shapes = {
        f["properties"]["country"]: shapely.geometry.shape(f["geometry"])
        for f in found
        if f["properties"]["kind"] == "country"
    }
    assert all(shape.is_valid for shape in shapes.values())
    west, _, east, _ = shapes["RUS"].bounds
    assert 15 < west < 30
    assert 185 < east < 195  # the Chukchi Peninsula, beyond 180°
    onto = GROUND.parts["country"]
    widest = max(b[2] - b[0] for b in shapely.bounds(onto.shapes[onto.codes == "RUS"]))
    assert widest < 8000  # km; torn at 180° it would be as wide as the map


def test_a_great_circle_goes_the_short_way_over_the_date_line() -> None:
    (line,) = great_circles(np.array([[179.0, 0.0]]), np.array([[-179.0, 0.0]]))
    assert np.abs(line[:, 0]).min() > 178


def test_another_base_map_or_none(small: sco.Network, tmp_path: Path) -> None:
    box = [[[55, 35], [70, 35], [70, 45], [55, 45], [55, 35]]]
    feature = {
        "type": "Feature",
        "properties": {"name": "Boxland", "country": "BOX"},
        "geometry": {"type": "Polygon", "coordinates": box},
    }
    mine = tmp_path / "mine.geojson"
    mine.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    ax = small.plot(basemap=str(mine))
    assert "BOXLAND" in {text.get_text() for text in names_on(ax)}
    assert "Base map: mine.geojson." in words_of(ax)
    bare = small.plot(basemap="none")
    assert "Base map" not in words_of(bare)
    assert bare.get_facecolor() == (1.0, 1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot read it"),
        ("no json", "this is not a GeoJSON file"),
        ("[1, 2]", "this is not a GeoJSON file"),
        ('{"features": []}', "there is no polygon and no line"),
        (
            (
                '{"features": [{"geometry": {"type": "LineString",'
                ' "coordinates": [[500000, 4e6], [500100, 4e6]]}}]}'
            ),
            "not longitudes and latitudes",
        ),
    ],
)
def test_a_bad_base_map_is_refused(content: str | None, words: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.geojson"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(sco.InputError, match=words):
        check_basemap(str(path))


def test_people_are_drawn_on_no_base_map_and_a_bad_one_is_refused(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(study)
    command = ["people", "short-cut", "--plot"]
    done = CliRunner().invoke(cli, [*command, "it.svg", "--basemap", "none"])
    assert done.exit_code == 0, done.stderr
    assert (study / "it.svg").exists()
    bad = CliRunner().invoke(cli, [*command, "no.svg", "--basemap", "gone.geojson"])
    assert bad.exit_code == 1
    assert "gone.geojson" in f"{bad.exception}"
    assert not (study / "no.svg").exists()


def gas_through_the_middle_of_a_country() -> sco.Network:
    places = [
        ("f", "AAA", "field", 60.0),
        ("j", "BBB", "junction", 66.0),
        ("m", "CCC", "city", 72.0),
    ]
    nodes = pd.DataFrame(places, columns=["node_id", "country", "node_type", "x_coord"])
    nodes["name"], nodes["y_coord"] = nodes["node_id"].str.upper(), 40.0
    links = pd.DataFrame({"link_id": ["fj", "jm"], "from_node_id": ["f", "j"]})
    links["to_node_id"], links["mode"], links["length_km"] = ["j", "m"], "gas", 500.0
    links["capacity_value"] = [20.0, 30.0]
    return sco.Network.from_frames(nodes, links)


def test_names_of_countries_keep_off_the_pipelines_of_a_flow() -> None:
    found = flows(gas_through_the_middle_of_a_country(), origin="AAA", destination="CCC")
    ax = draw_flows([found])
    countries = [t for t in names_on(ax) if t.get_text().isupper() and len(t.get_text()) > 1]
    course = np.column_stack([np.linspace(60, 72, 200), np.full(200, 40.0)])
    pipe = ax.transData.transform(GROUND.project(course))
    assert countries
    assert not any(t.get_window_extent().contains(*at) for t in countries for at in pipe)
    assert "Natural Earth" in words_of(ax)
    assert "Natural Earth" not in words_of(draw_flows([found], basemap="none"))


def test_many_changed_borders_have_smaller_symbols(small: sco.Network, study: Path) -> None:
    few = small.with_scenarios(sco.Scenario.load("faster-border", study / "scenarios"))
    many = sco.Network.load().with_scenarios(sco.Scenario.load("integrated-railways"))
    large, little = (Changes(network, GROUND).eased["ms"] for network in (few, many))
    assert little < large


def test_names_of_routes_are_in_the_figure_however_long(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    write_study(folder)
    nodes = folder / "data/nodes.csv"
    long = "Shatlyk gas field and compressor station of the eastern district of the old province"
    nodes.write_text(nodes.read_text(encoding="utf-8").replace("Epsilon", long), encoding="utf-8")
    net = sco.Network.load(folder / "data")
    ax = sco.compare(net, sco.Scenario.load("short-cut", folder / "scenarios")).plot_routes()
    figure = ax.get_figure()
    figure.canvas.draw()
    labels = [t for t in ax.get_yticklabels() if t.get_text()]
    assert any("\n" in t.get_text() and "…" in t.get_text() for t in labels)
    assert min(t.get_window_extent().x0 for t in labels) >= 0
    assert ax.get_position().x0 < 0.5


def test_run_refuses_a_bad_base_map_before_it_works(study: Path) -> None:
    done = sco_network("run", "short-cut", "--basemap", "gone.geojson", cwd=study)
    assert done.returncode == 1
    assert "gone.geojson" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (study / "results").exists()


# --- any network, any name ---------------------------------------------------------------------


def test_a_network_elsewhere_is_framed_with_its_own_land() -> None:
    net = network_of(CITIES)
    ground = ground_for(net)
    assert ground.projection != EURASIA
    ax = net.plot()
    names = {text.get_text() for text in names_on(ax)}
    assert names >= {"São Paulo", "Manaus", "Lima", "BRAZIL", "BOLIVIA"}
    assert "RUSSIA" not in names
    borders = [p for p in ax.patches if to_rgb(p.get_edgecolor()) == to_rgb(style.BORDER)]
    assert any(len(border.get_path().vertices) > 10 for border in borders)


def test_a_network_across_the_date_line_stays_together() -> None:
    net = network_of([("suva", "Suva", 178.4, -18.1), ("apia", "Apia", -171.8, -13.8)], "sea")
    points = ground_for(net).project(net.coordinates)
    assert np.hypot(*(points[0] - points[1])) < 1300


def test_a_place_far_off_is_said_to_lie_outside() -> None:
    near = [(f"n{i}", f"N{i}", 60.0 + i % 6, 40.0 + i // 6) for i in range(60)]
    ax = network_of([*near, ("ny", "New York", -74.0, 40.7)]).plot()
    assert "Outside the frame: 1 of 61 places." in words_of(ax)
    assert "New York" not in {text.get_text() for text in names_on(ax)}


def test_a_map_of_a_proposal_grows_to_what_it_adds(study: Path) -> None:
    text = (study / "scenarios/short-cut.yaml").read_text(encoding="utf-8")
    new = "  nodes:\n    - {node_id: far, name: Far, country: BBB, x_coord: 95, y_coord: 50, node_type: city}\n"
    text = text.replace("add:\n", "add:\n" + new).replace(
        "to_node_id: e, mode: rail, gauge", "to_node_id: far, mode: rail, gauge"
    )
    text = text.split("  crossings:")[0] + (
        "  crossings:\n    - {crossing_id: bf, from_node_id: b, to_node_id: far, mode: rail, wait_h: 3}\n"
    )
    text = text.replace("{low: 255, mode: 260, high: 280}", "3300")
    (study / "scenarios/short-cut.yaml").write_text(text, encoding="utf-8")
    net = sco.Network.load(study / "data")
    ax = sco.compare(net, sco.Scenario.load("short-cut", study / "scenarios")).plot_map()
    assert "Far" in {t.get_text() for t in names_on(ax)}


def test_names_in_any_letters_are_drawn_or_replaced_by_their_ids() -> None:
    net = network_of(
        [
            ("moscow", "Москва", 37.6, 55.7),
            ("tehran", "تهران", 51.4, 35.7),
            ("xian", "西安", 108.9, 34.3),
            ("old-city", "\U00012000", 75.0, 45.0),  # cuneiform, which no font here has
        ]
    )
    names = {text.get_text() for text in names_on(net.plot())}
    assert names >= {"Москва", "تهران", "Old City"}
    assert names & {"西安", "Xian"}


def test_letters_that_no_font_has_are_boxes_and_the_figure_says_so() -> None:
    ax = style.new_figure(6, 4).add_axes((0.1, 0.1, 0.8, 0.8))
    ax.set_title("Ur \U00012000")
    ax.set_yticks([0, 1], ["\U00012001", "b"])
    assert image(ax, "png")  # without a warning of a glyph that is missing
    text = words_of(ax)
    assert "Ur □" in text
    assert "2 letters that no font of this machine has (U+12000, U+12001" in text


def test_a_name_cannot_break_an_svg() -> None:
    evil = "A --> <script>alert(1)</script> & $x$ ]]> \x0b\x00 \x1b"
    net = network_of([("a", evil, 60.0, 40.0), ("b", "B", 62.0, 40.0)])
    text = image(net.plot(), "svg").decode("utf-8")
    root = ET.fromstring(text)  # noqa: S314 - our own
    assert not [e for e in root.iter() if e.tag.endswith("script")]
    assert "Date" not in text


def test_an_svg_is_the_same_every_time(small: sco.Network) -> None:
    assert image(small.plot(), "svg") == image(small.plot(), "svg")


def test_a_proposal_that_changes_nothing_is_drawn_and_says_so(study: Path) -> None:
    same = study / "scenarios/same.yaml"
    same.write_text(
        "scenario: same\nchange:\n  crossings:\n"
        "    - {where: {crossing_id: cd-rail}, fee_usd: {set: 31}}\n",
        encoding="utf-8",
    )
    cmp = sco.compare(sco.Network.load(study / "data"), sco.Scenario.load(same))
    assert "none changes" in words_of(cmp.plot_map())
    assert "No route changes." in words_of(cmp.plot_routes())
    assert "none gains or loses" in words_of(cmp.plot_access())
    assert "No pair of countries changes" in words_of(cmp.plot_countries())


# --- the commands ------------------------------------------------------------------------------


def test_commands_draw_what_they_print(study: Path) -> None:
    for command in ("rank", "stress"):
        done = sco_network(
            command, "faster-border", "short-cut", "--plot", f"{command}.svg", "--json", cwd=study
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)
        assert f"Drew {command}.svg" in done.stderr
        assert (study / f"{command}.svg").read_text(encoding="utf-8").startswith("<?xml")


def test_a_picture_of_no_known_kind_is_refused_before_the_work(study: Path) -> None:
    done = sco_network("rank", "short-cut", "--plot", "rank.docx", cwd=study)
    assert done.returncode == 1
    assert "cannot draw a 'docx' file" in done.stderr
    assert done.stdout == ""


def test_the_default_ground_is_the_packaged_one() -> None:
    assert GROUND == Ground() == ground_for(network_of([("a", "A", 60, 40), ("b", "B", 70, 50)]))


def test_places_are_named_without_a_base_map(tmp_path: Path) -> None:
    ax = small_network(tmp_path).plot(basemap="none")
    assert {"Alpha", "Epsilon"} <= {text.get_text() for text in names_on(ax)}
