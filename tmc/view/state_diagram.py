"""The state diagram of a machine as SVG: laid out by Graphviz, drawn here.

What a page may want to light has an id: states are ``state-0``, ``state-1`` …, ``state-accept`` and ``state-reject``, transitions
``transition-0`` …, in the table's order. All transitions between two states share one line: a group of the class ``edge``, whose
attribute ``data-transitions`` lists them. Colours come from classes only; the class ``lit``, on a state, an edge or a transition,
marks it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from math import hypot
from typing import Any

from tmc.diagnostics import Rejected
from tmc.ir.table import Table, Transition
from tmc.view.graphviz import laid_out
from tmc.view.svg import Look, Theme, document, element, group, mono_width, number, sans_width, text
from tmc.view.table import edges_read, moved, symbols_read, written
from tmc.width import visible

NAME, LABEL = 13.0, 10.0  # sizes of fonts
LINE = 12.0  # from one line of a label to the next
ROUND = 46.0  # a halting state
BESIDE = 8.0  # from an edge to its label
LOOP = 34.0  # how far a loop goes out
ROOM = 28.0  # left of a loop's label, for the loop
GAP, RANKS = 0.24, 0.55  # inches between nodes, and between ranks
MARGIN = 16.0
WIDEST, LONGEST = 48, 12  # characters of a line, lines of a label: what is more is cut, and shown when it is pointed at
POINTS = 72.0  # of an inch
CROWDED = 120  # edges, from which on they have no labels: all is said when one is pointed at
MOST = 1000  # edges of a diagram: more are black, and take Graphviz minutes
HURRY = 'nslimit="2", mclimit="0.3", splines="line", '  # so that Graphviz comes to an end with a crowd

LOOKS = (
    Look(".box", "fill: #dbe9f6; stroke: #4d5a68", "fill: #22384e; stroke: #8fa6bd"),
    Look(".accept .box", "fill: #d9efd9", "fill: #21452a"),
    Look(".reject .box", "fill: #f8d7d4", "fill: #562a28"),
    Look(".ring", "fill: none; stroke: #4d5a68", "stroke: #8fa6bd"),
    Look(".line", "fill: none; stroke: #4d5a68", "stroke: #9aa6b2"),
    Look(".arrow, .tmc-states .dot", "fill: #4d5a68", "fill: #9aa6b2"),
    Look(".lit .line", "stroke: #c2410c; stroke-width: 2.2", "stroke: #fb923c"),
    Look(".lit .arrow", "fill: #c2410c", "fill: #fb923c"),
    Look(".lit .box", "stroke: #c2410c; stroke-width: 2.5", "stroke: #fb923c"),
    Look("text.lit", "fill: #c2410c; font-weight: bold", "fill: #fb923c"),
)


@dataclass(frozen=True, slots=True)
class SharedAction:
    """Transitions between two states that do the same: the number and the condition of each, and what they do."""

    conditions: tuple[tuple[int, str], ...]
    does: str

    def lines(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """The lines of a label, each with the transitions that it is said of."""
        for index, condition in self.conditions:
            yield condition, (index,)
        if self.does:
            yield f"   {self.does}", tuple(index for index, _ in self.conditions)


@dataclass(frozen=True, slots=True)
class StateEdge:
    """All transitions from one state to another, or to a halting state; `crowded` if it is one of many."""

    state: int
    target: int
    actions: tuple[SharedAction, ...]
    crowded: bool

    @property
    def transitions(self) -> tuple[int, ...]:
        """Their numbers."""
        return tuple(sorted(index for action in self.actions for index, _ in action.conditions))

    def lines(self) -> list[tuple[str, tuple[int, ...]]]:
        """The label."""
        return [line for action in self.actions for line in action.lines()]

    def shown(self) -> list[tuple[str, tuple[int, ...]]]:
        """The label, cut where it is too long, and nothing in a crowd."""
        if self.crowded:
            return []
        lines = [(line if len(line) <= WIDEST else line[: WIDEST - 1] + "…", said) for line, said in self.lines()]
        if len(lines) <= LONGEST:
            return lines
        return [*lines[: LONGEST - 1], (f"… {len(lines) - LONGEST + 1} more lines", ())]


def state_edges(table: Table) -> list[StateEdge]:
    """The edges of the diagram, in the order of the table."""
    bundles: dict[tuple[int, int], list[int]] = {}
    for index, transition in enumerate(table.transitions):
        bundles.setdefault((transition.state, transition.target), []).append(index)
    return [StateEdge(*ends, tuple(_actions(table, bundle)), len(bundles) > CROWDED) for ends, bundle in bundles.items()]


def _actions(table: Table, bundle: list[int]) -> Iterator[SharedAction]:
    alike: dict[str, list[tuple[int, str]]] = {}
    for index in bundle:
        transition = table.transitions[index]
        alike.setdefault(action(table, transition), []).append((index, condition(table, transition)))
    return (SharedAction(tuple(conditions), does) for does, conditions in alike.items())


def condition(table: Table, transition: Transition) -> str:
    """When a transition is taken, in the words of the language, such as ``on 0|1 at bottom``."""
    symbols, edges = symbols_read(table, transition), edges_read(transition)
    on = f"on {symbols.removesuffix(', *')}" if set(symbols) - set("*, ") else ""
    at = f"at {edges}" if edges else ""
    return " ".join(part for part in (on, at) if part) or "always"


def action(table: Table, transition: Transition) -> str:
    """What a transition does, such as ``write 0  move right``."""
    pairs = (("write", written(table, transition)), ("move", moved(table, transition)))
    return "  ".join(f"{verb} {items.removesuffix(', .')}" for verb, items in pairs if set(items) - set("., "))


def state_diagram(table: Table, lit: Collection[int] = (), theme: Theme = "auto", *, ids: bool = True) -> str:
    """The state diagram, an SVG document; the transitions `lit` are marked. Raises `Rejected` if Graphviz is missing, or
    for too many edges.

    Without `ids` nothing has an id: for a page that shows several diagrams.
    """
    edges = state_edges(table)
    if len(edges) > MOST:
        raise Rejected(
            f"the state diagram of {table.name} has {len(edges)} edges, and more than {MOST} cannot be told apart; "
            "write the graph as .graphml, for a program that shows parts of it"
        )
    places = _placed(table, edges)
    width, height = places.size
    body = [_entered(places), *(_edge(table, edge, places, lit, ids) for edge in edges)]
    body += [_state(table, number, places, edges, lit, ids) for number in _nodes(table)]
    inner = group(*body, transform=f"translate({number(MARGIN)} {number(MARGIN)})")
    about = f"The state diagram of {table.name}: {table.sizes}, beginning in {table.states[table.start]}."
    size = width + 2 * MARGIN, height + 2 * MARGIN
    return document("states", size, f"State diagram of {table.name}", about, [inner], LOOKS, theme)


def _nodes(table: Table) -> list[int]:
    """States, and the halting states that are used."""
    return [*range(len(table.states)), *sorted({each.target for each in table.transitions if each.halts}, reverse=True)]


def _size(table: Table, state: int) -> tuple[float, float]:
    return (ROUND, ROUND) if state < 0 else (max(46.0, sans_width(table.states[state], NAME) + 24), 30.0)


def _label(edge: StateEdge) -> tuple[float, float]:
    """How large the label of an edge is, with the room beside it."""
    lines = edge.shown()
    return max((mono_width(line, LABEL) for line, _ in lines), default=0.0) + BESIDE, LINE * max(1, len(lines))


def _placed(table: Table, edges: list[StateEdge]) -> _Places:
    """Where everything is. A loop that another state has come to stand on is laid out again as Graphviz itself places loops."""
    own: frozenset[int] = frozenset()
    while True:
        places = _Places(laid_out(_dot(table, edges, own)))
        covered = {edge.state for edge in edges if edge.state == edge.target and places.is_covered(edge.state)}
        if not covered:
            return places
        own |= covered


def _dot(table: Table, edges: list[StateEdge], own: Collection[int]) -> str:
    """What Graphviz lays out: boxes of these sizes. The label of a loop is a node of its own, held beside the state, so that no
    edge runs between them; but not that of the states `own`, whose loops are edges as others are."""
    hurry = HURRY if any(edge.crowded for edge in edges) else ""
    lines = ["digraph {", f'graph [{hurry}nodesep="{GAP}", ranksep="{RANKS}"]; node [fixedsize=true, label=""];']
    for state in _nodes(table):
        wide, high = _size(table, state)
        shape = "circle" if state < 0 else "box"
        lines.append(f'"{state}" [shape={shape}, width="{number(wide / POINTS)}", height="{number(high / POINTS)}"];')
    lines += ["start [shape=circle, width=0.16, height=0.16];", f'start -> "{table.start}";']
    for edge in edges:
        wide, high = _label(edge)
        if edge.state == edge.target and edge.state not in own:
            size = f'width="{number((wide + ROOM) / POINTS)}", height="{number(high / POINTS)}"'
            lines.append(f'"loop {edge.state}" [shape=box, {size}];')
            lines.append(f'{{ rank=same; "{edge.state}" -> "loop {edge.state}" [weight=1000]; }}')
        elif edge.crowded:
            lines.append(f'"{edge.state}" -> "{edge.target}" [arrowsize="0.7"];')
        else:
            wide += LOOP * (edge.state == edge.target)
            cell = f'<TD FIXEDSIZE="TRUE" WIDTH="{wide:.0f}" HEIGHT="{high:.0f}"></TD>'
            table_of_one = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>{cell}</TR></TABLE>'
            lines.append(f'"{edge.state}" -> "{edge.target}" [label=<{table_of_one}>, arrowsize="0.7"];')
    return "\n".join([*lines, "}"])


class _Places:
    """Where Graphviz has put things: points with y downwards."""

    def __init__(self, graph: dict[str, Any]) -> None:
        width, self._height = map(float, graph["bb"].split(",")[2:])
        self.size = width, self._height
        objects = graph["objects"]
        names = {item["_gvid"]: item["name"] for item in objects}
        self.nodes = {item["name"]: self._point(item["pos"]) for item in objects if "pos" in item}
        self.edges = {(names[edge["tail"]], names[edge["head"]]): edge for edge in graph["edges"]}

    def _point(self, written: str) -> tuple[float, float]:
        x, y = map(float, written.split(","))
        return x, self._height - y

    def is_covered(self, state: int) -> bool:
        """Whether something stands between a state and the label of its loop."""
        if f"loop {state}" not in self.nodes:
            return False
        (left, y), (right, _) = self.nodes[str(state)], self.nodes[f"loop {state}"]
        return right < left or any(left < x < right and at == y for x, at in self.nodes.values())

    def line(self, tail: str, head: str) -> tuple[list[tuple[float, float]], tuple[float, float]]:
        """The points of a Bézier curve, and where the arrow's tip is."""
        tip, *points = self.edges[tail, head]["pos"].split()
        return [self._point(point) for point in points], self._point(tip.removeprefix("e,"))

    def label(self, tail: str, head: str) -> tuple[float, float]:
        """The middle of an edge's label."""
        return self._point(self.edges[tail, head]["lp"])


