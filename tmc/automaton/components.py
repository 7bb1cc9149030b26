"""The strongly connected components of a graph, in topological order."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def strong_components(edges: Mapping[Node, Sequence[Node]]) -> list[list[Node]]:
    """The strongly connected components, ordered so that no edge leads to an earlier one.

    `edges` holds for each node those that it leads to. (Kosaraju's algorithm, in linear time.) ::

        >>> strong_components({"a": ["b"], "b": ["b", "c"], "c": ["d"], "d": ["c"]})
        [['a'], ['b'], ['d', 'c']]
    """
    back: dict[Node, list[Node]] = {node: [] for node in edges}
    for node, afters in edges.items():
        for after in afters:
            back[after].append(node)
    found: set[Node] = set()
    finished = [node for start in edges for node in _reached(start, edges, found)]
    found = set()
    return [component for start in reversed(finished) if (component := _reached(start, back, found))]


def _reached(start: Node, edges: Mapping[Node, Sequence[Node]], found: set[Node]) -> list[Node]:
    """The nodes reached from a node that are not in `found`, each after those that it leads to; adds them to it."""
    if start in found:
        return []
    found.add(start)
    reached, path = [], [(start, iter(edges[start]))]
    while path:
        node, afters = path[-1]
        for after in afters:
            if after not in found:
                found.add(after)
                path.append((after, iter(edges[after])))
                break
        else:
            path.pop()
            reached.append(node)
    return reached
