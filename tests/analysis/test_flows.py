"""Pipelines as flows: a drawn network, the packaged one, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from worlds import LINKS, NODES, sco_network, write_study

import sco_network as sco
from sco_network.analysis.flows import concentration, country_end, flows, supplier_shares
from sco_network.analysis.pipelines import Pipelines

ROOT = Path(__file__).parents[2]


def pipes(*rows: tuple[str, float | None], **places: tuple[str, str]) -> sco.Network:
    """Pipelines 'x>y' (one way) or 'x-y' with capacities; places as (country, type)."""
    nodes = pd.DataFrame(
        [
            {
                "node_id": n,
                "name": n.upper(),
                "country": c,
                "node_type": t,
                "x_coord": i,
                "y_coord": 0.0,
            }
            for i, (n, (c, t)) in enumerate(places.items())
        ]
    )
    links = pd.DataFrame(
        [
            {
                "link_id": way, "from_node_id": way[0], "to_node_id": way[2], "mode": "gas",
                "directed": way[1] == ">", "length_km": 100.0, "capacity_value": capacity,
            }
            for way, capacity in rows
        ]
    )  # fmt: skip
    return sco.Network.from_frames(nodes, links)


# Fields f (AAA) and g (BBB) share the pipe j–m through CCC to the market m (DDD); f has a
# second, narrow pipe of its own.
#
#   f ──20──┐
#           j ──24── k ──30── m
#   g ──10──┘                 │
#   f ───────────4────────────┘
SHARED = {
    "f": ("AAA", "field"),
    "g": ("BBB", "field"),
    "j": ("CCC", "junction"),
    "k": ("CCC", "junction"),
    "m": ("DDD", "city"),
}


def shared() -> sco.Network:
    return pipes(("f>j", 20), ("g>j", 10), ("j>k", 24), ("k>m", 30), ("f>m", 4), **SHARED)


def test_flows_between_countries_alone_and_together() -> None:
    found = flows(shared()).pairs.set_index(["from", "to"])["after"]
    assert found["AAA", "DDD"] == 24  # 20 through j, 4 directly
    assert found["BBB", "DDD"] == 10
    assert found["all", "DDD"] == 28  # the shared pipe carries 24, not 30


def test_the_bottleneck_is_named_with_capacity_and_country() -> None:
    joint = flows(shared(), destination="DDD").joint
    assert joint is not None
    narrow = joint[1].bottlenecks()
    assert narrow["link_id"].tolist() == ["j>k", "f>m"]
    assert narrow["country"].tolist() == ["CCC", "AAA–DDD"]
    assert narrow["capacity"].tolist() == [24, 4]
    assert narrow[["near_fields", "near_markets"]].all().all()  # widening either helps


def test_between_two_cuts_all_is_as_narrow() -> None:
    chain = pipes(("a>b", 5), ("b>c", 9), ("c>d", 5),
                  a=("AAA", "field"), b=("AAA", "junction"), c=("BBB", "junction"), d=("BBB", "city"))  # fmt: skip
    joint = flows(chain, origin="AAA", destination="BBB").joint
    assert joint is not None
    rows = joint[1].bottlenecks()[["link_id", "near_fields", "near_markets"]].to_numpy().tolist()
    assert rows == [["a>b", True, False], ["c>d", False, True]]


def test_spare_capacity_of_the_least_length_assignment() -> None:
    joint = flows(shared(), origin="AAA", destination="DDD").joint
    assert joint is not None
    links = joint[1].links().set_index("link_id")
    assert links["flow"].to_dict() == {"f>j": 20, "j>k": 20, "k>m": 20, "f>m": 4}
    assert links["spare"].to_dict() == {"f>j": 0, "j>k": 4, "k>m": 10, "f>m": 0}
    assert links.loc["k>m", "used_percent"] == pytest.approx(100 * 20 / 30)


def test_a_two_way_pipe_carries_one_way_at_a_time() -> None:
    network = pipes(
        ("f-j", 6), ("m-j", 8), f=("AAA", "field"), j=("CCC", "junction"), m=("DDD", "city")
    )
    joint = flows(network, origin="AAA", destination="DDD").joint
    assert joint is not None
    # the link m–j is used from j to m: against its direction, so negative
    assert joint[1].by_link.tolist() == [6, -6]
    assert joint[1].links()["flow"].tolist() == [6, 6]


def test_what_is_lost_when_one_link_crossing_or_country_shuts() -> None:
    found = flows(shared(), destination="DDD")
    assert found.joint is not None
    losses = found.joint[1].losses(found.spared)
    lost = {(r.kind, r.country): r.lost for r in losses.itertuples()}
    assert lost["country", "CCC"] == 24  # transit: only f–m is left
    assert lost["country", "AAA"] == 18  # BBB alone brings 10 of 28
    assert lost["country", "BBB"] == 4  # AAA fills 20 of the 24 that are shared
    assert lost["link", "CCC"] == 24  # j–k
    assert lost["crossing", "CCC–DDD"] == 24
    assert lost["crossing", "AAA–DDD"] == 4
    assert ("country", "DDD") not in lost  # the market itself is not shut
    assert losses["lost"].is_monotonic_decreasing
    assert losses["lost_percent"].iloc[0] == pytest.approx(100 * 24 / 28)


def test_suppliers_that_share_a_pipe_split_it_by_shapley_values() -> None:
    lines = Pipelines(shared(), "gas")
    ends = [country_end(lines.network, c) for c in ("AAA", "BBB", "DDD")]
    shares = supplier_shares(lines, ends[:2], ends[2])
    # alone 24 and 10, together 28: AAA (24 + 18) / 2, BBB (10 + 4) / 2
    assert shares == {"AAA": 21, "BBB": 7}
    supply = flows(shared()).supply.set_index("country").loc["DDD"]
    assert supply["after_hhi"] == pytest.approx(concentration([21, 7])) == pytest.approx(0.625)
    assert (supply["after_suppliers"], supply["after_worst_country"]) == (2, "CCC")


def test_a_link_without_capacity_makes_an_upper_bound_or_no_answer() -> None:
    places = {"f": ("AAA", "field"), "j": ("CCC", "junction"), "m": ("DDD", "city")}
    certain = flows(pipes(("f>j", 5), ("j>m", None), ("f>m", 7), **places)).pairs
    assert (certain["after"][0], certain["after_status"][0]) == (12, "at most")
    found = flows(pipes(("f>j", None), ("j>m", None), ("f>m", 7), **places))
    assert found.pairs["after_status"][0] == "no limit stated"
    answer = found.as_dict()
    assert answer["pairs"][0]["after"] is None
    assert answer["links_without_capacity"] == ["f>j", "j>m"]
    beside = flows(pipes(("f>m", 5), ("j>m", None), **places)).pairs  # not needed: certain
    assert (beside["after"][0], beside["after_status"][0]) == (5, "flow")


def test_no_path_is_a_word_and_a_shut_pipe_a_zero() -> None:
    places = {"f": ("AAA", "field"), "j": ("CCC", "junction"), "m": ("DDD", "city")}
    apart = flows(pipes(("f>j", 5), ("m>j", 5), **places))
    assert apart.pairs["after_status"].tolist() == ["no path"]
    assert apart.as_dict()["pairs"][0]["after"] is None
    assert apart.telling is None
    shut = flows(pipes(("f>j", 5), ("j>m", 0), **places)).pairs
    assert (shut["after"][0], shut["after_status"][0]) == (0, "flow")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"commodity": "gass"}, "unknown commodity 'gass'. Did you mean 'gas'?"),
        ({"commodity": "oil"}, "no oil pipeline is open in this network"),
        (
            {"origin": "DDD"},
            "no field of DDD lies at a gas pipeline. Countries that have one: AAA, BBB",
        ),
        ({"destination": "AAA"}, "no market (city, port or terminal) of AAA lies at"),
        ({"origin": "f", "destination": "F"}, "begins and ends at the same place"),
    ],
)
def test_questions_without_an_answer_are_refused(options: dict[str, str], message: str) -> None:
    with pytest.raises(sco.InputError) as refused:
        flows(shared(), **options)
    assert message in str(refused.value)


def test_a_commodity_without_any_capacity_is_refused() -> None:
    network = pipes(("f>m", None), f=("AAA", "field"), m=("DDD", "city"))
    with pytest.raises(sco.InputError, match="no gas pipeline states a capacity"):
        flows(network)


def test_both_ends_are_checked_at_once(base: sco.Network) -> None:
    with pytest.raises(sco.InputError) as refused:
        flows(base, origin="Turkmenstan", destination="Karachy")
    text = str(refused.value)
    assert "unknown country or place 'Turkmenstan'. Did you mean 'Turkmenistan'?" in text
    assert "Did you mean 'Karachi'" in text
    with pytest.raises(sco.InputError, match="Kabul lies at no gas pipeline"):
        flows(base, origin="TKM", destination="Kabul")


def packaged(name: str) -> sco.Scenario:
    return sco.Scenario.load(name, ROOT / "scenarios")


@pytest.mark.parametrize(
    ("scenario", "origin", "destination", "before", "after"),
    [
        # published capacities: TAPI 33, Iran–Pakistan 7.75, Line D 30, Power of Siberia 2 50,
        # Central Asia–China A–C 55, all billion m³ a year
        ("tapi-pipeline", "galkynysh", "fazilka", np.nan, 33),
        ("tapi-pipeline", "TKM", "PAK", np.nan, 33),
        ("tapi-pipeline", "TKM", "Bathinda", np.nan, 14),  # India's share
        ("iran-pakistan-pipeline", "Iran", "Pakistan", np.nan, 7.75),
        ("central-asia-china-line-d", "TKM", "CHN", 55, 85),
        ("power-of-siberia-2", "urengoy", "erenhot", np.nan, 50),
        ("power-of-siberia-2", "chayanda", "CHN", 38, 38),
        ("power-of-siberia-2", "RUS", "MNG", np.nan, 50),
    ],
)
def test_published_capacities_come_out(
    base: sco.Network, scenario: str, origin: str, destination: str, before: float, after: float
) -> None:
    row = flows(base, packaged(scenario), origin=origin, destination=destination).pairs.iloc[0]
    assert (row["before"], row["after"]) == pytest.approx((before, after), nan_ok=True)


def test_two_pipelines_to_one_country_lower_its_dependence(base: sco.Network) -> None:
    both = [packaged("tapi-pipeline"), packaged("iran-pakistan-pipeline")]
    row = sco.flows(base, both, destination="PAK").supply.iloc[0]
    assert row["after_flow"] == pytest.approx(40.75)
    assert row["after_hhi"] == pytest.approx((33**2 + 7.75**2) / 40.75**2)
    assert row["after_worst_country"] == "Afghanistan"
    assert np.isnan(row["before_hhi"])


def test_the_picture_shows_the_published_promise(base: sco.Network) -> None:
    telling = flows(base, packaged("tapi-pipeline")).telling
    assert telling is not None
    assert telling.origin is not None
    assert telling.destination is not None
    assert (telling.origin.id, telling.destination.id) == ("galkynysh", "fazilka")


def test_without_a_promise_the_picture_shows_the_largest_flow() -> None:
    found = flows(shared())
    assert found.telling is not None
    ends = (found.telling.origin, found.telling.destination)
    assert [end.id for end in ends if end] == ["AAA", "DDD"]  # 24, and BBB brings 10
    asked = flows(shared(), destination="DDD")
    assert asked.telling is asked


PIPES = LINKS + (
    "g1,Gas main,b,c,true,gas,,100,,,,,12.5,bcm_y,operating,,survey,A,\n"
    "g2,Gas main,c,d,true,gas,,10,,,,,12.5,bcm_y,operating,,survey,A,\n"
)
FIELD = NODES.replace("b,Beta,AAA,61.0,40.0,city", "b,Beta,AAA,61.0,40.0,field")
LOOP = """scenario: second-line
title: A second line
kind: pipeline
sources: [survey]
add:
  links:
    - {link_id: g3, name: Second line, from_node_id: d, to_node_id: e, mode: gas, directed: true,
       length_km: 200, capacity_value: 4, capacity_unit: bcm_y}
