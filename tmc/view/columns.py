"""Graphs in columns, from left to right, as SVG: what is drawn of rules and of filters.

One path through the graph may be lit: the names of its nodes are shown, and its edges lie above the others, which are faint.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tmc.view.svg import Look, element, group, mono_width, number, text

SIZE = 10.0  # of fonts, at most
SMALLEST = 8.0
BOX = 14.0  # a node, at most so high
TOP = 22.0  # the headings of columns
NAMED = 40  # lit nodes of a column whose names are beside them, at most
LOWEST = 180.0  # a column, at least
CONTENT = 16.0  # the room beside a node's name

LOOKS = (
    Look(".node", "fill: #eef1f4; stroke: #8b949e", "fill: #262c33; stroke: #6e7681"),
    Look(".own", "fill: #dbe9f6", "fill: #22384e"),
    Look(".neighbour", "fill: #e6dff1", "fill: #3a3050"),
    Look(".written", "fill: #d9efd9", "fill: #21452a"),
    Look(".decoding, .tmc-rules .steps, .tmc-filters .steps", "fill: #e8e8e8", "fill: #2d333b"),
    Look(".transition, .tmc-filters .conjunctions", "fill: #fdebd0", "fill: #4a3a1f"),
    Look(".travel, .tmc-filters .output", "fill: #f8d7d4", "fill: #562a28"),
    Look(".edge", "fill: none; stroke: #6b7c93; stroke-width: 0.7; stroke-opacity: 0.35", "stroke: #93a3b5"),
    Look(".plus", "stroke: #2b6cb0", "stroke: #74b3f2"),
    Look(".minus", "stroke: #c0392b", "stroke: #ff8a7a"),
    Look(".writes", "stroke: #3f9b5a", "stroke: #69c882"),
    Look(".copies", "stroke: #8e6bbf; stroke-dasharray: 4 3", "stroke: #b79ae0"),
    Look(".behind .edge", "stroke-opacity: 0.13", "stroke-opacity: 0.16"),
    Look(".edge.lit", "stroke-width: 1.7; stroke-opacity: 0.95", "stroke-opacity: 0.95"),
    Look(".node.lit", "stroke: #c2410c; stroke-width: 1.8", "stroke: #fb923c"),
    Look(".halo", "fill: #ffffff; fill-opacity: 0.85", "fill: #16191d; fill-opacity: 0.85"),
    Look("text.lit", "font-weight: bold"),
    Look("text.name", "font-weight: bold"),
)


@dataclass(frozen=True, slots=True)
class Node:
    """A node: what it is called, its class, what a reader is told who points at it, and whether its name is shown whatever room
    there is."""

    key: str
    label: str
    kind: str
    title: str = ""
    lit: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """From one node to another, of a class; `label` is written beside its end if it is lit."""

    source: str
    target: str
    kind: str
    lit: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """Nodes below each other, all equally wide, under a heading. `names`: groups of neighbouring nodes with one name for all, each
    the number of nodes and the name, written beside them. `sorted`: whether nodes are put near those that they are joined with."""

    heading: str
    nodes: Sequence[Node]
    width: float
    names: Sequence[tuple[int, str]] = ()
    sorted: bool = False


def columns_graph(
    columns: Sequence[Column], edges: Sequence[Link], gap: float, left: float, top: float
) -> tuple[list[str], float, float]:
    """The elements of a graph whose first column begins at `left`, and how far it reaches to the right and down."""
    height = max(LOWEST, *(_high(column) for column in columns))
    order = _sorted(columns, edges)
    places, parts, x = dict[str, tuple[float, float, float]](), [], left
    for column, nodes in zip(columns, order, strict=True):
        parts.append(text(column.heading, x, top + 8, SIZE, class_="faint"))
        pitch = height / max(1, len(nodes))
        for index, node in enumerate(nodes):
            places[node.key] = x, top + TOP + (index + 0.5) * pitch, column.width
        x += column.width + gap
    lines = _edges(edges, places)
    for column, nodes in zip(columns, order, strict=True):
        parts += _column(column, nodes, places, height / max(1, len(nodes)))
    return [*lines, *parts, *_labels(edges, places)], x - gap, top + TOP + height


def _high(column: Column) -> float:
    """How high a column should be: names need room, other nodes little."""
    named = column.width > CONTENT
    return len(column.nodes) * (BOX + 2.5 if named else 4.0)


def _sorted(columns: Sequence[Column], edges: Sequence[Link]) -> list[Sequence[Node]]:
    """The nodes of each column, those of `sorted` ones by the mean of where their neighbours are."""
    joined: dict[str, list[str]] = {}
    for edge in edges:
        joined.setdefault(edge.source, []).append(edge.target)
        joined.setdefault(edge.target, []).append(edge.source)
    order: list[Sequence[Node]] = [column.nodes for column in columns]
    for _ in range(4):
        where = {node.key: (index + 0.5) / len(nodes) for nodes in order for index, node in enumerate(nodes)}
        order = [
            sorted(nodes, key=lambda node: _mean(joined.get(node.key, []), where)) if column.sorted else nodes
            for column, nodes in zip(columns, order, strict=True)
        ]
    return order


def _mean(keys: Sequence[str], where: Mapping[str, float]) -> float:
    return round(sum(where[key] for key in keys) / len(keys), 9) if keys else 1.0


def _edges(edges: Sequence[Link], places: Mapping[str, tuple[float, float, float]]) -> list[str]:
    """The faint edges as one path for each class, then the lit ones one by one."""
    kinds: dict[str, list[str]] = {}
    lit = []
    for edge in edges:
        curve = _curve(places[edge.source], places[edge.target])
        if edge.lit:
            lit.append(element("path", class_=f"edge {edge.kind} lit", d=curve))
        else:
            kinds.setdefault(edge.kind, []).append(curve)
    faint = [element("path", class_=f"edge {kind}", d=" ".join(curves)) for kind, curves in sorted(kinds.items())]
    return [group(*faint, class_="behind" if lit else "all"), *lit]


def _curve(source: tuple[float, float, float], target: tuple[float, float, float]) -> str:
    (x, y, width), (end, level, _) = source, target
    begin = x + width
    bend = (end - begin) * 0.5
    points = ((begin + bend, y), (end - bend, level), (end, level))
    return f"M{number(round(begin, 1))},{number(round(y, 1))} C" + " ".join(
        f"{number(round(a, 1))},{number(round(b, 1))}" for a, b in points
    )


def _column(column: Column, nodes: Sequence[Node], places: Mapping[str, tuple[float, float, float]], pitch: float) -> Iterable[str]:
    high = max(2.0, min(BOX, pitch - (2 if pitch > 6 else 0.8)))
    inside = column.width > CONTENT and high >= SMALLEST
    for node in nodes:
        x, y, width = places[node.key]
        kind = f"node {node.kind} lit" if node.lit else f"node {node.kind}"
        box = element("rect", class_=kind, x=x, y=y - high / 2, width=width, height=high, rx=2.0)
        name = text(node.label, x + 5, y + SIZE * 0.34, min(SIZE, high - 2), class_="mono") if inside else ""
        yield group(box, name, title=node.title or node.label)
    if not inside:
        lit = [(places[node.key], node.label, True) for node in nodes if node.lit]
        yield from _beside(lit if len(lit) <= NAMED else [])
        yield from _beside(list(_of_groups(column, nodes, places, pitch)))


def _of_groups(
    column: Column, nodes: Sequence[Node], places: Mapping[str, tuple[float, float, float]], pitch: float
) -> Iterable[tuple[tuple[float, float, float], str, bool]]:
    """The names of groups of nodes, if none is lit, and each as far as it has room."""
    if any(node.lit for node in nodes):
        return
    begin, free = 0, -1e9
    for size, name in column.names:
        x, y, width = places[nodes[begin].key]
        middle = y + (size - 1) * pitch / 2
        begin += size
        if middle - free >= SMALLEST:
            free = middle
            yield (x, middle, width), name, False


def _beside(named: Sequence[tuple[tuple[float, float, float], str, bool]]) -> Iterable[str]:
    """Names to the right of nodes, on a ground that hides what is behind; moved down where they would stand on each other."""
    last = -1e9
    for (x, y, width), name, lit in named:
        level = max(y, last + SMALLEST + 1.5)
        last = level
        yield element(
            "rect",
            class_="halo",
            x=x + width + 2,
            y=level - SMALLEST / 2 - 0.5,
            width=mono_width(name, SMALLEST) + 4,
            height=SMALLEST + 1,
        )
        yield text(name, x + width + 4, level + SMALLEST * 0.34, SMALLEST, class_="mono lit" if lit else "mono")


def _labels(edges: Sequence[Link], places: Mapping[str, tuple[float, float, float]]) -> Iterable[str]:
    """What is written on lit edges: beside where they begin."""
    taken: dict[str, int] = {}
    for edge in edges:
        if edge.lit and edge.label:
            x, y, width = places[edge.source]
            row = taken.get(edge.source, 0)
            taken[edge.source] = row + 1
            level = y + row * (SMALLEST + 1)
            yield element(
                "rect", class_="halo", x=x + width + 3, y=level - 5, width=mono_width(edge.label, SMALLEST) + 4, height=SMALLEST + 2
            )
            yield text(edge.label, x + width + 5, level + SMALLEST * 0.34, SMALLEST, class_="mono lit")
