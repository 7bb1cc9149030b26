"""Circles of a graph: which nodes lead to each other, and in which order one comes from circle to circle."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def circles(ways: Mapping[Node, Sequence[Node]]) -> list[list[Node]]:
    """The nodes, those together that lead to each other, in such an order that no way leads to an earlier circle.

    `ways` has all nodes as keys. (Kosaraju's algorithm: the time grows with the number of ways.) ::

        >>> circles({"a": ["b"], "b": ["b", "c"], "c": ["d"], "d": ["c"]})
        [['a'], ['b'], ['d', 'c']]
    """
    back: dict[Node, list[Node]] = {node: [] for node in ways}
    for node, afters in ways.items():
        for after in afters:
            back[after].append(node)
    found: set[Node] = set()
    finished = [node for start in ways for node in _reached(start, ways, found)]
    found = set()
    return [circle for start in reversed(finished) if (circle := _reached(start, back, found))]


def _reached(start: Node, ways: Mapping[Node, Sequence[Node]], found: set[Node]) -> list[Node]:
    """What is reached from a node and was not found before, every node after those that it leads to. They are found now."""
    if start in found:
        return []
    found.add(start)
    reached, path = [], [(start, iter(ways[start]))]
    while path:
        node, afters = path[-1]
        for after in afters:
            if after not in found:
                found.add(after)
                path.append((after, iter(ways[after])))
                break
        else:
            path.pop()
            reached.append(node)
    return reached
