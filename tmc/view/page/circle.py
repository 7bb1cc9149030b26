"""The state diagram without Graphviz: states on a circle, edges as arcs, under the same ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from math import cos, hypot, pi, sin

from tmc.ir.table import Table, Transition
from tmc.view.page.labels import Edge, conditions, node_id
from tmc.width import width_of

Point = tuple[float, float]
APART, HEIGHT, LETTER, LINE = 130.0, 28.0, 7.0, 12.0  # points: between states, of a state, of a letter and of a line of text
BEND, LOOP = 0.18, 46.0  # how far an arc bends, as a share of its length; how far a loop reaches
MARGIN = 150.0


def on_a_circle(table: Table, edges: Mapping[Edge, list[Transition]]) -> str:
    """The picture as SVG."""
    places, radius = _places(table, edges)
    side = 2 * (radius + MARGIN)
    look = f'viewBox="0 0 {side:.0f} {side:.0f}" width="{side:.0f}pt" height="{side:.0f}pt"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {look}>']
    centre = (side / 2, side / 2)
    placed = {state: (centre[0] + x, centre[1] + y) for state, (x, y) in places.items()}
    for number, ((source, target), bundle) in enumerate(edges.items()):
        parts += _edge(number, placed[source], placed[target], centre, conditions(table, bundle))
    for state, place in placed.items():
        parts += _node(table, state, place)
    return "\n".join([*parts, "</svg>"])


def _places(table: Table, edges: Mapping[Edge, list[Transition]]) -> tuple[dict[int, Point], float]:
    """Where states stand, around (0, 0), the first one on top; and how far away."""
    halting = sorted({target for _, target in edges if target < 0}, reverse=True)
    states = [*range(len(table.states)), *halting]
    radius = max(APART, len(states) * APART / (2 * pi))
    angles = {state: 2 * pi * place / len(states) - pi / 2 for place, state in enumerate(states)}
    return {state: (radius * cos(angle), radius * sin(angle)) for state, angle in angles.items()}, radius


def _node(table: Table, state: int, place: Point) -> Iterator[str]:
    name = table.target_name(state)
    width = max(40.0, LETTER * width_of(name) + 16)
    kind = "node state" if state >= 0 else "node state halt"
    box = f'x="{place[0] - width / 2:.1f}" y="{place[1] - HEIGHT / 2:.1f}" width="{width:.1f}" height="{HEIGHT:.1f}"'
    yield f'<g id="{node_id(state)}" class="{kind}"><rect {box} rx="8" fill="none" stroke="black"/>'
    yield f"{_text(place, [name], 'sans-serif', 11)}</g>"
    if state == table.start:
        above = f'cx="{place[0]:.1f}" cy="{place[1] - HEIGHT:.1f}"'
        yield f'<g id="state-start" class="node start"><circle {above} r="4" fill="black"/></g>'


def _edge(number: int, source: Point, target: Point, centre: Point, label: list[str]) -> Iterator[str]:
    if source == target:
        path, middle, end, before = _loop(source, centre)
    else:
        path, middle, end, before = _arc(source, target)
    yield f'<g id="edge-{number}" class="edge"><path d="{path}" fill="none" stroke="black"/>'
    yield f'<polygon points="{_head(before, end)}" fill="black" stroke="black"/>{_text(middle, label, "monospace", 10)}</g>'


def _arc(source: Point, target: Point) -> tuple[str, Point, Point, Point]:
    """The path of an arc, where its label stands, its end, and a point before that."""
    (x, y), (to_x, to_y) = source, target
    control = ((x + to_x) / 2 + BEND * 2 * (to_y - y), (y + to_y) / 2 - BEND * 2 * (to_x - x))
    end = _towards(target, control, HEIGHT)
    start = _towards(source, control, HEIGHT)
    middle = ((start[0] + 2 * control[0] + end[0]) / 4, (start[1] + 2 * control[1] + end[1]) / 4)
    return f"M{_said(start)} Q{_said(control)} {_said(end)}", middle, end, control


def _loop(place: Point, centre: Point) -> tuple[str, Point, Point, Point]:
    """The same for a loop, on the outer side of its state."""
    away = _towards(place, centre, -HEIGHT / 2)
    far = _towards(place, centre, -HEIGHT / 2 - LOOP)
    across = ((far[1] - away[1]) * 0.6, (away[0] - far[0]) * 0.6)
    one, other = (far[0] + across[0], far[1] + across[1]), (far[0] - across[0], far[1] - across[1])
    start, end = (away[0] + across[0] * 0.3, away[1] + across[1] * 0.3), (away[0] - across[0] * 0.3, away[1] - across[1] * 0.3)
    return f"M{_said(start)} C{_said(one)} {_said(other)} {_said(end)}", far, end, other


def _towards(place: Point, goal: Point, far: float) -> Point:
    """So far from a place on the way to a goal."""
    length = hypot(goal[0] - place[0], goal[1] - place[1]) or 1.0
    return (place[0] + far * (goal[0] - place[0]) / length, place[1] + far * (goal[1] - place[1]) / length)


def _head(before: Point, end: Point) -> str:
    """The corners of an arrow's head."""
    base = _towards(end, before, 7)
    across = ((end[1] - base[1]) * 0.4, (base[0] - end[0]) * 0.4)
    corners = end, (base[0] + across[0], base[1] + across[1]), (base[0] - across[0], base[1] - across[1])
    return " ".join(map(_said, corners))


def _text(place: Point, lines: list[str], font: str, size: int) -> str:
    """Lines of text around a place."""
    look = f'text-anchor="middle" font-family="{font}" font-size="{size}"'
    top = place[1] - LINE * (len(lines) - 1) / 2 + size / 3
    said = (f'<text {look} x="{place[0]:.1f}" y="{top + LINE * row:.1f}">{escape(line)}</text>' for row, line in enumerate(lines))
    return "".join(said)


def _said(point: Point) -> str:
    return f"{point[0]:.1f},{point[1]:.1f}"