def _entered(places: _Places) -> str:
    """The dot from which an arrow leads to the first state."""
    x, y = places.nodes["start"]
    head = next(head for tail, head in places.edges if tail == "start")
    return group(element("circle", class_="dot", cx=x, cy=y, r=5.8), *_curve(*places.line("start", head)), class_="start")


def _curve(points: list[tuple[float, float]], tip: tuple[float, float]) -> tuple[str, str]:
    shown = [f"{number(x)},{number(y)}" for x, y in points]
    path = f"M{shown[0]} C{' '.join(shown[1:])}"
    return element("path", class_="line", d=path), _arrow(points[-1], tip)


def _arrow(foot: tuple[float, float], tip: tuple[float, float]) -> str:
    dx, dy = tip[0] - foot[0], tip[1] - foot[1]
    length = hypot(dx, dy) or 1.0
    across = (-dy / length * 2.6, dx / length * 2.6)
    corners = (foot[0] + across[0], foot[1] + across[1]), tip, (foot[0] - across[0], foot[1] - across[1])
    return element("path", class_="arrow", d=f"M{' L'.join(f'{number(x)},{number(y)}' for x, y in corners)} Z")


def _edge(table: Table, edge: StateEdge, places: _Places, lit: Collection[int], ids: bool) -> str:
    state, target = str(edge.state), str(edge.target)
    wide, high = _label(edge)
    if edge.state == edge.target:
        x, y = places.nodes[state]
        side = x + _size(table, edge.state)[0] / 2
        points = [(side, y - 9), (side + LOOP, y - 18), (side + LOOP, y + 9), (side + 6.6, y + 2.2)]
        line, left, middle = _curve(points, (side, y + 1)), side + LOOP, y
    else:
        line = _curve(*places.line(state, target))
        x, middle = (0.0, 0.0) if edge.crowded else places.label(state, target)
        left = x - wide / 2 + BESIDE
    top = middle - high / 2 + LINE * 0.78
    lines = [_line(*line, (left, top + LINE * row), lit, ids) for row, line in enumerate(edge.shown())]
    ends = f"{table.states[edge.state]} → {table.target_name(edge.target)}"
    whole = "\n".join([f"{ends}:", *(content for content, _ in edge.lines())])
    numbers = " ".join(map(str, edge.transitions))
    marked = "edge lit" if set(edge.transitions) & set(lit) else "edge"
    return group(*line, *lines, class_=marked, data_transitions=numbers, title=whole)