"""


@pytest.fixture
def piped(tmp_path: Path) -> Path:
    """The small study with a gas main that a scenario leads on to Epsilon."""
    folder = write_study(tmp_path / "piped", links=PIPES, nodes=FIELD)
    crossings = folder / "data/crossings.csv"
    crossings.write_text(crossings.read_text() + "cd-gas,Gamma,c,d,gas,0,0,open,survey,A,\n")
    (folder / "scenarios/second-line.yaml").write_text(LOOP)
    return folder


def test_the_command_answers_in_words_json_and_a_picture(piped: Path) -> None:
    done = sco_network(
        "flows", "second-line", "--from", "Aland", "--to", "Epsilon", "--plot", "f.png", cwd=piped
    )
    assert done.returncode == 0, done.stderr
    assert "Aland → Epsilon: no path before, 4 bcm/y after" in done.stdout
    assert "Second line: Delta Border – Epsilon" in done.stdout
    assert "states no production" in done.stdout
    assert (piped / "f.png").stat().st_size > 10_000


def test_no_path_ends_the_command_with_exit_code_one(piped: Path) -> None:
    done = sco_network("flows", "--from", "d", "--to", "b", "--json", cwd=piped)
    assert done.returncode == 1
    (answer,) = json.loads(done.stdout)
    assert answer["pairs"] == [
        {
            "from": "d", "to": "b", "before": None, "before_status": "no path",
            "after": None, "after_status": "no path", "change": 0.0,
        }
    ]  # fmt: skip
    assert (answer["unit"], answer["after"]["flow"], answer["after"]["links"]) == (
        "bcm/y",
        None,
        [],
    )
