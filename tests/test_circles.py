"""Circles: as networkx finds them, in an order in which ways only lead on."""

from __future__ import annotations

import doctest
from random import Random

import networkx as nx
import pytest

from tmc.automaton import components as module
from tmc.automaton.components import circles


@pytest.mark.parametrize("nodes", [0, 1, 3, 8, 20])
def test_random_graphs(nodes: int) -> None:
    random = Random(nodes)
    for _ in range(60):
        ways = {node: random.choices(range(nodes), k=random.randint(0, 2)) for node in range(nodes)}
        found = circles(ways)
        assert {frozenset(circle) for circle in found} == set(map(frozenset, nx.strongly_connected_components(nx.DiGraph(ways))))
        place = {node: number for number, circle in enumerate(found) for node in circle}
        assert len(place) == sum(map(len, found)) == nodes
        assert all(place[node] <= place[after] for node, afters in ways.items() for after in afters)


def test_a_long_way() -> None:
    assert len(circles({node: [node + 1] if node < 5000 else [] for node in range(5001)})) == 5001
    assert len(circles({node: [(node + 1) % 5001] for node in range(5001)})) == 1


def test_the_example() -> None:
    assert doctest.testmod(module, raise_on_error=True).attempted == 1
