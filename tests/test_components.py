"""Strongly connected components: those that networkx finds, in topological order."""

from __future__ import annotations

import doctest
from random import Random

import networkx as nx
import pytest

from tmc.automaton import components as module
from tmc.automaton.components import strong_components


@pytest.mark.parametrize("nodes", [0, 1, 3, 8, 20])
def test_random_graphs(nodes: int) -> None:
    random = Random(nodes)
    for _ in range(60):
        ways = {node: random.choices(range(nodes), k=random.randint(0, 2)) for node in range(nodes)}
        found = strong_components(ways)
        assert {frozenset(component) for component in found} == set(
            map(frozenset, nx.strongly_connected_components(nx.DiGraph(ways)))
        )
        place = {node: number for number, component in enumerate(found) for node in component}
        assert len(place) == sum(map(len, found)) == nodes
        assert all(place[node] <= place[after] for node, afters in ways.items() for after in afters)


def test_a_long_way() -> None:
    assert len(strong_components({node: [node + 1] if node < 5000 else [] for node in range(5001)})) == 5001
    assert len(strong_components({node: [(node + 1) % 5001] for node in range(5001)})) == 1


def test_the_example() -> None:
    assert doctest.testmod(module, raise_on_error=True).attempted == 1