def _line(content: str, said: tuple[int, ...], place: tuple[float, float], lit: Collection[int], ids: bool) -> str:
    """A line of a label. A condition bears the id of its transition; what is done, indented, may be done by several."""
    marked = "mono transition lit" if set(said) & set(lit) else "mono transition"
    ident = f"transition-{said[0]}" if ids and said and not content.startswith(" ") else None
    return text(content, *place, LABEL, class_=marked, id=ident, data_transitions=" ".join(map(str, said)) or None)


def _state(table: Table, state: int, places: _Places, edges: list[StateEdge], lit: Collection[int], ids: bool) -> str:
    (x, y), (wide, high) = places.nodes[str(state)], _size(table, state)
    name = table.target_name(state)
    if state < 0:
        shape = [
            element("circle", class_="box", cx=x, cy=y, r=wide / 2),
            element("circle", class_="ring", cx=x, cy=y, r=wide / 2 - 3),
        ]
    else:
        box = {"x": x - wide / 2, "y": y - high / 2, "width": wide, "height": high, "rx": 9.0}
        shape = [element("rect", class_="box", **box)]
    shown = text(name, x, y + NAME * 0.36, NAME if state >= 0 else NAME - 1.5, text_anchor="middle")
    kind = "state" if state >= 0 else f"state {name}"
    entered = any(edge.target == state and set(edge.transitions) & set(lit) for edge in edges)
    ident = f"state-{state if state >= 0 else name}" if ids else None
    return group(*shape, shown, class_=f"{kind} lit" if entered else kind, id=ident, data_state=visible(name))
