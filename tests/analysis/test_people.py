"""People: a drawn coast, the measures of inequality, the packaged network, the command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import sco_network

import sco_network as sco
from sco_network.analysis import metrics as m
from sco_network.analysis.people import people
from sco_network.analysis.sea import deep_sea_ports
from sco_network.output.people import print_people
from sco_network.routing.skim import nearest, skim
from sco_network.routing.states import expand

ROOT = Path(__file__).parents[2]
inf = np.inf

# Two coasts of one ocean, a lake, and a country without a coast (road runs 50 km/h).
#
#   LLL (landlocked)              CCC (coast)              far away, sea 4,500 km
#   l ──500 km── b ──100 km── c ──200 km── p ≈≈≈≈≈≈≈≈≈≈≈≈≈≈≈≈≈≈≈≈≈≈ q  (FFF, port only)
#   └─50 km─ u ≈≈ v, ports of the lake, both in LLL
PLACES = [
    ("l", "LLL", "city", 400, 0.0),
    ("b", "LLL", "city", 100, 4.0),
    ("c", "CCC", "city", 300, 4.8),
    ("p", "CCC", "port", 700, 6.4),
    ("q", "FFF", "port", 900, 46.4),
    ("u", "LLL", "port", 0, 0.4),
    ("v", "LLL", "port", 0, 0.9),
]
WAYS = [
    ("lb", "l", "b", "road", 500),
    ("bc", "b", "c", "road", 100),
    ("cp", "c", "p", "road", 200),
    ("lu", "l", "u", "road", 50),
    ("uv", "u", "v", "sea", 80),
    ("pq", "p", "q", "sea", 4500),
]
TRANSFERS = [("p-quay", "p", "road", "sea", 10), ("u-quay", "u", "road", "sea", 1)]
RATES = {"speed.road": 50.0, "speed.sea": 30.0}


def coast() -> sco.Network:
    """Return the drawing as a network."""
    columns = ["node_id", "country", "node_type", "population", "x_coord"]
    nodes = pd.DataFrame(PLACES, columns=columns).assign(y_coord=0.0)
    links = pd.DataFrame(
        WAYS, columns=["link_id", "from_node_id", "to_node_id", "mode", "length_km"]
    )
    transfers = pd.DataFrame(
        TRANSFERS, columns=["transfer_id", "node_id", "from_layer", "to_layer", "transfer_h"]
    )
    return sco.Network.from_frames(nodes, links, transfers=transfers, assumptions=RATES)


def scenario(**content: object) -> sco.Scenario:
    return sco.Scenario.from_dict({"scenario": "test", **content})


NEW_ROAD = {
    "add": {
        "links": [
            {
                "link_id": "lp",
                "from_node_id": "l",
                "to_node_id": "p",
                "mode": "road",
                "length_km": 720,
            }
        ]
    }
}


def test_a_port_of_a_lake_is_no_deep_sea_port() -> None:
    assert deep_sea_ports(coast()) == ("p", "q")


def test_the_way_to_the_sea_by_place() -> None:
    places = people(coast()).places.set_index("node_id")
    # hours to p: l 16, b 6, c 4; at the quay, not aboard; u and v are not inhabited
    assert places["to_port_before"].to_dict() == pytest.approx(
        {"l": 16, "b": 6, "c": 4, "p": 0, "q": 0}
    )
    assert places["port_before"].tolist() == ["p", "p", "p", "p", "q"]
    assert places["borders_before"].tolist() == [1, 1, 0, 0, 0]


def test_the_landlocked_penalty_is_against_the_median_coastal_country() -> None:
    found = people(coast(), scenario(**NEW_ROAD))
    # CCC: (300 · 4 + 700 · 0) / 1000 = 1.2 h; FFF is here with its port alone and does not count
    assert found.benchmark == pytest.approx(1.2)
    row = found.countries.set_index("country").loc["LLL"]
    assert row["to_port_before"] == pytest.approx((400 * 16 + 100 * 6) / 500)
    assert row["to_port_after"] == pytest.approx((400 * 14.4 + 100 * 6) / 500)
    assert row["penalty_before"] == pytest.approx(14 - 1.2)
    assert row["penalty_after"] == pytest.approx(12.72 - 1.2)
    assert (row["borders_before"], row["own_port"]) == (1, False)
    assert found.countries.set_index("country").loc[["CCC", "FFF"], "penalty_before"].isna().all()


def test_market_access_and_who_wins() -> None:
    found = people(coast(), scenario(**NEW_ROAD))
    places = found.places.set_index("node_id")
    sea = 4500 / 30 + 10  # hours aboard and at the quay
    before = 100 / 10 + 300 / 12 + 700 / 16 + 900 / (16 + sea)
    after = 100 / 10 + 300 / 12 + 700 / 14.4 + 900 / (14.4 + sea)
    assert places.loc["l", "access_before"] == pytest.approx(before)
    assert places.loc["l", "access_after"] == pytest.approx(after)
    assert found.winners["node_id"].tolist()[0] == "l"
    assert set(found.winners["node_id"]) == {"l", "p", "q"}
    assert found.losers.empty
    assert found.worse_off.empty
    assert found.as_dict()["anyone_worse_off"] is False


def test_a_closure_names_who_is_worse_off_and_cut_off() -> None:
    closed = scenario(
        change={"links": [{"where": {"link_id": "bc"}, "status": {"set": "suspended"}}]}
    )
    found = people(coast(), closed)
    assert set(found.worse_off["node_id"]) == {"l", "b", "c", "p", "q"}
    answer = found.as_dict()
    assert answer["worse_off"]["people"] == 2400
    assert answer["no_way_to_the_sea"]["node_ids"] == ["l", "b"]
    row = found.countries.set_index("country").loc["LLL"]
    assert (row["cut_off_before"], row["cut_off_after"]) == (0, 500)
    assert row["to_port_before"] == pytest.approx(14)  # what it was, though nothing is left
    assert np.isnan(row["to_port_after"])
    assert answer["countries"][2]["to_port_after"] is None


def test_a_mean_counts_the_same_places_before_and_after() -> None:
    closed = scenario(
        change={"links": [{"where": {"link_id": "lb"}, "status": {"set": "suspended"}}]}
    )
    row = people(coast(), closed).countries.set_index("country").loc["LLL"]
    assert row["cut_off_after"] == 400  # l has no way any more, b has
    assert (row["to_port_before"], row["to_port_after"]) == pytest.approx((6, 6))


def test_a_port_behind_a_shut_strait_is_no_deep_sea_port(base: sco.Network) -> None:
    today = set(deep_sea_ports(base))
    caspian = {"aktau", "kuryk", "turkmenbashi", "baku", "alat", "astrakhan", "bandar-anzali"}
    assert caspian.isdisjoint(today)
    assert {"karachi", "bandar-abbas", "shanghai", "rotterdam", "novorossiysk", "poti"} <= today
    shut = base.with_scenarios(sco.Scenario.load("hormuz-closed", ROOT / "scenarios"))
    gulf = {"bandar-abbas", "bushehr", "bandar-imam-khomeini", "jebel-ali"}
    assert today - set(deep_sea_ports(shut)) == gulf
    malacca = base.with_scenarios(sco.Scenario.load("malacca-closed", ROOT / "scenarios"))
    assert today <= set(deep_sea_ports(malacca))


def test_the_nearest_port_is_the_least_of_the_skim(base: sco.Network) -> None:
    graph, ports = expand(base), deep_sea_ports(base)
    places = ["almaty", "kabul", "moscow", "ulaanbaatar", "karachi", "delhi", "baku"]
    all_ways = skim(graph, [*places, *ports], "time").matrix[: len(places), len(places) :]
    found = nearest(graph, places, ports, "time")
    assert [cost for cost, _ in found] == pytest.approx(all_ways.min(axis=1))
    for i, (_, way) in enumerate(found):
        ids = base.nodes.ids[way]
        assert (ids[0], ids[-1]) == (places[i], ports[int(all_ways[i].argmin())])


def test_a_build_up_makes_nobody_worse_off(base: sco.Network) -> None:
    # a new link only adds ways: whoever loses by one shows an error of the model
    found = sco.people(base, sco.Scenario.load("cku-railway", ROOT / "scenarios"))
    assert found.worse_off.empty
    assert found.places["access_percent"].min() >= -1e-9
    assert found.winners["country"].head(5).isin(["KGZ", "UZB"]).all()
    assert not found.countries.set_index("country").loc["UZB", "own_port"]


def test_transit_shut_costs_afghanistan_most(base: sco.Network) -> None:
    found = sco.people(base, sco.Scenario.load("afghan-transit-closed", ROOT / "scenarios"))
    worst = found.countries.sort_values("access_percent").iloc[0]
    assert worst["country"] == "AFG"
    assert worst["cut_off_after"] == worst["population"]


values = st.lists(
    st.tuples(
        st.floats(0, 1e6).map(lambda x: 0.0 if x < 1e-6 else x),
        st.floats(0.5, 1e6),
        st.sampled_from("abc"),
    ),
    min_size=1,
    max_size=25,
)


@given(values)
def test_theil_parts_sum_to_the_whole(rows: list[tuple[float, float, str]]) -> None:
    x, w = (np.array([r[k] for r in rows]) for k in (0, 1))
    between, within = m.theil_parts(x, w, [r[2] for r in rows])
    whole = m.theil(x, w)
    if np.isnan(whole):
        assert np.isnan(between)
        assert np.isnan(within)
    else:
        assert between + within == pytest.approx(whole, rel=1e-9, abs=1e-9)
        assert min(between, within) >= -1e-9


@given(values)
def test_gini_is_half_the_mean_difference(rows: list[tuple[float, float, str]]) -> None:
    x, w = (np.array([r[k] for r in rows]) for k in (0, 1))
    p = w / w.sum()
    mean = p @ x
    if mean <= 0:
        assert np.isnan(m.gini(x, w))
        return
    pairs = p @ np.abs(x[:, None] - x[None, :]) @ p / (2 * mean)
    assert m.gini(x, w) == pytest.approx(pairs, rel=1e-9, abs=1e-9)


def test_inequality_by_hand() -> None:
    # AAA: 1 and 3, BBB: 6, one person each; mean 10/3
    x, one = np.array([1.0, 3.0, 6.0]), np.ones(3)
    between, within = m.theil_parts(x, one, ["AAA", "AAA", "BBB"])
    assert between == pytest.approx(0.4 * np.log(2 / (10 / 3)) + 0.6 * np.log(6 / (10 / 3)))
    assert within == pytest.approx(0.4 * (0.25 * np.log(0.5) + 0.75 * np.log(1.5)))
    assert m.gini(x, one) == pytest.approx((2 + 5 + 3) * 2 / (2 * 9 * 10 / 3))


def test_the_command_answers_outright(study: Path) -> None:
    done = sco_network("people", "short-cut", "road-closed", "--plot", "p.svg", cwd=study)
    assert done.returncode == 0, done.stderr
    assert "Nobody: every one of 3 places is at least as well off." in done.stdout
    assert "Yes: 3 places with 3.5 million people" in done.stdout
    assert "Most: Epsilon (-55.8 %)" in done.stdout
    assert "no deep-sea ports" in done.stdout
    assert (study / "p.svg").stat().st_size > 10_000


def test_the_base_alone_is_described_without_winners(
    small: sco.Network, capsys: pytest.CaptureFixture[str]
) -> None:
    print_people(people(small, modes=["rail"]))
    printed = capsys.readouterr().out
    assert "no route for 1.5 million" in printed
    assert "worse off" not in printed
    assert "Theil index" in printed


def test_only_freight_modes_carry_goods_to_people(small: sco.Network) -> None:
    with pytest.raises(sco.InputError, match="Use road, rail, sea"):
        people(small, modes=["gas"])
    with pytest.raises(sco.InputError, match="Did you mean 'rail'"):
        people(small, modes=["raill"])


def test_a_network_without_people_is_refused() -> None:
    nodes = pd.DataFrame({"node_id": ["a", "b"], "x_coord": [0.0, 1.0], "y_coord": 0.0})
    links = pd.DataFrame(
        {
            "link_id": ["ab"],
            "from_node_id": ["a"],
            "to_node_id": ["b"],
            "mode": "road",
            "length_km": 200.0,
        }
    )
    with pytest.raises(sco.InputError, match="nobody lives at a link of the modes road, rail, sea"):
        people(sco.Network.from_frames(nodes, links))
