from __future__ import annotations

import numpy as np
import pytest
from worlds import line_network

import sco_network as sco
from sco_network.analysis.large_skim import large_skim
from sco_network.routing.states import expand


@pytest.mark.parametrize("by", ["time", "generalised"])
def test_batches_on_any_number_of_processes_give_the_same_bits(base: sco.Network, by: str) -> None:
    alone, together = (base.skim(by=by, jobs=jobs) for jobs in (1, 2))
    assert alone.terminals == together.terminals
    assert alone.matrix.tobytes() == together.matrix.tobytes()
    np.testing.assert_allclose(alone.matrix, base.skim(by=by).matrix, rtol=1e-9)


def test_a_place_that_no_mode_serves_has_no_route(small: sco.Network) -> None:
    # by road alone there is a – e; c has no road
    skim = small.skim(by="length", terminals=["c", "a", "e"], modes=["road"], jobs=2)
    inf = np.inf
    assert skim.matrix.tolist() == [[0, inf, inf], [inf, 0, 390], [inf, 390, 0]]


def test_no_terminals_make_an_empty_skim(small: sco.Network) -> None:
    assert small.skim(terminals=[], modes=["road"], jobs=1).matrix.shape == (0, 0)


def test_progress_counts_batches() -> None:
    network = line_network(*[1.0] * 99)
    seen: list[tuple[int, int, str]] = []
    ids = network.nodes.ids.tolist()
    graph = expand(network, ["road"])
    large_skim(graph, ids, "length", jobs=2, progress=lambda *what: seen.append(what))
    assert seen == [(done, 34, "2 processes") for done in range(35)]


def test_a_matrix_that_would_not_fit_is_refused_before_it_begins() -> None:
    network = line_network(1.0)
    graph = expand(network, ["road"])
    with pytest.raises(
        sco.InputError, match="a skim between 3,000,000 terminals needs .* GB are free"
    ):
        large_skim(graph, ["n0", "n1"] * 1_500_000, "length")
